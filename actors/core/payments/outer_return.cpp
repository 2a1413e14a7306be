// What goes back through channels: each part to where it came from, by the attempt that brought it (domain.md 1.2).
#include <algorithm>
#include <array>
#include <utility>

#include "actors/core/payments/decision.hpp"
#include "actors/core/payments/payment_sources.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

tool_parts decision::divide_return(const bound_row& r, u128 amount) const {
  tool_parts shares;
  if (!has_payment_) {  // all of it came from the tool that keeps no record
    for_each_tool([&]<class T>(tool_number i, T) {
      if (!T::traits.keeps_record && !T::traits.executes) shares.of[i] = amount;
    });
    return shares;
  }
  tool_parts all;
  for_each_tool([&]<class T>(tool_number i, T) { all.of[i] = T::left(row(), payment_); });
  const std::vector<tool_number>& order = r.steps->rest;
  std::array<u128, tool_count> left{}, parts{};
  for (std::size_t i = 0; i < order.size(); ++i) left[i] = all.of[order[i]];
  const bool divided =
      divide_proportionally(std::span(left).first(order.size()), amount, std::span(parts).first(order.size()));
  PAYLOOM_ASSERT(divided);  // choose_amount: not more than is left; check_ways_back: each has a tool of the row
  for (std::size_t i = 0; i < order.size(); ++i) shares.of[order[i]] = parts[i];
  if (PAYLOOM_MUTATED(27) && order.size() > 1)
    shares.of[order[0]] += std::exchange(shares.of[order[1]], 0);  // 27: coupons go back as money
  return shares;
}

/// The most that can go back together when the channel's part comes from this source; the event's amount is all there
/// is.
u128 decision::most_from(const bound_row& r, const payment_source& from) const {
  const u128 all = out_.event.amount_minor;
  const u128 left = left_of(from);
  const auto external = [&](u128 amount) { return divide_return(r, amount).outside(); };
  const u128 whole = external(all);
  if (whole <= left) return all;
  // Parts are whole minor units: the last of the source goes with what is rounded beside it.
  for (const u128 less : {0, 1})
    if (const u128 amount = portion(all, left + 1, whole) - less; external(amount) <= left) return amount;
  return portion(all, left, whole);
}

/// Whose money the channel's part is: the source that was named, or the newest that has enough. What a closed order
/// sends back by itself goes one source after the other.
bool decision::choose_source(const bound_row& r, event_index event, const payment_ask& ask, payment_source& from) {
  u128& amount = out_.event.amount_minor;
  if (ask.source != 0) {
    const payment_source* named = has_payment_ ? source_at(payment_, ask.source, source_kind::paid) : nullptr;
    if (named == nullptr || left_of(*named) == 0) return refuse(source_not_usable);
    from = *named;
    if (ask.amount_minor == 0) amount = most_from(r, from);
    return divide_return(r, amount).outside() <= left_of(from) || refuse(source_not_usable);
  }
  const u128 external = divide_return(r, amount).outside();
  if (external == 0) return true;
  const payment_source* newest = newest_source(payment_, source_kind::paid, external);
  if (newest == nullptr) {
    if (event != events_.return_due) return refuse(refund_needs_split);
    newest = newest_source(payment_, source_kind::paid, 1);
    PAYLOOM_ASSERT(newest != nullptr);  // the sources are all that channels brought
    amount = most_from(r, *newest);
  }
  from = *newest;
  return true;
}

/// Money in suspense stands there of which it is known which way it came.
bool decision::waits_in_suspense() {
  return has_payment_ && newest_source(payment_, source_kind::suspense, 1) != nullptr;
}

/// A refund goes back to where each part came from.
bool decision::give_back(const bound_row& r, event_index event, const payment_ask& ask) {
  const bound_row* by = &r;
  if (event == events_.return_due) {  // what was booked as paid goes back as a refund does
    by = catalog_.row(product_, row().held_minor != 0 ? events_.refund_held : events_.refund);
    if (by == nullptr) by = &r;
  }
  if (live()) return refuse(payment_in_flight);
  payment_source from{};
  if (!choose_source(*by, event, ask, from)) return false;
  const tool_parts parts = divide_return(*by, out_.event.amount_minor);
  const u128 external = parts.outside();
  if (external == 0 && !parts.keeps_record()) by = &r;
  if (external == 0) return pay_inside(*by, kind::giving_back, event, ask, parts);
  if (!check_limits(kind::giving_back, *by) || !choose_fee(kind::giving_back)) return false;
  payment_ask same = ask;
  same.channel = PAYLOOM_MUTATED(41) ? payment_.channel : from.channel;  // 41: it goes the newest way
  if (!open_payment(*by, event, payment_purpose::refund, same, parts, from.attempt_id)) return false;
  row().refunding_minor += out_.event.amount_minor;
  find_source(payment_, from.attempt_id, source_kind::paid)->refunded_minor += external;
  for_each_tool([&]<class T>(tool_number i, T) { T::add_returned(payment_, parts.of[i]); });
  return true;
}

/// Money that came for a closed order goes back to where it came from.
bool decision::return_suspense(const payment_ask& ask) {
  if (live()) return refuse(payment_in_flight);
  const bound_row* r = catalog_.row(product_, events_.return_due);
  if (r == nullptr || r->external_rule == no_name) return refuse(order_state_refuses);
  const payment_source* newest = newest_source(payment_, source_kind::suspense, 1);
  if (newest == nullptr) return refuse(resolution_not_possible);  // which way it came nobody knows any more
  const payment_source from = *newest;
  out_.event.amount_minor = left_of(from);
  payment_ask whole = ask;
  whole.channel = from.channel;
  tool_parts parts;  // all of it came through the channel
  parts.of[r->steps->rest.front()] = left_of(from);
  if (!open_payment(*r, events_.return_due, payment_purpose::return_late, whole, parts, from.attempt_id)) return false;
  find_source(payment_, from.attempt_id, source_kind::suspense)->refunded_minor += left_of(from);
  return true;
}

bool decision::return_rest(const payment_ask& ask) {
  bool returning = false;
  for (std::size_t s = 0; s < machine().state_count(); ++s) {
    const machine_step to = machine().next(static_cast<state_index>(s), events_.return_due);
    returning |= to.what == verdict::move && to.to == row().state;
  }
  const bound_row* r = catalog_.row(product_, events_.return_due);
  if (!returning || r == nullptr || !raise(events_.ask_refund)) return refuse(order_unchanged);
  if (waits_in_suspense()) return return_suspense(ask);
  if (!choose_amount(kind::giving_back, events_.return_due, 0)) return refuse(order_unchanged);
  return give_back(*r, events_.return_due, ask);
}

}  // namespace payloom::core
