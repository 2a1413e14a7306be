// Linked actions on orders, and payments for several orders that are one payment at their channel (RULES.md, "Linked
// actions"): what needs no state, what each makes of its order, and what they have in common.
#include <algorithm>

#include "protocol/types/assert.hpp"
#include "tests/sim/ledger_model.hpp"
#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;

u128 asked_of_channel(const payment_row& p) { return p.amount_minor - p.balance_minor - p.coupon_minor; }

/// One order twice; or an id that would wait for itself, being claimed as both.
rc shape_of(std::span<const order_action_record> all, std::size_t i) {
  const auto earlier = all.first(i);
  const order_action_record& r = all[i];
  const auto some = [&](auto&& same) { return std::any_of(earlier.begin(), earlier.end(), same); };
  if (some([&](const auto& o) { return o.id == r.id; })) return rc::chain_id_repeated;
  const bool entangled = some(
      [&](const auto& o) { return o.order == r.order || o.order.value == r.id.value || o.id.value == r.order.value; });
  return entangled ? rc::chain_shape_unsupported : rc::ok;
}

/// The first of them that is wrong whatever the state; `action` is their number when none is.
combined_refusal wrong_in_itself(std::span<const order_action_record> all, bool open) {
  const auto n = static_cast<std::uint32_t>(all.size());
  if (n > limits::combined_orders_max) return {0, rc::chain_too_long};
  for (std::uint32_t i = 0; i < n; ++i) {
    rc code = open && i + 1 == n ? rc::linked_event_chain_open : shape_of(all, i);
    if (code == rc::ok) code = action_content(all[i]);
    if (code != rc::ok) return {i, code};
  }
  return {n, rc::ok};
}
}  // namespace

u128 part_of_moved(u128 moved, u128 before, u128 part, u128 total) {
  PAYLOOM_ASSERT(hi64(moved) == 0 && hi64(total) == 0);  // no amount here is large
  return moved * (before + part) / total - moved * before / total;
}

combined_refusal combine_outcomes(std::span<const order_action_record> actions, std::span<order_outcome> outcomes) {
  std::vector<std::uint32_t> parts;
  for (std::uint32_t i = 0; i < actions.size(); ++i) {
    const order_outcome& o = outcomes[i];
    const bool begins = o.has_payment && o.payment.call == channel_operation::pay &&
                        o.payment.payment == actions[i].id.value && o.payment.attempt == 1;
    if (begins) parts.push_back(i);
  }
  if (parts.size() < 2) return {};
  const order_outcome& first = outcomes[parts.front()];
  u128 total = 0;
  for (const std::uint32_t i : parts) {
    const order_outcome& o = outcomes[i];
    if (o.payment.channel != first.payment.channel || o.after.ledger != first.after.ledger)
      return {i, rc::combined_parts_differ};
    total += asked_of_channel(o.payment);
  }
  u128 before = 0;
  for (std::size_t place = 0; place < parts.size(); ++place) {
    payment_row& p = outcomes[parts[place]].payment;
    p.combined = actions[parts.front()].id.value;
    p.combined_minor = total;
    p.combined_count = static_cast<std::uint16_t>(parts.size());
    p.combined_member = static_cast<std::uint16_t>(place);
    p.combined_before_minor = before;
    before += asked_of_channel(p);
  }
  return {};
}

std::vector<verdict> ledger_model::linked_actions(tenant_id t, std::span<const raw_record> unit, bool open, time_ns now,
                                                  commit_seq at, std::vector<order_outcome>* made) const {
  std::vector<order_action_record> all;
  for (const raw_record& r : unit) all.push_back(r.as<order_action_record>());
  std::vector<verdict> answers(all.size(), verdict{.code = rc::linked_event_failed});
  const auto refused = [&](std::size_t i, const verdict& v) {
    answers[i] = v;
    return answers;
  };
  if (const combined_refusal w = wrong_in_itself(all, open); w.code != rc::ok)
    return refused(w.action, {.code = w.code});
  std::vector<verdict> known;
  for (const raw_record& r : unit) known.push_back(known_order_command(frame_type::act_on_orders, t, r, at));
  const auto executed = [](const verdict& v) { return v.replayed && v.code == rc::ok; };
  if (std::all_of(known.begin(), known.end(), executed)) return known;
  std::vector<order_outcome> each(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (executed(known[i])) return refused(i, {.code = rc::exists_outside_chain});
    if (known[i].code != rc::ok) return refused(i, known[i]);
    const order_version* v = order_at(t, all[i].order, at);
    if (v == nullptr) return refused(i, {.code = rc::order_not_found});
    each[i] = changed_order(t, all[i], standing(*v), now, cancelled_together(t, all, *v, at));
    if (each[i].code != rc::ok) return refused(i, {.code = each[i].code});
    const bool waits =
        each[i].has_payment && is_checking(each[i].payment) && each[i].payment.payment == all[i].id.value;
    if (waits) return refused(i, {.code = rc::checked_not_linked});
  }
  if (const combined_refusal w = combine_outcomes(all, each); w.code != rc::ok)
    return refused(w.action, {.code = w.code});
  model_view view{at, at, {}, {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const rc code = postings(t, each[i].legs, view); code != rc::ok) {
      if (made != nullptr) *made = std::move(each);
      return refused(i, {.code = code});
    }
    for (const transfer_record& leg : each[i].legs) move_on_top(t, leg, view);
  }
  if (made != nullptr) *made = std::move(each);
  answers.assign(all.size(), verdict{});
  return answers;
}

/// How many of them cancel an order of the payment that `v` has a part in.
std::uint32_t ledger_model::cancelled_together(tenant_id t, std::span<const order_action_record> all,
                                               const order_version& v, commit_seq at) const {
  if (v.payment == nullptr) return 1;
  std::uint32_t n = 0;
  for (const order_action_record& r : all) {
    const order_version* other = order_at(t, r.order, at);
    n += r.action == order_action::cancel && other != nullptr && other->payment != nullptr &&
         other->payment->combined == v.payment->combined;
  }
  return n;
}

}  // namespace payloom::sim
