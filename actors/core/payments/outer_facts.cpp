// What channels say of payments, and what people decide where channels say nothing: facts move a payment, end it, or
// bring money that nobody waits for.
#include <algorithm>

#include "actors/core/payments/decision.hpp"
#include "actors/core/payments/payment_sources.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

bool decision::learn(const channel_fact_record& fact) {
  if (!has_payment_) return refuse(order_unchanged);
  out_.event.event = out_.event.fact = 0xff;
  out_.event.from_state = row().state;
  const payment_event_numbers& numbers = catalog_.payment_events();
  const bool moved = fact.outcome == channel_outcome::success && fact.amount_minor != 0 && fact.ledger == row().ledger;
  if (!is_newest(fact)) {  // of an earlier payment: it matters only when money came after all
    if (!moved || PAYLOOM_MUTATED(31)) return refuse(order_unchanged);  // 31: nobody looks at earlier payments
    payment_.reason = case_reason::contradiction;
    if (fact.operation != channel_operation::pay) return go_late(fact);
    return come_late(fact.amount_minor, fact.channel, fact.number, payment_phase::late, fact.id.value);
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
    if (!moved) return true;
    if (payment_.purpose == payment_purpose::pay)
      return come_late(fact.amount_minor, fact.channel, fact.number, payment_phase::late, fact.id.value);
    return catalog_.phase_of(payment_.form, payment_.state) != payment_phase::failure || go_late(fact);
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
    open_case(case_reason::amount_differs);
    if (payment_.purpose != payment_purpose::pay || moved == 0) return true;
    return come_late(moved, payment_.channel, number(), payment_phase::differs, cause);
  }
  if (payment_.state == from) return true;
  switch (catalog_.phase_of(payment_.form, payment_.state)) {
    case payment_phase::success:
      return succeed(cause);
    case payment_phase::failure:
      return fail(cause);
    case payment_phase::late:
      open_case(case_reason::late_success);
      return come_late(moved, payment_.channel, number(), payment_phase::late, cause);
    case payment_phase::returned:
      if (payment_.purpose != payment_purpose::payout) {
        open_case(case_reason::money_came_back);
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
  if (payment_.suspense_minor == 0 && !is_peoples(payment_.reason)) payment_.reason = case_reason::none;
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
      brought(source_kind::paid, external_part());
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
      // What is left there of unknown ways, or of an order that does not send it by itself, is people's.
      if (payment_.suspense_minor != 0 && !(waits_in_suspense() && moves(events_.ask_refund)))
        open_case(case_reason::late_success);
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
        if (T::traits.executes) stayed(source_kind::paid, T::kept(payment_));
      });
      break;
    case payment_purpose::return_late:
      stayed(source_kind::suspense, payment_.amount_minor);
      open_case(case_reason::late_success);
      break;
  }
  return raise_fact({o.refunded_minor != 0 ? events_.refund_failed_part : events_.refund_failed});
}

/// Money that nobody waits for: it is nobody's until it went back, or people found its reason.
bool decision::come_late(u128 moved, owner_number channel, u128 number, payment_phase phase, u128 cause) {
  const bound_row* r = catalog_.row(product_, events_.paid_again);
  if (payment_.reason == case_reason::none) open_case(case_reason::late_success);
  if (r == nullptr || r->external_rule == no_name) return true;
  const std::uint8_t post = r->external_posts[static_cast<std::size_t>(phase)];
  u128 sum = 0;
  if (post == no_post || !checked_add(payment_.suspense_minor, moved, sum)) return true;
  posting_amounts amounts;
  amounts.gross_minor = moved;
  if (!lay(r->external_rule, post, nullptr, amounts, channel, cause)) return false;
  bool known = false;          // which way it came
  if (!PAYLOOM_MUTATED(22)) {  // 22: nobody remembers money that came late
    payment_.suspense_minor = sum;
    // A payment that is outside has a place of its own for what it brings.
    const std::size_t kept = live() && !goes_back(payment_.purpose) ? 1 : 0;
    known = add_to_source(payment_, {number, channel, source_kind::suspense, moved}, kept, on_its_way());
  }
  out_.event.amount_minor = moved;
  outside_ = true;
  row().accounting_date = day_of(about_.now);
  if (phase != payment_phase::late) return true;
  // A closed order sends it back by itself; of a paid one it is the second payment.
  if (known && moves(events_.paid_in_full) && !live() && !moves(events_.pay)) {
    if (!is_peoples(payment_.reason)) payment_.reason = case_reason::none;
    return raise_fact({events_.paid_in_full});
  }
  return raise_fact({events_.paid_again});
}

