// Orders in the sequential model: what a command would be answered, and the money that open orders keep.
#include <algorithm>

#include "tests/sim/content_rules.hpp"
#include "tests/sim/ledger_model.hpp"
#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
using role = chart_role;
}  // namespace

const order_version* ledger_model::order_at(tenant_id t, order_id id, commit_seq at) const {
  const auto found = orders_.find({t, id.value});
  if (found == orders_.end()) return nullptr;
  for (auto v = found->second.rbegin(); v != found->second.rend(); ++v)
    if (v->from <= at) return &*v;
  return nullptr;
}

order_standing ledger_model::standing(const order_version& v) const {
  order_standing s = v.standing();
  const bool asked =
      s.has_payment && s.payment.call != channel_operation::none && s.payment.due_at != 0 && !is_checking(s.payment);
  if (asked && v.from <= restart_) s.payment.due_at = 1;
  return s;
}

order_outcome ledger_model::order_outcome_at(frame_type type, tenant_id t, const raw_record& r, time_ns now,
                                             commit_seq at) const {
  if (type == frame_type::create_orders) return created_order(t, r.as<order_record>());
  const auto action = r.as<order_action_record>();
  const order_version* v = order_at(t, action.order, at);
  if (v) return changed_order(t, action, standing(*v), now);
  order_outcome out;
  out.code = rc::order_not_found;
  return out;
}

rc ledger_model::postings(tenant_id t, std::span<const transfer_record> legs, model_view view) const {
  for (const transfer_record& leg : legs) {
    transfer_record copy = leg;
    if (const rc code = check_accounts(t, copy, view); code != rc::ok) return code;
    move_on_top(t, leg, view);
  }
  return rc::ok;
}

/// What the id says: what is stored, that it differs, or (ok, not replayed) that it is new.
verdict ledger_model::known_order_command(frame_type type, tenant_id t, const raw_record& r, commit_seq at) const {
  const model_command* c = command_at(t, r.first_id(), at);
  if (c == nullptr) return {};
  if (c->state == command_state::sealed) return {.code = rc::id_sealed};
  if (c->type != type) return {.code = rc::exists_with_different_type};
  const rc difference = type == frame_type::create_orders
                            ? compare_order(r.as<order_record>(), c->record.as<order_record>())
                            : compare_action(r.as<order_action_record>(), c->record.as<order_action_record>());
  if (difference != rc::ok) return {.code = difference};
  verdict v{.code = c->code, .replayed = true, .sequence = c->sequence, .timestamp = c->timestamp};
  if (c->state == command_state::refused) v.sequence = c->as_of, v.timestamp = 0;
  return v;
}

verdict ledger_model::order_command(frame_type type, tenant_id t, const raw_record& r, time_ns now, commit_seq at,
                                    order_outcome* made) const {
  const bool creation = type == frame_type::create_orders;
  const auto order = r.as<order_record>();
  const auto action = r.as<order_action_record>();
  const rc content = creation ? order_content(order, now) : action_content(action);
  if (content != rc::ok) return {.code = content};
  if (const verdict known = known_order_command(type, t, r, at); known.code != rc::ok || known.replayed) return known;
  order_outcome o = order_outcome_at(type, t, r, now, at);
  rc code = o.code != rc::ok ? o.code : postings(t, o.legs, model_view{at, at, {}, {}});
  if (o.code == rc::ok && code != rc::ok && !creation) {  // news of what is over are not lost
    const order_version* v = order_at(t, action.order, at);
    const order_outcome unbooked = unbooked_fact(t, action, standing(*v), now);
    if (unbooked.code == rc::ok) o = unbooked, code = rc::ok;
  }
  if (made) *made = std::move(o);
  return {.code = code};
}

/// What an order keeps on the way comes, or goes.
void ledger_model::count_money(tenant_id t, const order_version& v, bool comes) {
  const order_money m = money_of(v.standing());
  order_money& all = on_the_way_[{t, v.row.ledger}];
  const auto count = [comes](u128& sum, u128 amount) { sum += comes ? amount : -amount; };
  count(all.escrow, m.escrow);
  count(all.payment_transit, m.payment_transit);
  count(all.withdraw_transit, m.withdraw_transit);
  count(all.refund_transit, m.refund_transit);
  count(all.suspense, m.suspense);
  count(frozen_[{t, v.row.ledger, v.row.user}], m.frozen);
}

