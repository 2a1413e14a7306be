// Orders that are paid in parts, by several tools, while something else of theirs is outside. Each of these was found
// by the simulation (tests/sim) or while its rules were written down.
#include "actors/core/channels/channel_call.hpp"
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum order_action;
using channel_outcome::not_sent, channel_outcome::rejected, channel_outcome::returned, channel_outcome::success;

constexpr std::uint16_t balance_bit = 1, coupon_bit = 2, channel_bit = 4;

auto with(std::uint16_t tools, u128 amount, u128 balance = 0, u128 coupon = 0) {
  return [=](order_action_record& r) {
    r.tools = tools;
    r.amount_minor = amount;
    r.balance_minor = balance;
    r.coupon_minor = coupon;
  };
}
auto says(channel_outcome outcome) {
  return [outcome](order_action_record& r) { r.reason = static_cast<std::uint64_t>(outcome); };
}

/// Nothing is paid; money that came late is on its way back, and the channel was not reached.
life returning_late_money() {
  life o;
  EXPECT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  EXPECT_EQ(o.act(pay, 0, 0, channel_bit), result_code::ok);
  EXPECT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::late_success);
  EXPECT_EQ(o.act_with(resolve, says(returned)), result_code::ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.balance("refund_transit"), 10'000);
  return o;
}

TEST(outer_mixed, the_same_success_is_one_fact_whichever_question_it_answers) {
  core::channel_answer first, asked_again;
  first.call.payment = asked_again.call.payment = 77;
  first.outcome = asked_again.outcome = success;
  first.amount_minor = asked_again.amount_minor = 500;
  asked_again.call.asked = 3;
  EXPECT_EQ(core::fact_of(first, first.call).id, core::fact_of(asked_again, asked_again.call).id);
  asked_again.amount_minor = 250;
  EXPECT_NE(core::fact_of(first, first.call).id, core::fact_of(asked_again, asked_again.call).id);
}

TEST(outer_mixed, coupons_do_not_push_a_payment_outside_aside) {
  life o = returning_late_money();
  EXPECT_EQ(o.act_with(pay, with(coupon_bit, 4'000)), result_code::payment_in_flight);
  EXPECT_EQ(o.act_with(pay, with(balance_bit, 4'000)), result_code::payment_in_flight);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("refund_transit"), 0);
  EXPECT_EQ(o.act_with(pay, with(coupon_bit, 4'000)), result_code::ok);
}

TEST(outer_mixed, a_cancel_does_not_end_what_goes_back) {
  life o = returning_late_money();
  ASSERT_EQ(o.tell(not_sent), result_code::ok);
  EXPECT_EQ(o.payment_state(), "RESERVED");
  ASSERT_EQ(o.act(cancel), result_code::ok);
  EXPECT_EQ(o.payment_state(), "RESERVED");
  EXPECT_NE(o.payment->due_at, 0u);
  ASSERT_EQ(o.payment_time_out(), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("refund_transit"), 0);
  EXPECT_EQ(o.balance("suspense_long"), 0);
}

TEST(outer_mixed, what_contradicts_a_payment_is_looked_at_whatever_comes_then) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(returned), result_code::ok) << "before anybody said that it was sent";
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  EXPECT_TRUE(o.resident());
  ASSERT_EQ(o.act_with(resolve, says(channel_outcome::none)), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::none);
}

TEST(outer_mixed, a_part_without_its_tool_is_refused) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  EXPECT_EQ(o.act_with(pay, with(balance_bit, 0, 0, 5)), result_code::parts_do_not_fit);
  EXPECT_EQ(o.act_with(pay, with(coupon_bit, 0, 0, 5)), result_code::parts_do_not_fit);
  EXPECT_EQ(o.act_with(pay, with(coupon_bit, 0, 0, 10'000)), result_code::ok);
}

TEST(outer_mixed, nothing_is_asked_of_a_channel_that_could_never_be_booked) {
  order_record no_user = sale("recharge", 10'000);
  no_user.user = 0;
  life o;
  ASSERT_EQ(o.create(no_user), result_code::ok);
  EXPECT_EQ(o.act(pay), result_code::party_missing);
  order_record no_merchant = sale("instant_sale", 10'000);
  no_merchant.merchant = 0;
  no_merchant.id = order_id_of(0, no_merchant.business_id);
  life p;
  ASSERT_EQ(p.create(no_merchant), result_code::ok);
  EXPECT_EQ(p.act(pay, 0, 0, channel_bit), result_code::party_missing);
}

TEST(outer_mixed, coupons_alone_go_back_from_escrow) {
  life o;
  ASSERT_EQ(o.create(sale("escrow_sale", 10'000)), result_code::ok);
  ASSERT_EQ(o.act_with(pay, with(coupon_bit | channel_bit, 0, 0, 9'999)), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(o.act(refund, 4'000), result_code::ok) << "the channel's share is nothing";
  EXPECT_EQ(o.balance("escrow"), 6'000);
  EXPECT_EQ(o.balance("refund_transit"), 0);
  EXPECT_EQ(o.balance("user_coupon", user), -9'999 + 4'000);
}

TEST(outer_mixed, a_creation_that_pays_out_keeps_its_accounting_date) {
  order_record r = sale("withdraw", 10'000);
  r.flags = order_flags::pay_now;
  r.accounting_date = core::day_of(start) + 1;
  life o;
  ASSERT_EQ(o.create(r), result_code::ok);
  EXPECT_EQ(o.row.accounting_date, r.accounting_date);
}

TEST(outer_mixed, an_event_says_in_which_state_its_own_payment_is) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay, 4'000, 0, channel_bit), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(o.act(pay, 0, 0, balance_bit), result_code::ok);
  const order_event& inside = o.decision().event;
  const auto& form = catalogue().payment_machine(inside.form);
  EXPECT_EQ(form.at(inside.payment_state).name, "POSTED");
}

}  // namespace
}  // namespace payloom::test