/// What the newest attempt brought has its place.
void decision::brought(source_kind as, u128 amount) {
  const bool placed = add_to_source(payment_, {number(), payment_.channel, as, amount}, 0, 0);
  PAYLOOM_ASSERT(placed);  // open_payment looked, and what comes late leaves one
}

/// What was to go back did not.
void decision::stayed(source_kind as, u128 amount) {
  payment_source* from = find_source(payment_, payment_.source, as);
  PAYLOOM_ASSERT(from != nullptr && from->refunded_minor >= amount);
  from->refunded_minor -= amount;
}

/// A refund that had failed, or that others followed, went out after all. It is booked as gone if its source has so
/// much left, so that it cannot go once more; the case stays for people, and where it was no more the platform's, is
/// all.
bool decision::go_late(const channel_fact_record& fact) {
  const bool whole = fact.operation == channel_operation::refund && fact.differs == 0;
  const bool named = whole && fact.source >= 1 && fact.source <= limits::payment_sources_max;
  if (!named) return true;
  payment_source& from = payment_.sources[fact.source - 1];
  const u128 amount = fact.amount_minor;
  order_row& o = row();
  const bool late = from.kind == source_kind::suspense;
  const u128 room = late ? payment_.suspense_minor : o.paid_minor - o.refunded_minor - o.refunding_minor;
  const bool fits = from.attempt_id != 0 && from.channel == fact.channel && amount <= left_of(from) && amount <= room;
  const bool held = o.held_minor != 0 && catalog_.row(product_, events_.refund_held) != nullptr;
  const bound_row* r = catalog_.row(product_, late ? events_.return_due : held ? events_.refund_held : events_.refund);
  if (!fits || r == nullptr || r->external_rule == no_name) return true;
  out_.event.amount_minor = amount;
  if (!late && !choose_fee(kind::giving_back)) return false;
  posting_amounts amounts;
  amounts.gross_minor = amount;
  amounts.fee_minor = out_.event.fee_minor;
  for (const payment_phase phase : {payment_phase::begin, payment_phase::success}) {
    const std::uint8_t post = r->external_posts[static_cast<std::size_t>(phase)];
    const split_plan* split = late ? nullptr : r->external_split;
    if (post != no_post && !lay(r->external_rule, post, split, amounts, fact.channel, fact.id.value, !late))
      return false;
  }
  outside_ = true;
  o.accounting_date = day_of(about_.now);
  from.refunded_minor += amount;
  if (late) {
    payment_.suspense_minor -= amount;
  } else {
    ++o.refunds;
    o.refunded_minor += amount;
    o.fee_returned_minor += out_.event.fee_minor;
    o.held_minor -= std::min(amount, o.held_minor);
    payment_.external_refunded_minor += amount;
  }
  const bool all = o.refunded_minor == o.paid_minor && payment_.suspense_minor == 0;
  return live() || raise_fact({all ? events_.refunded_in_full : events_.refunded_in_part});
}

/// What a channel told of something that is over cannot be booked: people are told, so that it is not lost.
bool decision::keep_for_people() {
  out_.event.event = out_.event.fact = 0xff;
  out_.event.from_state = row().state;
  payment_.reason = case_reason::not_booked;
  outside_ = true;
  return true;
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

}  // namespace payloom::core
