// Payments that wait for checks before they begin (domain.md 1.6): nothing is reserved or sent until the join of their
// answers says so; then they go on exactly as the command that asked for them would have.
#include "actors/core/checks/check_call.hpp"
#include "actors/core/payments/decision.hpp"

namespace payloom::core {

using namespace catalog;
using enum result_code;

namespace {

constexpr time_ns millisecond = 1'000'000;

}  // namespace

bool decision::checking() const {
  const checked_states& c = catalog_.checked();
  return has_payment_ && c.form == payment_.form && payment_.state == c.checking;
}

check_answers decision::answers() const {
  return {payment_.checks_wanted, catalog_.parts().checks.core(), payment_.checks_passed, payment_.checks_refused,
          payment_.checks_missed};
}

void decision::keep_answers(const check_answers& said) {
  payment_.checks_wanted = said.wanted;
  payment_.checks_passed = said.passed;
  payment_.checks_refused = said.refused;
  payment_.checks_missed = said.missed;
}

/// The payment waits: what its command said is in its record, and nothing of it has happened.
bool decision::pay_checked(const bound_row& r, event_index event, const payment_ask& ask) {
  const order_row before = row();
  const order_event said = out_.event;
  const bool had = has_payment_;
  const payment_row known = had ? payment_ : payment_row{};
  checked_ = true;
  if (!pay(event, ask)) return false;  // what is refused anyway is refused now: nobody is asked
  if (about_.linked) return refuse(checked_not_linked);
  PAYLOOM_ASSERT(has_payment_ && payment_.payment == ask.payment);
  const payment_row planned = payment_;
  out_.event = said;
  row() = before;
  out_.legs.clear();
  deferred_ = false;
  reserve_ = 0;
  payment_ = known;
  payment_.id = 0;
  payment_.order = row().id;
  payment_.payment = ask.payment;
  payment_.amount_minor = planned.amount_minor;
  payment_.fee_minor = planned.fee_minor;
  const tool_parts parts = parts_of(planned);
  for_each_tool([&]<class T>(tool_number i, T) { T::keep(payment_, parts.of[i]); });
  payment_.purpose = planned.purpose;
  payment_.channel = parts.outside() != 0 ? planned.channel : 0;
  payment_.channel_reference = payment_.source = 0;
  payment_.channel_code = payment_.attempt = payment_.tries = 0;
  payment_.combined = payment_.combined_minor = payment_.combined_before_minor = 0;
  payment_.combined_count = payment_.combined_member = 0;
  payment_.outcome = channel_outcome::none;
  // As when a payment begins without them.
  if (payment_.suspense_minor == 0 && !is_peoples(payment_.reason)) payment_.reason = case_reason::none;
  payment_.form = *catalog_.checked().form;
  payment_.state = catalog_.checked().checking;
  payment_.row_event = event;
  payment_.call = channel_operation::check;
  keep_answers({r.checks, 0, 0, 0, 0});
  payment_.due_at = about_.now + r.steps->check_deadline_ms * millisecond + check_grace_ns;
  outside_ = true;
  return true;
}

bool decision::learn_checks(const check_fact_record& fact) {
  if (!checking() || fact.payment != payment_.payment) return refuse(order_unchanged);
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  check_answers said = answers();
  said.passed = static_cast<check_bits>(fact.passed & said.wanted);
  said.refused = static_cast<check_bits>(fact.refused & said.wanted);
  said.missed = static_cast<check_bits>(fact.missed & said.wanted);
  if (fact.code != ok) return end_refused(said, fact.code);
  return join_checks(said, fact.id.value);
}

bool decision::checks_due(u128 cause) {
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  check_answers said = answers();
  said.missed = said.wanted;
  return join_checks(said, cause);
}

bool decision::join_checks(const check_answers& said, u128 cause) {
  const join_verdict verdict = join(said);
  if (verdict == join_verdict::open) return refuse(order_unchanged);
  keep_answers(said);
  if (verdict == join_verdict::passed || PAYLOOM_MUTATED(42)) return go_on_checked(cause);  // 42: nobody looks at them
  return end_checks(verdict == join_verdict::refused ? check_refused : check_missing);
}

bool decision::go_on_checked(u128 cause) {
  const check_answers said = answers();
  payment_ask ask;
  ask.amount_minor = payment_.amount_minor;
  ask.balance_minor = payment_.balance_minor;
  ask.coupon_minor = payment_.coupon_minor;
  ask.channel = payment_.channel;
  ask.cause = cause;
  ask.payment = payment_.payment;
  const tool_parts parts = parts_of(payment_);
  for_each_tool([&]<class T>(tool_number i, T) {
    if (parts.of[i] != 0) ask.tools = static_cast<std::uint16_t>(ask.tools | catalog_.bit_of_tool(i));
  });
  const event_index event = payment_.row_event;
  payment_.state = catalog_.checked().passed;
  payment_.due_at = 0;
  checked_ = going_on_ = true;
  if (!pay(event, ask)) return false;
  keep_answers(said);
  return true;
}

bool decision::end_refused(const check_answers& said, result_code why) {
  out_.event.event = 0xff;
  out_.event.from_state = row().state;
  keep_answers(said);
  return end_checks(why);
}

bool decision::end_checks(result_code why) {
  const checked_states& c = catalog_.checked();
  payment_.state = why == ok ? c.closed : c.refused;
  payment_.channel_code = static_cast<std::uint16_t>(why);
  outside_ = true;
  return raise_fact({row().paid_minor != 0 ? events_.rest_failed : events_.payment_failed});
}

}  // namespace payloom::core
