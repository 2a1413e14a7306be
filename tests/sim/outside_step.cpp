// Payments in which a channel takes part: begun by a command, ended by facts (RULES.md, "Payments outside").
#include <algorithm>

#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;
using role = chart_role;

struct payment_event_table {
  std::uint8_t start, submit, cancel, amount_differs;
  std::array<std::uint8_t, channel_outcomes> of_outcome;
};
const payment_event_table& payment_events() {
  static const payment_event_table numbers = [] {
    const machine_tables& m = shipped_machines();
    const auto e = [&](std::string_view name) { return m.payment_event(name); };
    return payment_event_table{
        e("start"),
        e("submit"),
        e("cancel"),
        e("amount_differs"),
        {nothing, e("channel_succeeded"), e("channel_rejected"), e("channel_accepted"), e("channel_not_sent"),
         e("channel_unknown"), e("channel_closed"), e("channel_returned"), e("source_closed")}};
  }();
  return numbers;
}

/// What the channels of channels.yaml can do: 1 everything, 2 no payouts.
bool channel_can(owner_number channel, channel_operation operation) {
  return channel == 1 || (channel == 2 && operation != channel_operation::payout);
}
owner_number choose_channel(owner_number asked, channel_operation operation) {
  for (owner_number c = 1; c <= 2; ++c)
    if ((asked == 0 || asked == c) && channel_can(c, operation)) return c;
  return 0;
}

channel_operation operation_of(payment_purpose p) {
  return p == payment_purpose::pay      ? channel_operation::pay
         : p == payment_purpose::payout ? channel_operation::payout
                                        : channel_operation::refund;
}

std::uint8_t form_of(payment_purpose p) {
  static const std::uint8_t recharge = shipped_machines().payment_machine("recharge");
  static const std::uint8_t withdraw = shipped_machines().payment_machine("withdraw");
  static const std::uint8_t refund = shipped_machines().payment_machine("refund");
  return p == payment_purpose::pay ? recharge : p == payment_purpose::payout ? withdraw : refund;
}
}  // namespace

bool order_step::pay_outside(std::uint8_t event, std::uint16_t used, const payment_wish& w) {
  const order_row& o = row();
  const payment_sums sums{out.amount, fee_outside(o.product, o.ledger, out.amount), w.balance, w.coupon};
  const bool named =
      ((used & tool::balance) != 0) == (w.balance != 0) && ((used & tool::coupon) != 0) == (w.coupon != 0);
  const bool rest = w.balance < out.amount && w.coupon < out.amount && w.balance + w.coupon < out.amount;
  if (!named || !rest) return refuse(rc::parts_do_not_fit);
  if (live()) return refuse(rc::payment_in_flight);
  if (!within_limits()) return false;
  const bool payout = o.product == product_code::withdraw;
  return begin(event, payout ? payment_purpose::payout : payment_purpose::pay, sums, w.channel, 0);
}

/// What is the platform's own is reserved; the channel is asked when that is durable.
bool order_step::begin(std::uint8_t event, payment_purpose purpose, const payment_sums& sums, owner_number asked,
                       u128 source) {
  const owner_number channel = choose_channel(asked, operation_of(purpose));
  if (channel == 0) return refuse(rc::no_channel);
  if (!goes_back(purpose) && out.has_payment && places_left() == 0) return refuse(rc::sources_full);
  const payment_row before = out.has_payment ? out.payment : payment_row{};
  payment_row p{};
  p.external_paid_minor = before.external_paid_minor;
  p.coupon_paid_minor = before.coupon_paid_minor;
  p.external_refunded_minor = before.external_refunded_minor;
  p.coupon_refunded_minor = before.coupon_refunded_minor;
  p.suspense_minor = before.suspense_minor;
  const bool stays = before.reason == case_reason::contradiction || before.reason == case_reason::not_booked;
  if (stays || (p.suspense_minor != 0 && purpose != payment_purpose::return_late)) p.reason = before.reason;
  std::copy(std::begin(before.sources), std::end(before.sources), p.sources);
  p.source = source;
  p.order = row().id;
  p.payment = payment_;
  p.amount_minor = sums.gross;
  p.fee_minor = sums.fee;
  p.balance_minor = sums.balance;
  p.coupon_minor = sums.coupon;
  p.channel = channel;
  p.purpose = purpose;
  p.form = form_of(purpose);
  p.row_event = event;
  out.has_payment = true;
  out.payment = p;
  out.payment.state = form().state("INIT");
  for (const std::uint8_t e : {payment_events().start, payment_events().submit})
    if (form().goes(out.payment.state, e)) out.payment.state = form().on(out.payment.state, e).to;
  send();
  set_payment_timer();
  // Money that comes must find its owners: parties that are missing are missed before anything is asked.
  if (purpose == payment_purpose::pay) {
    if (!lay(purpose, phase::success, sums, channel)) return false;
    out.legs.clear();
  }
  return book(phase::begin);
}