void ledger_model::apply_order(const journal_event& e) {
  order_version now{e.sequence, e.order->order, nullptr};
  if (now.row.created_seq == 0) now.row.created_seq = e.sequence;
  newest_order_ = {e.tenant, now.row.id.value};
  std::vector<order_version>& versions = orders_[newest_order_];
  if (!versions.empty()) count_money(e.tenant, versions.back(), false);
  versions.push_back(now);
  count_money(e.tenant, now, true);
}

/// The payment of the order's event that stands before it.
void ledger_model::apply_payment(const journal_event& e) {
  const auto order = orders_.find(newest_order_);
  if (order == orders_.end()) return;
  order_version& v = order->second.back();
  count_money(e.tenant, v, false);
  v.payment = e.payment;
  count_money(e.tenant, v, true);
}

/// Commits at which an order's accounts changed in a way that matters: sums of limited ones, else flags.
void ledger_model::add_order_points(tenant_id t, const order_row& o, commit_seq from, commit_seq to,
                                    std::set<commit_seq, std::greater<>>& points) const {
  const auto add_account = [&](role r, owner_number owner) {
    const model_account* a = find_account(t, chart_account(r, o.ledger, owner));
    if (!a) return;
    for (std::size_t i = a->versions.size(); i-- > 0 && a->versions[i].from > from;) {
      const account_version& v = a->versions[i];
      const bool same = i > 0 && !has(v.flags, account_flags::limited) && a->versions[i - 1].flags == v.flags;
      if (v.from < to && !same) points.insert(v.from);
    }
  };
  add_account(role::user_available, o.user);
  add_account(role::user_frozen, o.user);
  add_account(role::user_coupon, o.user);
  add_account(role::user_available, o.counterparty);
  add_account(role::merchant_pending, o.merchant);
  for (owner_number channel = 1; channel <= 2; ++channel)
    for (role r : {role::channel_receivable, role::bank}) add_account(r, channel);
  for (role r : {role::payment_transit, role::withdraw_transit, role::refund_transit, role::escrow, role::suspense_long,
                 role::fee_income})
    add_account(r, 0);
}

std::string ledger_model::money_of_orders(tenant_id t, ledger_id ledger, owner_number user) const {
  const auto kept = [&](role r, owner_number owner) -> u128 {
    const model_account* a = find_account(t, chart_account(r, ledger, owner));
    return a ? a->versions.back().sums.credits_posted - a->versions.back().sums.debits_posted : 0;
  };
  const auto of = [](const auto& sums, const auto& key) {
    const auto at = sums.find(key);
    return at == sums.end() ? typename std::decay_t<decltype(sums)>::mapped_type{} : at->second;
  };
  const order_money m = of(on_the_way_, std::pair(t, ledger));
  if (kept(role::escrow, 0) != m.escrow) return "escrow is not what open orders keep there";
  if (kept(role::payment_transit, 0) != m.payment_transit) return "payment transit is not what payments have reserved";
  if (kept(role::withdraw_transit, 0) != m.withdraw_transit) return "withdraw transit is not what is being paid out";
  if (kept(role::refund_transit, 0) != m.refund_transit) return "refund transit is not what goes back";
  if (kept(role::suspense_long, 0) != m.suspense) return "suspense is not what orders know of";
  if (kept(role::user_frozen, user) != of(frozen_, std::tuple(t, ledger, user)))
    return "a user's frozen money is not what open orders keep there";
  return {};
}

std::string ledger_model::money_of_orders() const {
  for (const auto& [where, sum] : frozen_)
    if (const std::string wrong = money_of_orders(std::get<0>(where), std::get<1>(where), std::get<2>(where));
        !wrong.empty())
      return wrong;
  return {};
}

}  // namespace payloom::sim
