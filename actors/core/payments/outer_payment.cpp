// Payments with a channel: begun by a command, ended by facts (domain.md 1.1, 1.3). What is the platform's own is
// reserved first, the one call outside comes last; money going out is held before it is sent, money coming in is booked
// after proof (PC-3). Only facts end what is unknown: a timer may ask, never decide.
#include <algorithm>
#include <array>
#include <utility>

#include "actors/core/payments/decision.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr time_ns second = 1'000'000'000;

bool goes_back(payment_purpose p) { return p == payment_purpose::refund || p == payment_purpose::return_late; }

}  // namespace

/// Something may still become of it by itself or through people: no other payment begins meanwhile.
bool decision::is_live(const payment_row& p) const {
  const state_machine& m = catalog_.payment_machine(p.form);
  return m.at(p.state).kind != state_kind::terminal && catalog_.phase_of(p.form, p.state) == payment_phase::none;
}

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

/// A refund goes back to where each part came from.
bool decision::give_back(const bound_row& r, event_index event, const payment_ask& ask) {
  const bound_row* by = &r;
  if (event == events_.return_due) {  // what was booked as paid goes back as a refund does
    by = catalog_.row(product_, row().held_minor != 0 ? events_.refund_held : events_.refund);
    if (by == nullptr) by = &r;
  }
  if (live()) return refuse(payment_in_flight);
  const tool_parts parts = divide_return(*by, out_.event.amount_minor);
  const u128 external = parts.outside();
  if (external == 0 && !parts.keeps_record()) by = &r;
  if (external == 0) return pay_inside(*by, kind::giving_back, event, ask, parts);
  if (!check_limits(kind::giving_back, *by) || !choose_fee(kind::giving_back)) return false;
  payment_ask same = ask;
  same.channel = payment_.channel;
  if (!open_payment(*by, event, payment_purpose::refund, same, parts)) return false;
  row().refunding_minor += out_.event.amount_minor;
  for_each_tool([&]<class T>(tool_number i, T) { T::add_returned(payment_, parts.of[i]); });
  return true;
}

/// Money that came for a closed order goes back to where it came from.
bool decision::return_suspense(const payment_ask& ask) {
  if (live()) return refuse(payment_in_flight);
  const bound_row* r = catalog_.row(product_, events_.return_due);
  if (r == nullptr || r->external_rule == no_name) return refuse(order_state_refuses);
  out_.event.amount_minor = payment_.suspense_minor;
  payment_ask whole = ask;
  whole.channel = payment_.channel;
  tool_parts parts;  // all of it came through the channel
  parts.of[r->steps->rest.front()] = payment_.suspense_minor;
  return open_payment(*r, events_.return_due, payment_purpose::return_late, whole, parts);
}

bool decision::return_rest(const payment_ask& ask) {
  bool returning = false;
  for (std::size_t s = 0; s < machine().state_count(); ++s) {
    const machine_step to = machine().next(static_cast<state_index>(s), events_.return_due);
    returning |= to.what == verdict::move && to.to == row().state;
  }
  const bound_row* r = catalog_.row(product_, events_.return_due);
  if (!returning || r == nullptr || !raise(events_.ask_refund)) return refuse(order_unchanged);
  if (has_payment_ && payment_.suspense_minor != 0) return return_suspense(ask);
  if (!choose_amount(kind::giving_back, events_.return_due, 0)) return refuse(order_unchanged);
  return give_back(*r, events_.return_due, ask);
}

bool decision::pay_outside(const bound_row& r, event_index event, kind what, const payment_ask& ask) {
  PAYLOOM_ASSERT(what == kind::payment);
  if (r.external_rule == no_name) return refuse(tool_not_usable);
  tool_parts parts;
  if (!divide(r, ask, parts)) return false;
  if (live()) return refuse(payment_in_flight);
  if (!check_limits(what, r) || !choose_fee(what)) return false;
  const payment_purpose purpose = r.steps->holds_funds ? payment_purpose::payout : payment_purpose::pay;
  return open_payment(r, event, purpose, ask, parts);
}