/// A new attempt.
void order_step::send() {
  payment_row& p = out.payment;
  ++p.attempt;
  p.tries = 0;
  p.id = attempt_id_of(tenant_, p.payment, p.attempt);
  p.call = operation_of(p.purpose);
  p.outcome = channel_outcome::none;
  began_ = true;
}

void order_step::set_payment_timer() {
  out.payment.due_at = 0;
  out.payment_waits_s = 0;
  const table_state& state = form().at(out.payment.state);
  if (!live() || state.timer == nothing) return;
  const std::uint64_t grown = std::uint64_t{1} << std::min<unsigned>(out.payment.tries, 20);
  out.payment_waits_s = state.times != 0 ? std::min(state.wait_s, grown) : state.wait_s;
}

bool order_step::book(phase ph) {
  const payment_row& p = out.payment;
  return lay(p.purpose, ph, {p.amount_minor, p.fee_minor, p.balance_minor, p.coupon_minor}, p.channel);
}

bool order_step::lay(payment_purpose purpose, phase ph, const payment_sums& sums, owner_number channel) {
  if (ph == phase::late || ph == phase::differs)
    return leg(role::channel_receivable, channel, role::suspense_long, 0, sums.gross);
  switch (purpose) {
    case payment_purpose::pay:
      return lay_pay(ph, sums, channel);
    case payment_purpose::payout:
      return lay_payout(ph, sums, channel);
    case payment_purpose::refund:
    case payment_purpose::return_late:
      return lay_refund(ph, sums, channel);
  }
  return true;
}

bool order_step::lay_pay(phase ph, const payment_sums& s, owner_number channel) {
  const order_row& o = row();
  if (o.product == product_code::recharge)
    return ph != phase::success || leg(role::channel_receivable, channel, role::user_available, o.user, s.gross);
  if (ph == phase::begin)
    return leg(role::user_available, o.user, role::payment_transit, 0, s.balance) &&
           leg(role::user_coupon, o.user, role::payment_transit, 0, s.coupon);
  if (ph == phase::failure)
    return leg(role::payment_transit, 0, role::user_coupon, o.user, s.coupon) &&
           leg(role::payment_transit, 0, role::user_available, o.user, s.balance);
  const bool sale = o.product == product_code::instant_sale;
  const role to = sale ? role::merchant_pending : role::escrow;
  return leg(role::channel_receivable, channel, to, o.merchant, s.external()) &&
         leg(role::payment_transit, 0, to, o.merchant, s.balance) &&
         leg(role::payment_transit, 0, to, o.merchant, s.coupon) &&
         leg(role::merchant_pending, o.merchant, role::fee_income, 0, s.fee);
}

bool order_step::lay_payout(phase ph, const payment_sums& s, owner_number channel) {
  const owner_number user = row().user;
  switch (ph) {
    case phase::begin:
      return leg(role::user_available, user, role::withdraw_transit, 0, s.gross) &&
             leg(role::user_available, user, role::withdraw_transit, 0, s.fee);
    case phase::success:
      return leg(role::withdraw_transit, 0, role::bank, channel, s.gross) &&
             leg(role::withdraw_transit, 0, role::fee_income, 0, s.fee);
    case phase::failure:
      return leg(role::withdraw_transit, 0, role::user_available, user, s.gross) &&
             leg(role::withdraw_transit, 0, role::user_available, user, s.fee);
    case phase::returned:
      return leg(role::bank, channel, role::user_available, user, s.gross);
    default:
      return true;
  }
}

