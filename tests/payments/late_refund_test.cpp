// News of refunds that nobody waits for any more: they are never taken for money that comes in, what went out is gone
// from its source, and what cannot be booked is people's (RULES.md, "Payments outside").
#include "tests/payments/sources_fixture.hpp"

namespace payloom::test {
namespace {

using channel_outcome::rejected, channel_outcome::returned, channel_outcome::success, channel_outcome::unknown;

/// A refund of 1,000 from the bank counts as failed, and another of `next` from the card is outside.
life failed_and_followed(u128 next, std::uint16_t source, u128& first) {
  life o = paid_by_two();
  EXPECT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  first = o.payment->payment;
  EXPECT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(ask_refund(o, next, source), result_code::ok);
  return o;
}

TEST(late_refund, is_booked_as_gone_from_its_source) {
  u128 first = 0;
  life o = failed_and_followed(500, 2, first);
  ASSERT_EQ(o.tell(success, 1'000, 1, first), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 0);  // nothing came in
  EXPECT_EQ(o.payment->suspense_minor, 0u);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 5'000);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 4'000);
  EXPECT_EQ(o.payment->sources[0].refunded_minor, 1'000u);
  EXPECT_EQ(o.row.refunded_minor, 1'000u);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  EXPECT_EQ(o.state(), "REFUNDING");  // the other one is still outside
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.row.refunded_minor, 1'500u);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 3'500);
  EXPECT_EQ(ask_refund(o, 5'001, 1), result_code::source_not_usable);  // it cannot go a second time
}

TEST(late_refund, of_money_that_is_gone_already_is_only_a_case) {
  u128 first = 0;
  life o = failed_and_followed(6'000, 1, first);
  ASSERT_EQ(o.tell(success, 1'000, 1, first), result_code::ok);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 6'000);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.row.refunded_minor, 0u);
  EXPECT_EQ(o.payment->sources[0].refunded_minor, 6'000u);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  EXPECT_TRUE(o.resident());
}

TEST(late_refund, of_another_amount_is_only_a_case) {
  u128 first = 0;
  life o = failed_and_followed(500, 2, first);
  ASSERT_EQ(o.tell(success, 900, 1, first), result_code::ok);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 6'000);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
}

TEST(late_refund, that_nothing_followed_is_booked_the_same_way) {
  life o = paid_by_two();
  ASSERT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 5'000);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.row.refunded_minor, 1'000u);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  EXPECT_EQ(ask_refund(o, 0, 1), result_code::ok);
  EXPECT_EQ(o.payment->amount_minor, 5'000u);
}

TEST(late_refund, of_what_is_in_escrow_takes_it_from_there) {
  life o = paid_by_two("escrow_sale");
  ASSERT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.row.held_minor, 9'000u);
  EXPECT_EQ(o.balance("escrow"), 9'000);
}

TEST(late_refund, of_suspense_takes_it_from_there) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(ask_through(o, card_channel, 0), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(resolved(o, returned), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 10'000);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.payment->suspense_minor, 0u);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
}

TEST(late_refund, a_payout_that_an_earlier_attempt_made_after_all_is_no_money_that_comes) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(order_action::pay), result_code::ok);
  ASSERT_EQ(o.tell(channel_outcome::not_sent), result_code::ok);
  ASSERT_EQ(o.payment_time_out(), result_code::ok);
  ASSERT_EQ(o.payment->attempt, 2);
  ASSERT_EQ(o.tell(success, 10'000, 1), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 0);
  EXPECT_EQ(o.balance("bank", bank_channel), 0);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
}

/// The newest command that `o` was given.
order_action_record last_fact(const life& o) {
  order_action_record r;
  std::memcpy(static_cast<void*>(&r), o.decision().event.request, sizeof r);
  return r;
}

TEST(late_news, that_the_accounts_refuse_is_a_case_without_postings) {
  life o = paid_by_two();
  ASSERT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  const order_action_record told = last_fact(o);
  const order_row before = o.row;
  ASSERT_TRUE(o.tell_in_vain(told));
  EXPECT_EQ(o.payment->reason, case_reason::not_booked);
  EXPECT_TRUE(o.decision().legs.empty());
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.row.state, before.state);
  EXPECT_EQ(o.row.paid_minor, before.paid_minor);
  ASSERT_EQ(ask_refund(o, 500, 2), result_code::ok);  // it does not stand in the way of what comes next, and stays open
  EXPECT_EQ(o.payment->reason, case_reason::not_booked);
}

/// With a case that only people end, and a refund of 500 outside.
life with_a_case_and_a_refund() {
  life o = paid_by_two();
  EXPECT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  EXPECT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_TRUE(o.tell_in_vain(last_fact(o)));
  EXPECT_EQ(ask_refund(o, 500, 2), result_code::ok);
  return o;
}

TEST(late_news, that_are_a_case_stay_one_when_the_next_payment_succeeds) {
  life o = with_a_case_and_a_refund();
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::not_booked);
  ASSERT_EQ(resolved(o, channel_outcome::none), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::none);
}

TEST(late_news, that_are_a_case_are_not_forgotten_over_a_smaller_one) {
  life o = with_a_case_and_a_refund();
  ASSERT_EQ(o.tell(success, 400), result_code::ok);  // another sum than was asked for
  EXPECT_EQ(o.payment->reason, case_reason::not_booked);
}

TEST(late_news, that_somebody_asks_for_again_is_not_given_up) {
  life o = paid_by_two();
  ASSERT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  ASSERT_EQ(o.tell(unknown), result_code::ok);
  EXPECT_FALSE(o.tell_in_vain(last_fact(o)));
}

TEST(late_news, of_money_whose_owner_is_not_named_is_a_case_too) {
  life o;  // a payout that came back, whose order names no user any more: nothing can be booked
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(order_action::pay), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  o.row.user = 0;
  ASSERT_EQ(o.tell(returned), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::not_booked);
  EXPECT_EQ(o.payment_state(), "SUCCESS");
}

}  // namespace
}  // namespace payloom::test
