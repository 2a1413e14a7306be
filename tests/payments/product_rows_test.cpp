// Products that are rows and machines alone (OV-3): sales with shares, freezes with an end, adjustments by two persons.
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum order_action;

constexpr owner_number operator_share = 9001, agent_share = 9002;

TEST(product_rows, shares_come_back_in_proportion_and_exactly) {
  for (const u128 first : {1u, 333u, 5'000u, 9'999u}) {
    life o;
    ASSERT_EQ(o.create(sale("marketplace_sale", 10'001)), result_code::ok);
    ASSERT_EQ(o.act(pay), result_code::ok);
    const std::int64_t fee = o.balance("fee_income");
    const std::int64_t left = 10'001 - fee;
    EXPECT_EQ(o.balance("merchant_pending", operator_share), left * 5 / 100);
    EXPECT_EQ(o.balance("merchant_pending", agent_share), left * 25 / 1000);
    EXPECT_EQ(o.balance("merchant_pending", merchant) + left * 5 / 100 + left * 25 / 1000, left);
    ASSERT_EQ(o.act(refund, first), result_code::ok);
    EXPECT_EQ(o.state(), "PARTIAL_REFUNDED");
    ASSERT_EQ(o.act(refund), result_code::ok);
    EXPECT_EQ(o.balance("merchant_pending", operator_share), 0);
    EXPECT_EQ(o.balance("merchant_pending", agent_share), 0);
    EXPECT_EQ(o.balance("merchant_pending", merchant), -fee);  // the plan keeps its fee
    EXPECT_EQ(o.balance("user_available", user), 0);
    EXPECT_EQ(o.balance("refund_transit"), 0);
  }
}

TEST(product_rows, a_freeze_ends_by_its_authority_or_in_time) {
  for (const bool in_time : {false, true}) {
    life o;
    order_record r = sale("freeze", 5'000);
    r.hold_s = 3'600;
    r.user_data_64 = 77;  // the authority
    ASSERT_EQ(o.create(r), result_code::ok);
    ASSERT_EQ(o.act_with(pay, [](order_action_record& a) { a.reason = 4; }), result_code::ok);
    EXPECT_EQ(o.state(), "FROZEN");
    EXPECT_EQ(o.balance("user_frozen", user), 5'000);
    EXPECT_EQ(o.balance("user_available", user), -5'000);
    EXPECT_EQ(o.row.timeout_at, o.now + 3'600 * second);
    EXPECT_TRUE(o.resident());
    EXPECT_EQ(o.act(timer), result_code::order_unchanged) << "too early";
    ASSERT_EQ(in_time ? o.time_out() : o.act(void_), result_code::ok);
    EXPECT_EQ(o.state(), "CLOSED");
    EXPECT_EQ(o.balance("user_frozen", user), 0);
    EXPECT_EQ(o.balance("user_available", user), 0);
  }
}

TEST(product_rows, holds_of_their_own_length) {
  life held;
  order_record r = sale("pre_authorisation", 5'000);
  r.hold_s = 60;
  ASSERT_EQ(held.create(r), result_code::ok);
  EXPECT_EQ(held.row.timeout_at, held.now + 1'800 * second) << "it says nothing about the wait for the payment";
  ASSERT_EQ(held.act(pay), result_code::ok);
  EXPECT_EQ(held.row.timeout_at, held.now + 60 * second);
  life escrow;
  r = sale("escrow_sale", 5'000);
  r.hold_s = 60;
  ASSERT_EQ(escrow.create(r), result_code::ok);
  ASSERT_EQ(escrow.act(pay), result_code::ok);
  EXPECT_EQ(escrow.row.timeout_at, escrow.now + 60 * second);
  ASSERT_EQ(escrow.time_out(), result_code::ok);
  EXPECT_EQ(escrow.balance("escrow"), 0);
}

TEST(product_rows, an_adjustment_needs_a_second_person) {
  const auto made = [] {
    life o;
    order_record r = sale("adjustment", 700);
    r.user = 0;
    r.counterparty = 1;    // the channel
    r.user_data_64 = 501;  // who asks for it
    EXPECT_EQ(o.create(r), result_code::ok);
    return o;
  };
  const auto by = [](std::uint64_t person) { return [person](order_action_record& a) { a.user_data_64 = person; }; };
  life o = made();
  EXPECT_EQ(o.act(pay), result_code::order_state_refuses);
  EXPECT_EQ(o.act_with(approve, by(501)), result_code::persons_must_differ);
  ASSERT_EQ(o.act_with(approve, by(502)), result_code::ok);
  EXPECT_EQ(o.state(), "FINISHED");
  EXPECT_EQ(o.balance("channel_receivable", 1), 700);
  EXPECT_EQ(o.balance("suspense_long"), 700);
  life rejected = made();
  ASSERT_EQ(rejected.act_with(reject, by(502)), result_code::ok);
  EXPECT_EQ(rejected.state(), "CLOSED");
  EXPECT_EQ(rejected.balance("suspense_long"), 0);
  EXPECT_EQ(rejected.act_with(approve, by(502)), result_code::order_state_refuses);
}

TEST(product_rows, deferred_legs_follow_in_a_unit_of_their_own) {  // SG-3: segments, transit back to zero
  life o;
  ASSERT_EQ(o.create(sale("segmented_sale", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("user_available", user), -10'000);
  EXPECT_EQ(o.balance("payment_transit"), 10'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.act(refund), result_code::payment_in_flight);
  ASSERT_EQ(o.time_out(), result_code::ok);
  EXPECT_EQ(o.balance("payment_transit"), 0);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 10'000 - 165);
  EXPECT_EQ(o.balance("fee_income"), 165);
  EXPECT_EQ(o.row.flags & order_row_flags::deferred, 0);
  EXPECT_GT(o.row.timeout_at, o.now + 3'600 * second) << "the state's own timer";
  ASSERT_EQ(o.act(refund), result_code::ok);
  EXPECT_EQ(o.balance("user_available", user), 0);
}

TEST(product_rows, at_the_bound_deferred_legs_are_booked_at_once) {
  life o;
  o.may_defer = false;
  ASSERT_EQ(o.create(sale("segmented_sale", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_EQ(o.balance("payment_transit"), 0);
  EXPECT_EQ(o.balance("fee_income"), 165);
}

TEST(product_rows, a_split_order_takes_shares_and_gives_them_back_exactly) {
  life o;
  ASSERT_EQ(o.create(sale("split", 9'999)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  const std::int64_t operator_part = 499, agent_part = 249;  // 5 % and 2.5 % of 99.99, rounded down
  EXPECT_EQ(o.balance("merchant_pending", 9001), operator_part);
  EXPECT_EQ(o.balance("merchant_pending", 9002), agent_part);
  EXPECT_EQ(o.balance("merchant_pending", merchant), -(operator_part + agent_part));
  ASSERT_EQ(o.act(refund, 3'333), result_code::ok);
  EXPECT_EQ(o.act(refund, 1), result_code::posting_impossible) << "every share of it is nothing";
  ASSERT_EQ(o.act(refund), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  for (const owner_number owner : {owner_number{9001}, owner_number{9002}, merchant})
    EXPECT_EQ(o.balance("merchant_pending", owner), 0) << owner;
}

TEST(product_rows, a_refund_order_pays_the_user_out_of_the_merchants_money) {
  life o;
  ASSERT_EQ(o.create(sale("refund", 700)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("user_available", user), 700);
  EXPECT_EQ(o.balance("merchant_pending", merchant), -700);
  EXPECT_EQ(o.balance("refund_transit"), 0);
  EXPECT_EQ(o.act(pay), result_code::order_state_refuses);
}

TEST(product_rows, a_refund_order_by_payout_holds_before_it_sends) {  // PC-3; and another way when that one fails
  constexpr std::uint16_t channel_bit = 4;
  life o;
  ASSERT_EQ(o.create(sale("refund", 700)), result_code::ok);
  ASSERT_EQ(o.act(pay, 0, 0, channel_bit), result_code::ok);
  EXPECT_EQ(o.payment->call, channel_operation::payout);
  EXPECT_EQ(o.balance("refund_transit"), 700);
  ASSERT_EQ(o.tell(channel_outcome::rejected), result_code::ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
  ASSERT_EQ(o.act(pay, 0, 0, channel_bit), result_code::ok);
  ASSERT_EQ(o.tell(channel_outcome::success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("refund_transit"), 0);
  ASSERT_EQ(o.tell(channel_outcome::returned), result_code::ok);
  EXPECT_EQ(o.state(), "RETURNED");
  EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
}

}  // namespace
}  // namespace payloom::test