/// The payment begins: reservations are booked, the channel is asked as soon as that is durable.
bool decision::open_payment(const bound_row& r, event_index event, payment_purpose purpose, const payment_ask& ask,
                            const tool_parts& parts) {
  const channel_plan* channel =
      channel_tool::choose(catalog_.parts().channels, ask.channel, purpose, row().ledger, parts.outside());
  if (channel == nullptr) return refuse(no_channel);
  const payment_row before = has_payment_ ? payment_ : payment_row{};
  payment_ = {};
  payment_.external_paid_minor = before.external_paid_minor;
  payment_.coupon_paid_minor = before.coupon_paid_minor;
  payment_.external_refunded_minor = before.external_refunded_minor;
  payment_.coupon_refunded_minor = before.coupon_refunded_minor;
  payment_.suspense_minor = before.suspense_minor;
  // A case about money in suspense stays open whatever is paid meanwhile.
  if (before.suspense_minor != 0 && purpose != payment_purpose::return_late) payment_.reason = before.reason;
  payment_.source = !goes_back(purpose)         ? 0
                    : goes_back(before.purpose) ? before.source
                                                : channel_number_of(about_.tenant, before);
  has_payment_ = true;
  payment_.order = row().id;
  payment_.payment = ask.payment;
  payment_.amount_minor = out_.event.amount_minor;
  payment_.fee_minor = out_.event.fee_minor;
  for_each_tool([&]<class T>(tool_number i, T) { T::keep(payment_, parts.of[i]); });
  payment_.channel = channel->number;
  payment_.purpose = purpose;
  payment_.form = r.row->form;
  payment_.row_event = event;
  payment_.state = catalog_.begins_outside(payment_.form);
  PAYLOOM_ASSERT(form().at(payment_.state).fact_only);
  send(channel_tool::operation_of(purpose));
  set_payment_timer();
  out_.event.fee_minor = 0;  // booked with success
  if (purpose == payment_purpose::pay && !can_succeed(r)) return false;
  return book(payment_phase::begin, ask.cause);
}

/// Money that comes must find its owners: what could never be booked is not asked for.
bool decision::can_succeed(const bound_row& r) {
  const std::uint8_t post = r.external_posts[static_cast<std::size_t>(payment_phase::success)];
  if (post == no_post) return true;
  posting_parties parties{row().merchant, row().user, row().counterparty, payment_.channel, {}};
  posting_amounts amounts = payment_amounts();
  if (r.external_split != nullptr) {
    if (!share(*r.external_split, false, amounts)) return false;
    for (std::size_t i = 0; i < r.external_split->receivers.size(); ++i)
      parties.receivers[i] = r.external_split->receivers[i].owner;
  }
  posting_legs legs;
  const payment_parts& p = catalog_.parts();
  p.rules.evaluate(p.accounts, r.external_rule, post, row().ledger, parties, amounts, legs);
  return legs.error == posting_error::ok || refuse(code_of(legs.error));
}

posting_amounts decision::payment_amounts() const {
  posting_amounts amounts;
  amounts.gross_minor = payment_.amount_minor;
  amounts.fee_minor = payment_.fee_minor;
  fill_amounts(parts_of(payment_), amounts);
  return amounts;
}

/// One more attempt. Its number is new for ever; the payment's earlier ones provably never left.
void decision::send(channel_operation operation) {
  outside_ = true;
  ++payment_.attempt;
  payment_.tries = 0;
  payment_.id = attempt_id_of(about_.tenant, payment_.payment, payment_.attempt);
  payment_.call = operation;
  payment_.outcome = channel_outcome::none;
}

/// What the payment's rule says of a phase.
bool decision::book(payment_phase phase, u128 cause) {
  event_index event = payment_.row_event;
  if (payment_.purpose == payment_purpose::refund && event == events_.return_due) {
    event = catalog_.row(product_, events_.refund_held) != nullptr && row().held_minor != 0 ? events_.refund_held
                                                                                            : events_.refund;
  }
  const bound_row* r = catalog_.row(product_, event);
  PAYLOOM_ASSERT(r != nullptr && r->external_rule != no_name);
  outside_ = true;
  const std::uint8_t post = r->external_posts[static_cast<std::size_t>(phase)];
  if (post == no_post) return true;
  const bool back = payment_.purpose == payment_purpose::refund;
  if (!lay(r->external_rule, post, r->external_split, payment_amounts(), payment_.channel, cause, back)) return false;
  const bool creation = row().previous_seq == 0;  // which has a date of its own
  if (!out_.legs.empty() && !creation) row().accounting_date = day_of(about_.now);
  return true;
}