bool order_step::lay_refund(phase ph, const payment_sums& s, owner_number channel) {
  const order_row& o = row();
  const bool late = out.payment.purpose == payment_purpose::return_late;
  const bool held = o.product == product_code::escrow_sale && o.held_minor != 0;
  const role from = late                                  ? role::suspense_long
                    : held                                ? role::escrow
                    : o.product == product_code::recharge ? role::user_available
                                                          : role::merchant_pending;
  const owner_number owner = from == role::user_available ? o.user : o.merchant;
  if (ph == phase::begin) return leg(from, owner, role::refund_transit, 0, s.gross);
  if (ph == phase::failure) return leg(role::refund_transit, 0, from, owner, s.gross);
  return leg(role::refund_transit, 0, role::channel_receivable, channel, s.external()) &&
         leg(role::refund_transit, 0, role::user_available, o.user, s.balance) &&
         leg(role::refund_transit, 0, role::user_coupon, o.user, s.coupon);
}

void order_step::tell(std::uint8_t fact) {
  if (!goes(fact)) return;
  out.fact = fact;
  row().state = machine().on(row().state, fact).to;
}

bool order_step::learn(const channel_fact_record& f) {
  if (!out.has_payment) return refuse(rc::order_unchanged);
  payment_row& p = out.payment;
  out.event = nothing;
  const bool moved = f.outcome == channel_outcome::success && f.amount_minor != 0 && f.ledger == row().ledger;
  if (f.payment != p.payment || f.attempt != p.attempt) {
    if (!moved) return refuse(rc::order_unchanged);
    p.reason = case_reason::contradiction;
    return f.operation == channel_operation::pay ? put_into_suspense(f.amount_minor, f.channel, f.number, phase::late)
                                                 : went_late(f);
  }
  const bool differs = f.outcome == channel_outcome::success &&
                       (f.ledger != row().ledger || f.amount_minor != external_part() || f.differs != 0);
  const std::uint8_t event =
      differs ? payment_events().amount_differs : payment_events().of_outcome.at(static_cast<std::size_t>(f.outcome));
  const table_answer answer = form().on(p.state, event);
  const bool known = answer.what == says::goes && answer.to == p.state && f.outcome == p.outcome;
  if (answer.what == says::ignores || answer.what == says::refuses || known) return refuse(rc::order_unchanged);
  p.outcome = f.outcome;
  p.channel_code = f.channel_code;
  if (f.channel_reference != 0) p.channel_reference = f.channel_reference;
  if (answer.what == says::contradicts) {
    p.reason = case_reason::contradiction;
    if (!moved) return true;
    if (p.purpose == payment_purpose::pay) return put_into_suspense(f.amount_minor, f.channel, f.number, phase::late);
    return form().at(p.state).is != stage::failure || went_late(f);
  }
  const std::uint8_t from = p.state;
  p.state = answer.to;
  return arrive(event, from, f.amount_minor);
}

bool order_step::arrive(std::uint8_t by, std::uint8_t from, u128 moved) {
  set_payment_timer();
  payment_row& p = out.payment;
  if (by == payment_events().amount_differs) {
    ask_people(case_reason::amount_differs);
    return p.purpose != payment_purpose::pay || moved == 0 ||
           put_into_suspense(moved, p.channel, attempt_now(), phase::differs);
  }
  return p.state == from || reach(moved);
}

bool order_step::reach(u128 moved) {
  payment_row& p = out.payment;
  switch (form().at(p.state).is) {
    case stage::waits:
      return true;
    case stage::success:
      return succeed();
    case stage::failure:
      return fail();
    case stage::late:
      ask_people(case_reason::late_success);
      return put_into_suspense(moved, p.channel, attempt_now(), phase::late);
    case stage::returned:
      break;
  }
  if (p.purpose != payment_purpose::payout) {
    ask_people(case_reason::money_came_back);
    return true;
  }
  out.amount = p.amount_minor;
  if (!book(phase::returned)) return false;
  tell(order_events().payment_returned);
  return true;
}

void order_step::end_case() {
  payment_row& p = out.payment;
  if (p.suspense_minor == 0 && !peoples_case()) p.reason = case_reason::none;
}

