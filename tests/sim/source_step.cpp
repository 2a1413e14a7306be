// Where an order's money came from, by attempt: what goes back goes that way (RULES.md, "Payments outside").
#include <algorithm>

#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
u128 left_in(const payment_source& s) { return s.paid_minor - s.refunded_minor; }
bool spent(const payment_source& s) { return s.kind == source_kind::suspense && left_in(s) == 0; }
}  // namespace

std::size_t order_step::places_left() const {
  const payment_row& p = out.payment;
  std::size_t free = 0;
  for (const payment_source& s : p.sources) {
    const bool on_its_way = live() && p.purpose == payment_purpose::return_late && s.attempt_id == p.source;
    free += s.attempt_id == 0 || (spent(s) && !on_its_way) ? 1 : 0;
  }
  return free;
}

payment_source* order_step::place_of(u128 attempt, source_kind kind) {
  const auto end = std::end(out.payment.sources);
  const auto found = std::find_if(std::begin(out.payment.sources), end,
                                  [&](const payment_source& s) { return s.attempt_id == attempt && s.kind == kind; });
  return found == end || attempt == 0 ? nullptr : found;
}

/// The newest money in suspense that can go back.
payment_source* order_step::suspense_place() {
  payment_source* newest = nullptr;
  for (payment_source& s : out.payment.sources)
    if (s.kind == source_kind::suspense && left_in(s) != 0) newest = &s;
  return newest;
}

/// Empty places are taken first, then those whose suspense went back. False: there is none.
bool order_step::keep_source(u128 attempt, owner_number channel, source_kind kind, u128 amount, std::size_t spare) {
  if (amount == 0) return true;
  payment_row& p = out.payment;
  if (payment_source* s = place_of(attempt, kind)) {
    s->paid_minor += amount;
    return true;
  }
  if (places_left() <= spare) return false;
  payment_source* place = nullptr;
  for (payment_source& s : p.sources) {
    const bool on_its_way = live() && p.purpose == payment_purpose::return_late && s.attempt_id == p.source;
    const bool better = place == nullptr || (place->attempt_id != 0 && s.attempt_id == 0);
    if (better && (s.attempt_id == 0 || (spent(s) && !on_its_way))) place = &s;
  }
  *place = {attempt, channel, kind, {}, amount, 0};
  return true;
}

/// Of all that goes back the most whose channel's part is no more than `left`.
void order_step::reduce(u128 left) {
  u128 external = 0, coupon = 0;
  divide(out.amount, external, coupon);
  const u128 all = out.amount;
  out.amount = all * (left + 1) / external;
  for (divide(out.amount, external, coupon); external > left; divide(out.amount, external, coupon)) --out.amount;
}

/// Whose money goes back; a closed order's goes one source after the other. `all`: no amount was named.
bool order_step::choose_source(std::uint8_t event, bool all, std::uint16_t number, payment_source& from) {
  u128 external = 0, coupon = 0;
  divide(out.amount, external, coupon);
  if (number != 0) {
    const bool known = out.has_payment && number <= std::size(out.payment.sources);
    if (!known) return refuse(rc::source_not_usable);
    from = out.payment.sources[number - 1];
    if (from.kind != source_kind::paid || left_in(from) == 0) return refuse(rc::source_not_usable);
    if (all && external > left_in(from)) reduce(left_in(from));
    divide(out.amount, external, coupon);
    return external <= left_in(from) || refuse(rc::source_not_usable);
  }
  if (external == 0) return true;
  bool found = false;
  for (const bool enough : {true, false}) {
    if (!enough && (found || event != order_events().return_due)) break;
    for (const payment_source& s : out.payment.sources) {
      if (s.kind != source_kind::paid || left_in(s) < (enough ? external : u128{1})) continue;
      from = s;
      found = true;
    }
  }
  if (!found) return refuse(rc::refund_needs_split);
  if (left_in(from) < external) reduce(left_in(from));
  return true;
}