bool decision::learn(const channel_fact_record& fact) {
  if (!has_payment_) return refuse(order_unchanged);
  out_.event.event = out_.event.fact = 0xff;
  out_.event.from_state = row().state;
  const payment_event_numbers& numbers = catalog_.payment_events();
  const bool newest = fact.payment == payment_.payment && fact.attempt == payment_.attempt;
  const bool moved = fact.outcome == channel_outcome::success && fact.amount_minor != 0 && fact.ledger == row().ledger;
  if (!newest) {  // of an earlier payment: it matters only when money came after all
    if (!moved || PAYLOOM_MUTATED(31)) return refuse(order_unchanged);  // 31: nobody looks at earlier payments
    payment_.reason = case_reason::contradiction;
    return come_late(fact.amount_minor, fact.channel, payment_phase::late, fact.id.value);
  }
  event_index event = numbers.of_outcome[static_cast<std::size_t>(fact.outcome)];
  const bool differs = fact.outcome == channel_outcome::success && !PAYLOOM_MUTATED(21) &&  // 21: nobody compares
                       (fact.ledger != row().ledger || fact.amount_minor != external_part() || fact.differs != 0);
  if (differs) event = numbers.amount_differs;
  const machine_step s = form().next(payment_.state, event);
  if (s.what == verdict::ignore || s.what == verdict::refuse) return refuse(order_unchanged);
  if (s.what == verdict::move && s.to == payment_.state && fact.outcome == payment_.outcome)
    return refuse(order_unchanged);  // told before
  payment_.outcome = fact.outcome;
  payment_.channel_code = fact.channel_code;
  if (fact.channel_reference != 0) payment_.channel_reference = fact.channel_reference;
  if (s.what == verdict::open_case) {
    payment_.reason = case_reason::contradiction;
    if (!moved || payment_.purpose != payment_purpose::pay) return true;
    return come_late(fact.amount_minor, fact.channel, payment_phase::late, fact.id.value);
  }
  const state_index from = payment_.state;
  payment_.state = s.to;
  return arrive(event, from, fact.amount_minor, fact.id.value);
}

/// The payment has come from `from` to its state: what follows for money and order.
bool decision::arrive(event_index by, state_index from, u128 moved, u128 cause) {
  outside_ = true;
  set_payment_timer();
  if (by == catalog_.payment_events().amount_differs) {
    payment_.reason = case_reason::amount_differs;
    if (payment_.purpose != payment_purpose::pay || moved == 0) return true;
    return come_late(moved, payment_.channel, payment_phase::differs, cause);
  }
  if (payment_.state == from) return true;
  switch (catalog_.phase_of(payment_.form, payment_.state)) {
    case payment_phase::success:
      return succeed(cause);
    case payment_phase::failure:
      return fail(cause);
    case payment_phase::late:
      payment_.reason = case_reason::late_success;
      return come_late(moved, payment_.channel, payment_phase::late, cause);
    case payment_phase::returned:
      if (payment_.purpose != payment_purpose::payout) {
        payment_.reason = case_reason::money_came_back;
        return true;
      }
      out_.event.amount_minor = payment_.amount_minor;
      return book(payment_phase::returned, cause) && raise_fact({events_.payment_returned});
    case payment_phase::begin:
    case payment_phase::differs:
    case payment_phase::none:
      return true;
  }
  return true;
}

/// The payment's end answers what was asked about it; not what contradicted it, or money that is still nobody's.
void decision::end_case() {
  if (payment_.suspense_minor == 0 && payment_.reason != case_reason::contradiction)
    payment_.reason = case_reason::none;
}