bool order_step::succeed() {
  order_row& o = row();
  payment_row& p = out.payment;
  const order_event_table& e = order_events();
  out.amount = p.amount_minor;
  out.fee = p.fee_minor;
  end_case();
  if (!book(phase::success)) return false;
  if (!goes_back(p.purpose)) {
    ++o.payments;
    o.paid_minor += p.amount_minor;
    o.fee_minor += p.fee_minor;
    p.external_paid_minor += external_part();
    keep_source(attempt_now(), p.channel, source_kind::paid, external_part(), 0);
    p.coupon_paid_minor += p.coupon_minor;
    if (o.product == product_code::escrow_sale) o.held_minor += p.amount_minor;
    tell(o.paid_minor == o.amount_minor ? e.paid_in_full : e.paid_in_part);
    return true;
  }
  if (p.purpose == payment_purpose::refund) {
    ++o.refunds;
    o.refunding_minor -= p.amount_minor;
    o.refunded_minor += p.amount_minor;
    o.held_minor -= std::min(p.amount_minor, o.held_minor);
  } else {
    p.suspense_minor -= p.amount_minor;
    const bool goes_on = goes(e.ask_refund) && suspense_place() != nullptr;
    if (p.suspense_minor != 0 && !goes_on) ask_people(case_reason::late_success);
  }
  tell(o.refunded_minor == o.paid_minor && p.suspense_minor == 0 ? e.refunded_in_full : e.refunded_in_part);
  return true;
}

bool order_step::fail() {
  order_row& o = row();
  payment_row& p = out.payment;
  const order_event_table& e = order_events();
  end_case();
  if (!book(phase::failure)) return false;
  out.amount = p.amount_minor;
  if (!goes_back(p.purpose)) {
    tell(o.paid_minor != 0 ? e.rest_failed : e.payment_failed);
    return true;
  }
  if (p.purpose == payment_purpose::refund) {
    o.refunding_minor -= p.amount_minor;
    p.external_refunded_minor -= external_part();
    p.coupon_refunded_minor -= p.coupon_minor;
    place_of(p.source, source_kind::paid)->refunded_minor -= external_part();
  } else {
    place_of(p.source, source_kind::suspense)->refunded_minor -= p.amount_minor;
    ask_people(case_reason::late_success);
  }
  tell(o.refunded_minor != 0 ? e.refund_failed_part : e.refund_failed);
  return true;
}

bool order_step::payment_timer() {
  payment_row& p = out.payment;
  out.event = nothing;
  const std::uint8_t from = p.state;
  const table_state& state = form().at(from);
  if (state.timer == nothing) return refuse(rc::order_unchanged);
  const bool spent = state.times != 0 && p.tries >= state.times;
  const std::uint8_t event = spent ? state.then : state.timer;
  if (!form().goes(from, event)) return refuse(rc::order_unchanged);
  ++p.tries;
  if (!spent && form().goes(from, payment_events().submit) && p.attempt < limits::attempts_max) {
    const std::uint16_t tries = p.tries;  // the attempt before never left
    p.state = form().on(from, payment_events().submit).to;
    send();
    p.tries = tries;
    set_payment_timer();
    return true;
  }
  p.state = form().on(from, event).to;
  if (spent && form().at(p.state).fact_only) ask_people(case_reason::outcome_unknown);
  if (!spent) p.call = channel_operation::query;
  return arrive(event, from, 0);
}

/// The order is cancelled: a payment that waits for its channel is asked to end.
void order_step::call_off() {
  payment_row& p = out.payment;
  if (goes_back(p.purpose)) return;
  const table_answer answer = form().on(p.state, payment_events().cancel);
  if (answer.what != says::goes || answer.to == p.state) return;
  p.state = answer.to;
  p.tries = 0;
  p.call = channel_can(p.channel, channel_operation::close) ? channel_operation::close : channel_operation::query;
  set_payment_timer();
}

bool order_step::resolve(channel_outcome outcome) {
  payment_row& p = out.payment;
  if (!out.has_payment || p.reason == case_reason::none) return refuse(rc::case_not_open);
  out.event = nothing;
  if (live()) {
    const bool known = outcome == channel_outcome::success || outcome == channel_outcome::rejected ||
                       outcome == channel_outcome::closed;
    if (!known || (outcome == channel_outcome::success && p.suspense_minor != 0))
      return refuse(rc::resolution_not_possible);
    const std::uint8_t event = payment_events().of_outcome.at(static_cast<std::size_t>(outcome));
    if (!form().goes(p.state, event)) return refuse(rc::resolution_not_possible);
    const std::uint8_t from = p.state;
    p.state = form().on(from, event).to;
    p.outcome = outcome;
    if (p.suspense_minor == 0) p.reason = case_reason::none;
    return arrive(event, from, external_part());
  }
  if (outcome == channel_outcome::returned && p.suspense_minor != 0) {
    p.reason = case_reason::none;
    return return_suspense();
  }
  if (outcome != channel_outcome::none || p.suspense_minor != 0) return refuse(rc::resolution_not_possible);
  p.reason = case_reason::none;
  return true;
}

}  // namespace payloom::sim
