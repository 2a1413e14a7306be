// Payments with a channel, each of the four forms to its good and to its bad end, with the balances that are left
// (domain.md 1.3: PC-1, PC-2, PC-3).
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum order_action;
using channel_outcome::accepted, channel_outcome::closed, channel_outcome::not_sent, channel_outcome::rejected,
    channel_outcome::returned, channel_outcome::success, channel_outcome::unknown;

constexpr std::uint16_t balance_bit = 1, coupon_bit = 2, channel_bit = 4;
constexpr owner_number bank_channel = 1;

result_code pay_by_channel(life& o) { return o.act(pay, 0, 0, channel_bit); }

/// Nothing is left on the way.
void expect_nothing_in_transit(const life& o) {
  for (const char* role : {"payment_transit", "withdraw_transit", "refund_transit", "escrow", "suspense_long"})
    EXPECT_EQ(o.balance(role), 0) << role;
}

TEST(outer_payment, recharge_is_credited_after_proof) {  // PC-3
  life o;
  ASSERT_EQ(o.create(sale("recharge", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);  // the product takes a channel alone
  EXPECT_EQ(o.state(), "PAYING");
  EXPECT_EQ(o.payment_state(), "PAYING");
  EXPECT_EQ(o.payment->call, channel_operation::pay);
  EXPECT_EQ(o.payment->attempt, 1);
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_TRUE(o.resident());
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.payment_state(), "SUCCESS");
  EXPECT_EQ(o.row.paid_minor, 10'000u);
  EXPECT_EQ(o.balance("user_available", user), 10'000);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 10'000);
  EXPECT_EQ(o.payment->due_at, 0u);
}

TEST(outer_payment, a_rejected_recharge_leaves_the_order_to_be_paid) {
  life o;
  ASSERT_EQ(o.create(sale("recharge", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.payment_state(), "FAILED");
  const u128 first = attempt_id_of(0, o.payment->payment, 1);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_NE(o.payment->id, first);  // OV-2: every attempt has its own number
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("user_available", user), 10'000);
}

TEST(outer_payment, withdraw_holds_before_it_sends) {  // PC-3
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  EXPECT_EQ(o.payment_state(), "SUBMITTED");
  EXPECT_EQ(o.payment->call, channel_operation::payout);
  EXPECT_EQ(o.balance("user_available", user), -10'100);  // with its fee of 1.00
  EXPECT_EQ(o.balance("withdraw_transit"), 10'100);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("withdraw_transit"), 0);
  EXPECT_EQ(o.balance("bank", bank_channel), -10'000);
  EXPECT_EQ(o.balance("fee_income"), 100);
  EXPECT_EQ(o.row.fee_minor, 100u);
}

TEST(outer_payment, a_rejected_withdraw_gives_everything_back) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.state(), "CLOSED");
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_EQ(o.row.fee_minor, 0u);
  expect_nothing_in_transit(o);
}

TEST(outer_payment, a_withdraw_that_never_left_is_sent_again_under_a_new_number) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  const u128 first = o.payment->id;
  ASSERT_EQ(o.tell(not_sent), result_code::ok);
  EXPECT_EQ(o.payment_state(), "FROZEN");
  EXPECT_EQ(o.balance("withdraw_transit"), 10'100);  // held once, not twice
  ASSERT_EQ(o.payment_time_out(), result_code::ok);
  EXPECT_EQ(o.payment_state(), "SUBMITTED");
  EXPECT_EQ(o.payment->attempt, 2);
  EXPECT_NE(o.payment->id, first);
  EXPECT_EQ(o.payment->call, channel_operation::payout);
  EXPECT_EQ(o.tell(success, 0, 1), result_code::ok);  // of the first one: people look at it
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("withdraw_transit"), 0);
}

TEST(outer_payment, a_returned_withdraw_is_credited_again) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(o.tell(returned), result_code::ok);
  EXPECT_EQ(o.state(), "RETURNED");
  EXPECT_EQ(o.balance("bank", bank_channel), 0);
  EXPECT_EQ(o.balance("user_available", user), -100);  // the fee is kept
}

TEST(outer_payment, a_sale_by_channel_pays_merchant_and_fee) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(pay_by_channel(o), result_code::ok);
  EXPECT_TRUE(o.decision().legs.empty());
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 10'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 10'000 - 165);
  EXPECT_EQ(o.balance("fee_income"), 165);
  EXPECT_EQ(o.row.fee_minor, 165u);
  expect_nothing_in_transit(o);
}

TEST(outer_payment, balance_coupons_and_channel_pay_together) {  // reservations first, the one call outside last
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  const auto parts = [](order_action_record& r) {
    r.tools = balance_bit | coupon_bit | channel_bit;
    r.balance_minor = 3'000;
    r.coupon_minor = 500;
  };
  ASSERT_EQ(o.act_with(pay, parts), result_code::ok);
  EXPECT_EQ(o.balance("user_available", user), -3'000);
  EXPECT_EQ(o.balance("user_coupon", user), -500);
  EXPECT_EQ(o.balance("payment_transit"), 3'500);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_EQ(o.balance("user_coupon", user), 0);
  expect_nothing_in_transit(o);
  ASSERT_EQ(o.act_with(pay, parts), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 6'500);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 10'000 - 165);
  expect_nothing_in_transit(o);

  // The refunds go back to where each part came from, and add up exactly.
  ASSERT_EQ(o.act(refund, 3'333), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDING");
  EXPECT_EQ(o.row.refunding_minor, 3'333u);
  EXPECT_EQ(o.payment->call, channel_operation::refund);
  EXPECT_EQ(o.act(refund, 1), result_code::order_state_refuses);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "PARTIAL_REFUNDED");
  EXPECT_EQ(o.row.refunding_minor, 0u);
  ASSERT_EQ(o.act(refund), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_EQ(o.balance("user_coupon", user), 0);
  EXPECT_EQ(o.balance("merchant_pending", merchant), -165);  // the fee is kept
  expect_nothing_in_transit(o);
}

TEST(outer_payment, coupons_and_balance_pay_at_once) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(o.act_with(pay,
                       [](order_action_record& r) {
                         r.tools = balance_bit | coupon_bit;
                         r.coupon_minor = 500;
                       }),
            result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("user_available", user), -9'500);
  EXPECT_EQ(o.balance("user_coupon", user), -500);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 10'000 - 165);
  ASSERT_EQ(o.act(refund, 5'000), result_code::ok);
  EXPECT_EQ(o.balance("user_coupon", user), -250);
  ASSERT_EQ(o.act(refund), result_code::ok);
  EXPECT_EQ(o.balance("user_coupon", user), 0);
  EXPECT_EQ(o.balance("user_available", user), 0);
  expect_nothing_in_transit(o);
}

TEST(outer_payment, escrow_by_channel) {
  life o;
  ASSERT_EQ(o.create(sale("escrow_sale", 10'000)), result_code::ok);
  ASSERT_EQ(pay_by_channel(o), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "ESCROW_HELD");
  EXPECT_EQ(o.balance("escrow"), 10'000);
  EXPECT_EQ(o.row.held_minor, 10'000u);
  ASSERT_EQ(o.act(refund, 4'000), result_code::ok);
  EXPECT_EQ(o.state(), "ESCROW_REFUNDING");
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "ESCROW_HELD");
  ASSERT_EQ(o.act(confirm), result_code::ok);
  EXPECT_EQ(o.balance("escrow"), 0);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 6'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant) + o.balance("fee_income"), 6'000);
}

TEST(outer_payment, a_refund_that_fails_is_the_merchants_again) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(pay_by_channel(o), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  const std::int64_t pending = o.balance("merchant_pending", merchant);
  ASSERT_EQ(o.act(refund), result_code::ok);
  EXPECT_EQ(o.balance("refund_transit"), 10'000);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("merchant_pending", merchant), pending);
  EXPECT_EQ(o.payment->external_refunded_minor, 0u);
  ASSERT_EQ(o.act(refund), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
}

struct refused_payment {
  const char* what;
  std::uint16_t tools;
  u128 balance, coupon;
  std::uint32_t channel;
  result_code code;
};

TEST(outer_payment, what_is_refused) {  // in the order of precedence
  const refused_payment rows[] = {
      {"balance is not named", balance_bit | channel_bit, 0, 0, 0, result_code::parts_do_not_fit},
      {"coupon is not named", coupon_bit | channel_bit, 0, 0, 0, result_code::parts_do_not_fit},
      {"a part without its tool", channel_bit, 5, 0, 0, result_code::parts_do_not_fit},
      {"nothing is left for the channel", balance_bit | channel_bit, 10'000, 0, 0, result_code::parts_do_not_fit},
      {"more than all", balance_bit | channel_bit, 10'001, 0, 0, result_code::parts_do_not_fit},
      {"no such channel", channel_bit, 0, 0, 99, result_code::no_channel},
      {"coupons pay all, and the balance?", balance_bit | coupon_bit, 0, 10'000, 0, result_code::parts_do_not_fit},
      {"coupons pay nothing", balance_bit | coupon_bit, 0, 0, 0, result_code::parts_do_not_fit},
      {"the balance's part is not the rest", balance_bit | coupon_bit, 1, 500, 0, result_code::parts_do_not_fit},
  };
  for (const refused_payment& row : rows) {
    life o;
    ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
    EXPECT_EQ(o.act_with(pay,
                         [&](order_action_record& r) {
                           r.tools = row.tools;
                           r.balance_minor = row.balance;
                           r.coupon_minor = row.coupon;
                           r.channel = row.channel;
                         }),
              row.code)
        << row.what;
  }
}

TEST(outer_payment, a_second_payment_waits_for_the_first) {  // one live attempt at a time
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(pay_by_channel(o), result_code::ok);
  EXPECT_EQ(pay_by_channel(o), result_code::order_state_refuses);
  EXPECT_EQ(o.act(pay), result_code::order_state_refuses);
}

TEST(outer_payment, created_and_paid_in_one_command) {
  life o;
  order_record r = sale("recharge", 10'000);
  r.flags = order_flags::pay_now;
  r.tools = channel_bit;
  ASSERT_EQ(o.create(r), result_code::ok);
  EXPECT_EQ(o.state(), "PAYING");
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.balance("user_available", user), 10'000);
}

}  // namespace
}  // namespace payloom::test