bool decision::succeed(u128 cause) {
  order_row& o = row();
  const u128 amount = payment_.amount_minor;
  out_.event.amount_minor = amount;
  out_.event.fee_minor = payment_.fee_minor;
  end_case();
  if (!book(payment_phase::success, cause)) return false;
  switch (payment_.purpose) {
    case payment_purpose::pay:
    case payment_purpose::payout:
      ++o.payments;
      o.paid_minor += amount;
      o.fee_minor += payment_.fee_minor;
      for_each_tool([&]<class T>(tool_number, T) { T::add_paid(payment_, T::kept(payment_)); });
      if (catalog_.row(product_, events_.confirm) != nullptr) o.held_minor += amount;
      PAYLOOM_ASSERT(o.paid_minor <= o.amount_minor);
      return raise_fact({o.paid_minor == o.amount_minor ? events_.paid_in_full : events_.paid_in_part});
    case payment_purpose::refund:
      ++o.refunds;
      PAYLOOM_ASSERT(o.refunding_minor >= amount);
      o.refunding_minor -= amount;
      o.refunded_minor += amount;
      o.fee_returned_minor += payment_.fee_minor;
      o.held_minor -= std::min(amount, o.held_minor);
      break;
    case payment_purpose::return_late:
      PAYLOOM_ASSERT(payment_.suspense_minor >= amount);
      payment_.suspense_minor -= amount;
      break;
  }
  const bool all = o.refunded_minor == o.paid_minor && payment_.suspense_minor == 0;
  return raise_fact({all ? events_.refunded_in_full : events_.refunded_in_part});
}

bool decision::fail(u128 cause) {
  order_row& o = row();
  end_case();
  if (!PAYLOOM_MUTATED(25) && !book(payment_phase::failure, cause)) return false;  // 25: reservations stay
  if (!out_.legs.empty()) out_.event.amount_minor = payment_.amount_minor;
  switch (payment_.purpose) {
    case payment_purpose::pay:
    case payment_purpose::payout:
      return raise_fact({o.paid_minor != 0 ? events_.rest_failed : events_.payment_failed});
    case payment_purpose::refund:
      PAYLOOM_ASSERT(o.refunding_minor >= payment_.amount_minor);
      o.refunding_minor -= payment_.amount_minor;
      for_each_tool([&]<class T>(tool_number, T) {
        if (T::traits.executes && PAYLOOM_MUTATED(26)) return;  // 26: a failed refund counts
        T::undo_returned(payment_, T::kept(payment_));
      });
      break;
    case payment_purpose::return_late:
      payment_.reason = case_reason::late_success;
      break;
  }
  return raise_fact({o.refunded_minor != 0 ? events_.refund_failed_part : events_.refund_failed});
}

/// Money that nobody waits for: it is nobody's until it went back, or people found its reason.
bool decision::come_late(u128 moved, owner_number channel, payment_phase phase, u128 cause) {
  const bound_row* r = catalog_.row(product_, events_.paid_again);
  if (payment_.reason == case_reason::none) payment_.reason = case_reason::late_success;
  if (r == nullptr || r->external_rule == no_name) return true;
  const std::uint8_t post = r->external_posts[static_cast<std::size_t>(phase)];
  u128 sum = 0;
  if (post == no_post || !checked_add(payment_.suspense_minor, moved, sum)) return true;
  posting_amounts amounts;
  amounts.gross_minor = moved;
  if (!lay(r->external_rule, post, nullptr, amounts, channel, cause)) return false;
  if (!PAYLOOM_MUTATED(22)) payment_.suspense_minor = sum;  // 22: nobody remembers money that came late
  out_.event.amount_minor = moved;
  outside_ = true;
  row().accounting_date = day_of(about_.now);
  if (phase != payment_phase::late) return true;
  // A closed order sends it back by itself; of a paid one it is the second payment.
  if (moves(events_.paid_in_full) && !live() && !moves(events_.pay)) {
    payment_.reason = case_reason::none;
    return raise_fact({events_.paid_in_full});
  }
  return raise_fact({events_.paid_again});
}

/// Raises the fact if the order's state has a move for it; a state that does not know it stays.
bool decision::raise_fact(std::initializer_list<event_index> first_that_moves) {
  for (const event_index e : first_that_moves) {
    const machine_step s = machine().next(row().state, e);
    if (s.what != verdict::move) continue;
    out_.event.fact = e;
    row().state = s.to;
    break;
  }
  return true;
}

