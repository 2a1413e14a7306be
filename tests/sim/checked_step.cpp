// Payments that wait for checks before they begin (RULES.md, "Checks"), written out again.
#include "tests/sim/order_step.hpp"

namespace payloom::sim {
namespace {
using rc = result_code;

// As sim_catalogue.cpp asks them: the third is optional.
constexpr std::uint8_t asked = 7, needed = 3;
constexpr std::uint64_t waits_s = 1 + 1;  // the templates' deadline, and the grace of the order's own timer

std::uint8_t checked_form() {
  static const std::uint8_t number = shipped_machines().payment_machine("checked");
  return number;
}
bool of_accounts(rc code) { return code >= rc::debit_account_not_found && code <= rc::nothing_available; }
}  // namespace

bool is_checking(const payment_row& p) {
  return p.form == checked_form() && shipped_machines().payments.at(p.form).at(p.state).name == "CHECKING";
}

bool order_step::begin_checks(std::uint8_t event, const payment_wish& w) {
  order_step as_if = *this;
  as_if.going_on_ = true;
  if (!as_if.pay(event, w)) return refuse(as_if.out.code);
  const payment_row planned = as_if.out.payment;
  payment_row p = out.has_payment ? out.payment : payment_row{};
  p.order = row().id;
  p.payment = payment_;
  p.amount_minor = planned.amount_minor;
  p.fee_minor = planned.fee_minor;
  p.balance_minor = planned.balance_minor;
  p.coupon_minor = planned.coupon_minor;
  p.purpose = planned.purpose;
  const bool outside = planned.amount_minor != planned.balance_minor + planned.coupon_minor;
  p.channel = outside ? planned.channel : 0;
  p.channel_reference = p.source = p.combined = p.combined_minor = p.combined_before_minor = 0;
  p.channel_code = p.attempt = p.tries = p.combined_count = p.combined_member = 0;
  p.outcome = channel_outcome::none;
  const bool stays = p.reason == case_reason::contradiction || p.reason == case_reason::not_booked;
  if (p.suspense_minor == 0 && !stays) p.reason = case_reason::none;
  p.form = checked_form();
  p.row_event = event;
  p.call = channel_operation::check;
  p.checks_wanted = asked;
  p.checks_passed = p.checks_refused = p.checks_missed = 0;
  out.has_payment = true;
  out.payment = p;
  out.payment.state = form().state("CHECKING");
  out.payment_waits_s = waits_s;
  out.amount = out.fee = 0;
  return true;
}

bool order_step::learn_checks(const check_fact_record& f) {
  if (!checking() || f.payment != out.payment.payment) return refuse(rc::order_unchanged);
  out.event = nothing;
  if (f.code != rc::ok) {  // they had passed, and then the accounts refused
    if (!of_accounts(f.code) || (f.passed & needed) != needed) return refuse(rc::order_unchanged);
    keep_answers(f.passed, f.refused, f.missed);
    return end_checks(f.code);
  }
  return join_checks(f.passed, f.refused, f.missed);
}

bool order_step::checks_due() {
  out.event = nothing;
  return join_checks(0, 0, asked);
}

void order_step::keep_answers(std::uint8_t passed, std::uint8_t refused, std::uint8_t missed) {
  out.payment.checks_passed = passed & asked;
  out.payment.checks_refused = refused & asked;
  out.payment.checks_missed = missed & asked;
}

bool order_step::join_checks(std::uint8_t passed, std::uint8_t refused, std::uint8_t missed) {
  const bool no = (refused & needed) != 0, silent = (missed & needed) != 0;
  const bool all = ((passed | refused | missed) & asked) == asked;
  if (!no && !silent && !all) return refuse(rc::order_unchanged);
  keep_answers(passed, refused, missed);
  if (no || silent) return end_checks(no ? rc::check_refused : rc::check_missing);
  const payment_row p = out.payment;
  payment_wish w{p.amount_minor, 0, p.balance_minor, p.coupon_minor, p.channel, 0};
  if (p.balance_minor != 0) w.tools |= tool::balance;
  if (p.coupon_minor != 0) w.tools |= tool::coupon;
  if (external_part() != 0) w.tools |= tool::channel;
  out.payment.state = form().state("PASSED");
  going_on_ = true;
  payment_ = p.payment;
  if (!pay(p.row_event, w)) return false;
  keep_answers(passed, refused, missed);
  out.payment.checks_wanted = asked;
  return true;
}

/// The payment is over before it began.
bool order_step::end_checks(rc why) {
  out.payment.state = form().state(why == rc::ok ? "CLOSED" : "FAILED");
  out.payment.channel_code = static_cast<std::uint16_t>(why);
  const order_event_table& e = order_events();
  tell(row().paid_minor != 0 ? e.rest_failed : e.payment_failed);
  return true;
}

}  // namespace payloom::sim
