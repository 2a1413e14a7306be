// Payments outside that go wrong: unknown outcomes, late, double, contradicting and differing news, cancels in flight,
// closed orders. Whatever happens, unknown money never ends by a timer, and what nobody waits for stands in suspense
// until it went back or people decided (domain.md 1.3, exceptions).
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum order_action;
using channel_outcome::accepted, channel_outcome::closed, channel_outcome::not_sent, channel_outcome::rejected,
    channel_outcome::returned, channel_outcome::success, channel_outcome::unknown;

constexpr std::uint16_t channel_bit = 4;
constexpr owner_number bank_channel = 1;

life paying(std::string_view product = "instant_sale") {
  life o;
  EXPECT_EQ(o.create(sale(product, 10'000)), result_code::ok);
  EXPECT_EQ(o.act(pay, 0, 0, channel_bit), result_code::ok);
  return o;
}

TEST(outer_trouble, silence_becomes_unknown_and_is_asked_about) {
  life o = paying();
  ASSERT_EQ(o.payment_time_out(), result_code::ok);
  EXPECT_EQ(o.payment_state(), "UNKNOWN");
  EXPECT_EQ(o.payment->call, channel_operation::query);
  EXPECT_EQ(o.state(), "PAYING");
  EXPECT_EQ(o.act(cancel), result_code::ok);  // the order closes when the channel says so
  EXPECT_EQ(o.state(), "CLOSING");
  EXPECT_EQ(o.payment->call, channel_operation::close);
  ASSERT_EQ(o.tell(closed), result_code::ok);
  EXPECT_EQ(o.state(), "CLOSED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
}

TEST(outer_trouble, no_timer_ends_what_is_unknown_and_in_the_end_people_look) {
  life o = paying();
  int asked = 0;
  while (o.payment_state() != "MANUAL") {
    ASSERT_EQ(o.payment_time_out(), result_code::ok);
    asked += o.payment->call == channel_operation::query ? 1 : 0;
    ASSERT_EQ(o.state(), "PAYING");
    ASSERT_LT(asked, 1000);
  }
  EXPECT_EQ(asked, 480);
  EXPECT_EQ(o.payment->reason, case_reason::outcome_unknown);
  EXPECT_TRUE(o.resident());
  const auto says = [](channel_outcome outcome) {
    return [outcome](order_action_record& r) { r.reason = static_cast<std::uint64_t>(outcome); };
  };
  EXPECT_EQ(o.act_with(resolve, says(channel_outcome::none)), result_code::resolution_not_possible);
  EXPECT_EQ(o.act_with(resolve, says(unknown)), result_code::resolution_not_possible);
  ASSERT_EQ(o.act_with(resolve, says(success)), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.payment->reason, case_reason::none);
  EXPECT_EQ(o.act_with(resolve, says(success)), result_code::case_not_open);
}

TEST(outer_trouble, the_first_waits_between_queries_are_short_and_grow) {
  life o = paying();
  ASSERT_EQ(o.payment_time_out(), result_code::ok);
  time_ns before = o.now, last = 0;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(o.payment_time_out(), result_code::ok);
    EXPECT_GE(o.now - before, last);
    last = o.now - before;
    before = o.now;
  }
  EXPECT_EQ(last, 180 * second);
}

TEST(outer_trouble, told_twice_counts_once) {
  life o = paying();
  ASSERT_EQ(o.tell(accepted), result_code::ok);
  EXPECT_EQ(o.tell(accepted), result_code::order_unchanged);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.tell(success), result_code::order_unchanged);
  EXPECT_EQ(o.tell(accepted), result_code::order_unchanged);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 10'000);
}

TEST(outer_trouble, success_after_rejection_of_an_open_order_is_a_case) {
  life o = paying();
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");  // never paid silently
  EXPECT_EQ(o.payment->reason, case_reason::late_success);
  EXPECT_EQ(o.balance("suspense_long"), 10'000);
  EXPECT_TRUE(o.resident());
  // A person sends it back.
  ASSERT_EQ(o.act_with(resolve, [](order_action_record& r) { r.reason = static_cast<std::uint64_t>(returned); }),
            result_code::ok);
  EXPECT_EQ(o.payment->call, channel_operation::refund);
  EXPECT_EQ(o.balance("refund_transit"), 10'000);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.payment->suspense_minor, 0u);
}

TEST(outer_trouble, late_success_of_a_closed_order_goes_back_by_itself) {
  life o = paying();
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.act(cancel), result_code::ok);
  EXPECT_EQ(o.state(), "CLOSED");
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID_AFTER_CLOSE");
  EXPECT_EQ(o.balance("suspense_long"), 10'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
  ASSERT_EQ(o.time_out(), result_code::ok);
  EXPECT_EQ(o.state(), "RETURNING");
  EXPECT_EQ(o.payment->purpose, payment_purpose::return_late);
  EXPECT_NE(o.payment->source, 0u);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
}

TEST(outer_trouble, a_late_return_that_fails_is_tried_again) {
  life o = paying();
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.act(cancel), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(o.time_out(), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.state(), "RETURN_STUCK");
  EXPECT_EQ(o.balance("suspense_long"), 10'000);
  EXPECT_EQ(o.payment->reason, case_reason::late_success);
  ASSERT_EQ(o.time_out(), result_code::ok);
  EXPECT_EQ(o.state(), "RETURNING");
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("suspense_long"), 0);
}

TEST(outer_trouble, a_second_success_is_a_double_payment_in_suspense) {
  life o = paying();
  const u128 first = o.payment->payment;
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.act(pay, 0, 0, channel_bit), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  ASSERT_EQ(o.tell(success, 10'000, 1, first), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.row.paid_minor, 10'000u);
  EXPECT_EQ(o.balance("suspense_long"), 10'000);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
}

TEST(outer_trouble, another_amount_is_never_paid) {
  for (const bool currency : {false, true}) {
    life o = paying();
    ASSERT_EQ(o.tell(success, 9'000, 0, 0, currency ? 840 : eur), result_code::ok);
    EXPECT_EQ(o.state(), "PAYING");
    EXPECT_EQ(o.payment_state(), "MANUAL");
    EXPECT_EQ(o.payment->reason, case_reason::amount_differs);
    EXPECT_EQ(o.row.paid_minor, 0u);
    EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
  }
}

TEST(outer_trouble, a_cancel_that_comes_too_late_gives_the_money_back) {
  life o = paying();
  ASSERT_EQ(o.act(cancel), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID_AFTER_CLOSE");
  ASSERT_EQ(o.time_out(), result_code::ok);
  EXPECT_EQ(o.state(), "RETURNING");
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("refund_transit"), 0);
}

TEST(outer_trouble, unknown_withdraws_stay_in_transit) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(unknown), result_code::ok);
  EXPECT_EQ(o.payment_state(), "UNKNOWN");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(o.payment_time_out(), result_code::ok);
  EXPECT_EQ(o.balance("withdraw_transit"), 10'100);
  EXPECT_EQ(o.payment->attempt, 1);  // never a second one while the first is unknown
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("withdraw_transit"), 0);
}

TEST(outer_trouble, news_of_a_payment_that_the_order_does_not_have) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  o.payment = payment_row{};
  o.payment->payment = 77;
  const payment_row unknown_to_it = *o.payment;
  o.payment.reset();
  channel_fact_record f{};
  f.id.value = 1;
  f.order = o.row.id;
  f.payment = unknown_to_it.payment;
  f.action = channel_fact;
  f.outcome = success;
  order_action_record r;
  std::memcpy(static_cast<void*>(&r), &f, sizeof r);
  EXPECT_EQ(o.act(r), result_code::order_unchanged);
}

}  // namespace
}  // namespace payloom::test
