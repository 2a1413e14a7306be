// Payments with a channel: begun by a command, ended by facts (domain.md 1.1, 1.3). What is the platform's own is
// reserved first, the one call outside comes last; money going out is held before it is sent, money coming in is booked
// after proof (PC-3). Only facts end what is unknown: a timer may ask, never decide.
#include <algorithm>

#include "actors/core/payments/decision.hpp"
#include "actors/core/payments/payment_sources.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr time_ns second = 1'000'000'000;

}  // namespace

/// Something may still become of it by itself or through people: no other payment begins meanwhile.
bool decision::is_live(const payment_row& p) const {
  const state_machine& m = catalog_.payment_machine(p.form);
  return m.at(p.state).kind != state_kind::terminal && catalog_.phase_of(p.form, p.state) == payment_phase::none;
}

bool decision::pay_outside(const bound_row& r, event_index event, kind what, const payment_ask& ask) {
  PAYLOOM_ASSERT(what == kind::payment);
  if (r.external_rule == no_name) return refuse(tool_not_usable);
  tool_parts parts;
  if (!divide(r, ask, parts)) return false;
  if (live()) return refuse(payment_in_flight);
  if (!check_limits(what, r) || !choose_fee(what)) return false;
  const payment_purpose purpose = r.steps->holds_funds ? payment_purpose::payout : payment_purpose::pay;
  return open_payment(r, event, purpose, ask, parts, 0);
}

/// The payment begins: reservations are booked, the channel is asked as soon as that is durable.
bool decision::open_payment(const bound_row& r, event_index event, payment_purpose purpose, const payment_ask& ask,
                            const tool_parts& parts, u128 source) {
  PAYLOOM_ASSERT((source != 0) == goes_back(purpose));
  const channel_plan* channel =
      channel_tool::choose(catalog_.parts().channels, ask.channel, purpose, row().ledger, parts.outside());
  if (channel == nullptr) return refuse(no_channel);
  // Its success must find a place, or nobody would know later which way the money came.
  if (has_payment_ && source == 0 && free_sources(payment_, on_its_way()) == 0) return refuse(sources_full);
  const payment_row before = has_payment_ ? payment_ : payment_row{};
  payment_ = {};
  payment_.external_paid_minor = before.external_paid_minor;
  payment_.coupon_paid_minor = before.coupon_paid_minor;
  payment_.external_refunded_minor = before.external_refunded_minor;
  payment_.coupon_refunded_minor = before.coupon_refunded_minor;
  payment_.suspense_minor = before.suspense_minor;
  std::copy(std::begin(before.sources), std::end(before.sources), payment_.sources);
  // A case about money in suspense, or about what contradicts the books, stays open whatever is paid meanwhile.
  if (is_peoples(before.reason) || (before.suspense_minor != 0 && purpose != payment_purpose::return_late))
    payment_.reason = before.reason;
  payment_.source = source;
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
    open_case(case_reason::outcome_unknown);
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