bool decision::payment_timer(u128 cause) {
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  const auto& timeout = form().at(payment_.state).timeout;
  if (!live() || !timeout) return refuse(order_unchanged);
  const state_index from = payment_.state;
  const bool spent = timeout->times != 0 && payment_.tries >= timeout->times;
  const event_index event = spent ? timeout->then : timeout->event;
  const auto rejected = static_cast<std::size_t>(channel_outcome::rejected);
  const machine_step s =  // 23: silence ends a payment
      form().next(from, PAYLOOM_MUTATED(23) ? catalog_.payment_events().of_outcome[rejected] : event);
  if (s.what != verdict::move) return refuse(order_unchanged);
  ++payment_.tries;
  const machine_step again = form().next(from, catalog_.payment_events().submit);
  const bool resend = again.what == verdict::move || PAYLOOM_MUTATED(24);  // 24: what is unknown is sent again
  if (!spent && resend && payment_.attempt < limits::attempts_max) {
    if (!PAYLOOM_MUTATED(24)) payment_.state = again.to;  // the attempt before never left
    const std::uint16_t tries = payment_.tries;
    send(channel_tool::operation_of(payment_.purpose));
    payment_.tries = tries;
    set_payment_timer();
    return true;
  }
  payment_.state = s.to;
  if (spent && form().at(payment_.state).fact_only) {
    payment_.reason = case_reason::outcome_unknown;
  } else if (!spent) {
    payment_.call = channel_operation::query;
    if (PAYLOOM_MUTATED(28))
      payment_.call = channel_tool::operation_of(payment_.purpose);  // 28: asked by sending it again
  }
  return arrive(event, from, 0, cause);
}

void decision::call_off() {
  if (goes_back(payment_.purpose)) return;  // the order's end does not end what goes back
  const machine_step s = form().next(payment_.state, catalog_.payment_events().cancel);
  if (s.what != verdict::move || s.to == payment_.state) return;  // the channel's answer decides
  const channel_plan* channel = catalog_.parts().channels.find(payment_.channel);
  outside_ = true;
  payment_.state = s.to;
  payment_.tries = 0;
  const bool can = channel != nullptr && (channel->operations & bit_of(channel_operation::close)) != 0;
  payment_.call = can ? channel_operation::close : channel_operation::query;
  if (PAYLOOM_MUTATED(29)) payment_.call = channel_operation::none;  // 29: nobody asks the channel to end it
  set_payment_timer();
}

bool decision::resolve(channel_outcome outcome, u128 cause) {
  if (!has_payment_ || payment_.reason == case_reason::none) return refuse(case_not_open);
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  if (live()) {
    const bool known = outcome == channel_outcome::success || outcome == channel_outcome::rejected ||
                       outcome == channel_outcome::closed;
    const event_index event = catalog_.payment_events().of_outcome[static_cast<std::size_t>(outcome)];
    const machine_step s = form().next(payment_.state, event);
    if (!known || s.what != verdict::move) return refuse(resolution_not_possible);
    // What stands in suspense is not what the payment waits for: it goes back first.
    if (outcome == channel_outcome::success && payment_.suspense_minor != 0) return refuse(resolution_not_possible);
    const state_index from = payment_.state;
    payment_.state = s.to;
    payment_.outcome = outcome;
    if (payment_.suspense_minor == 0) payment_.reason = case_reason::none;
    return arrive(event, from, external_part(), cause);
  }
  if (outcome == channel_outcome::returned && payment_.suspense_minor != 0) {
    payment_ask ask;
    ask.cause = ask.payment = cause;
    payment_.reason = case_reason::none;
    return return_suspense(ask);
  }
  const bool owes = payment_.suspense_minor != 0 && !PAYLOOM_MUTATED(30);  // 30: a case ends with money in suspense
  if (outcome != channel_outcome::none || owes) return refuse(resolution_not_possible);
  payment_.reason = case_reason::none;
  return true;
}

/// Waiting for a channel begins short and grows.
void decision::set_payment_timer() {
  payment_.due_at = 0;
  if (!live()) return;
  const auto& timeout = form().at(payment_.state).timeout;
  if (!timeout) return;
  std::uint64_t seconds = static_cast<std::uint64_t>(timeout->after.count());
  if (timeout->times != 0) {
    const std::uint64_t grown = std::uint64_t{1} << std::min<unsigned>(payment_.tries, 20);
    seconds = std::min(seconds, grown);
  }
  payment_.due_at = about_.now + seconds * second;
}

}  // namespace payloom::core
