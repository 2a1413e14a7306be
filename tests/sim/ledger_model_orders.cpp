// Orders in the sequential model: what a command would be answered, and the money that open orders keep.
#include <algorithm>

#include "tests/sim/content_rules.hpp"
#include "tests/sim/ledger_model.hpp"

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

order_outcome ledger_model::order_outcome_at(frame_type type, tenant_id t, const raw_record& r, time_ns now,
                                             commit_seq at) const {
  if (type == frame_type::create_orders) return created_order(t, r.as<order_record>());
  const auto action = r.as<order_action_record>();
  const order_version* v = order_at(t, action.order, at);
  if (v) return changed_order(t, action, v->row, v->from, now);
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

verdict ledger_model::order_command(frame_type type, tenant_id t, const raw_record& r, time_ns now,
                                    commit_seq at) const {
  const bool creation = type == frame_type::create_orders;
  const auto order = r.as<order_record>();
  const auto action = r.as<order_action_record>();
  const rc content = creation ? order_content(order, now) : action_content(action);
  if (content != rc::ok) return {.code = content};
  if (const model_command* c = command_at(t, r.first_id(), at)) {
    if (c->state == command_state::sealed) return {.code = rc::id_sealed};
    if (c->type != type) return {.code = rc::exists_with_different_type};
    const rc difference = creation ? compare_order(order, c->record.as<order_record>())
                                   : compare_action(action, c->record.as<order_action_record>());
    if (difference != rc::ok) return {.code = difference};
    verdict v{.code = c->code, .replayed = true, .sequence = c->sequence, .timestamp = c->timestamp};
    if (c->state == command_state::refused) v.sequence = c->as_of, v.timestamp = 0;
    return v;
  }
  const order_outcome o = order_outcome_at(type, t, r, now, at);
  return {.code = o.code != rc::ok ? o.code : postings(t, o.legs, model_view{at, at, {}, {}})};
}

void ledger_model::apply_order(const journal_event& e) {
  order_row row = e.order->order;
  if (row.created_seq == 0) row.created_seq = e.sequence;
  std::vector<order_version>& versions = orders_[{e.tenant, row.id.value}];
  u128& escrow = in_escrow_[{e.tenant, row.ledger}];
  u128& locked = frozen_[{e.tenant, row.ledger, row.user}];
  if (!versions.empty()) {
    escrow -= in_escrow(versions.back().row);
    locked -= frozen(versions.back().row);
  }
  escrow += in_escrow(row);
  locked += frozen(row);
  versions.push_back({e.sequence, row});
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
  add_account(role::user_available, o.counterparty);
  add_account(role::merchant_pending, o.merchant);
  for (role r : {role::refund_transit, role::escrow, role::fee_income}) add_account(r, 0);
}

std::string ledger_model::money_of_orders(tenant_id t, ledger_id ledger, owner_number user) const {
  const auto kept = [&](role r, owner_number owner) -> u128 {
    const model_account* a = find_account(t, chart_account(r, ledger, owner));
    return a ? a->versions.back().sums.credits_posted - a->versions.back().sums.debits_posted : 0;
  };
  const auto of = [](const auto& sums, const auto& key) {
    const auto at = sums.find(key);
    return at == sums.end() ? u128{0} : at->second;
  };
  if (kept(role::refund_transit, 0) != 0) return "money is left in refund transit";
  if (kept(role::escrow, 0) != of(in_escrow_, std::pair(t, ledger))) return "escrow is not what open orders keep there";
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