/// A refund went out although it counts as failed: it is booked as gone if its source has that much left.
bool order_step::went_late(const channel_fact_record& f) {
  using role = chart_role;
  if (f.operation != channel_operation::refund || f.differs != 0 || f.source == 0 ||
      f.source > std::size(out.payment.sources))
    return true;
  order_row& o = row();
  payment_row& p = out.payment;
  payment_source& from = p.sources[f.source - 1];
  const bool late = from.kind == source_kind::suspense;
  const u128 most = late ? p.suspense_minor : o.paid_minor - o.refunded_minor - o.refunding_minor;
  if (from.attempt_id == 0 || from.channel != f.channel || f.amount_minor > left_in(from) || f.amount_minor > most)
    return true;
  out.amount = f.amount_minor;
  const bool held = o.product == product_code::escrow_sale && o.held_minor != 0;
  const role taken = late                                  ? role::suspense_long
                     : held                                ? role::escrow
                     : o.product == product_code::recharge ? role::user_available
                                                           : role::merchant_pending;
  const owner_number owner = taken == role::user_available ? o.user : o.merchant;
  if (!leg(taken, owner, role::refund_transit, 0, out.amount) ||
      !leg(role::refund_transit, 0, role::channel_receivable, f.channel, out.amount))
    return false;
  from.refunded_minor += out.amount;
  if (late) {
    p.suspense_minor -= out.amount;
  } else {
    ++o.refunds;
    o.refunded_minor += out.amount;
    o.held_minor -= std::min(out.amount, o.held_minor);
    p.external_refunded_minor += out.amount;
  }
  const order_event_table& e = order_events();
  if (!live())
    tell(o.refunded_minor == o.paid_minor && p.suspense_minor == 0 ? e.refunded_in_full : e.refunded_in_part);
  return true;
}

bool order_step::left_to_people(const channel_fact_record& f) {
  const payment_row& p = out.payment;
  if (!out.has_payment || (live() && f.payment == p.payment && f.attempt == p.attempt)) return false;
  out.event = nothing;
  out.payment.reason = case_reason::not_booked;
  return true;
}

/// Money that nobody waits for: a closed order sends it back by itself, else people look at it.
bool order_step::put_into_suspense(u128 moved, owner_number channel, u128 attempt, phase ph) {
  payment_row& p = out.payment;
  const order_event_table& e = order_events();
  if (p.reason == case_reason::none) p.reason = case_reason::late_success;
  if (!has_row(row().product, e.paid_again)) return true;
  if (!lay(payment_purpose::pay, ph, {moved, 0, 0, 0}, channel)) return false;
  p.suspense_minor += moved;
  const std::size_t spare = live() && !goes_back(p.purpose) ? 1 : 0;  // what is outside has a place to come to
  const bool known = keep_source(attempt, channel, source_kind::suspense, moved, spare);
  out.amount = moved;
  if (ph != phase::late) return true;
  const bool closed = known && goes(e.paid_in_full) && !goes(e.pay) && !live();
  if (closed && !peoples_case()) p.reason = case_reason::none;
  tell(closed ? e.paid_in_full : e.paid_again);
  return true;
}

bool order_step::return_suspense() {
  if (live()) return refuse(rc::payment_in_flight);
  const order_event_table& e = order_events();
  if (!has_row(row().product, e.return_due)) return refuse(rc::order_state_refuses);
  if (suspense_place() == nullptr) return refuse(rc::resolution_not_possible);
  const payment_source from = *suspense_place();
  out.amount = from.paid_minor - from.refunded_minor;
  if (!begin(e.return_due, payment_purpose::return_late, {out.amount, 0, 0, 0}, from.channel, from.attempt_id))
    return false;
  place_of(from.attempt_id, source_kind::suspense)->refunded_minor = from.paid_minor;
  return true;
}

/// One return is over: is there more that goes back?
bool order_step::return_rest() {
  const order_event_table& e = order_events();
  const order_row& o = row();
  if (machine().at(o.state).name != "RETURNING" || !raise(e.ask_refund)) return refuse(rc::order_unchanged);
  if (out.has_payment && suspense_place() != nullptr) return return_suspense();
  if (o.paid_minor == o.refunded_minor + o.refunding_minor) return refuse(rc::order_unchanged);
  return give_back(e.return_due, 0, 0);
}

}  // namespace payloom::sim
