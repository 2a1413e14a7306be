// Goal: what commands make of orders of every product (TC-1, PC-1, PC-2, PC-3). Method: lives step by step; after every
// step state, sums and balances are what the product promises. Amounts in cents; the standard fee is 25 + 1.4 %.
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum result_code;
using act = order_action;

TEST(order_decision, instant_sale_is_paid_and_refunded_in_parts) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.row.timeout_at, start + 1800 * second);
  EXPECT_TRUE(o.decision().legs.empty());

  o.now += 5 * second;
  ASSERT_EQ(o.act(act::pay), ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_FALSE(o.resident()) << "nothing happens to a paid order by itself";
  EXPECT_EQ(o.row.paid_minor, 10'000u);
  EXPECT_EQ(o.row.fee_minor, 165u);
  EXPECT_EQ(o.balance("user_available", user), -10'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 9'835);
  EXPECT_EQ(o.balance("fee_income"), 165);

  ASSERT_EQ(o.act(act::refund, 4'000), ok);
  EXPECT_EQ(o.state(), "PARTIAL_REFUNDED");
  EXPECT_EQ(o.balance("user_available", user), -6'000);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 5'835);
  EXPECT_EQ(o.balance("fee_income"), 165) << "the standard plan keeps its fee";
  EXPECT_EQ(o.balance("refund_transit"), 0);
  EXPECT_EQ(o.act(act::refund, 6'001), exceeds_paid);
  ASSERT_EQ(o.act(act::refund), ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.row.refunded_minor, 10'000u);
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_NE(o.row.flags & order_row_flags::final_state, 0);
  EXPECT_EQ(o.act(act::refund), order_state_refuses);
  EXPECT_EQ(o.act(act::pay), order_state_refuses);
}

TEST(order_decision, pay_now_is_one_event) {
  life o;
  order_record r = sale("instant_sale", 10'000);
  r.flags = order_flags::pay_now;
  ASSERT_EQ(o.create(r), ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.row.version, 1u);
  EXPECT_EQ(o.row.payments, 1u);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 9'835);
}

TEST(order_decision, sale_in_parts_then_given_up_returns_what_was_paid) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(o.act(act::pay, 3'000), ok);
  EXPECT_EQ(o.state(), "PARTIAL_PAID");
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.act(act::pay, 7'001), exceeds_due);
  ASSERT_EQ(o.act(act::pay, 2'000), ok);
  EXPECT_EQ(o.row.paid_minor, 5'000u);
  EXPECT_EQ(o.row.payments, 2u);
  ASSERT_EQ(o.time_out(), ok);
  EXPECT_EQ(o.state(), "PAID_AFTER_CLOSE");
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(o.act(act::pay), order_state_refuses);
  ASSERT_EQ(o.time_out(), ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("user_available", user), 0);
  EXPECT_EQ(o.row.refunded_minor, o.row.paid_minor);
}

TEST(order_decision, unpaid_orders_expire_or_are_cancelled) {
  life expired;
  order_record r = sale("instant_sale", 10'000);
  r.timeout_s = 60;
  ASSERT_EQ(expired.create(r), ok);
  EXPECT_EQ(expired.row.timeout_at, start + 60 * second);
  EXPECT_EQ(expired.act(act::timer), order_unchanged) << "not yet";
  ASSERT_EQ(expired.time_out(), ok);
  EXPECT_EQ(expired.state(), "CLOSED");
  EXPECT_FALSE(expired.resident());
  EXPECT_EQ(expired.act(act::cancel), order_unchanged);
  EXPECT_EQ(expired.act(act::pay), order_state_refuses);

  life transfer;
  ASSERT_EQ(transfer.create(sale("transfer", 10'000)), ok);
  EXPECT_TRUE(transfer.resident()) << "its end is an event, although nothing follows it";
  ASSERT_EQ(transfer.time_out(), ok);
  EXPECT_EQ(transfer.state(), "CLOSED");

  life cancelled;
  ASSERT_EQ(cancelled.create(sale("transfer", 10'000)), ok);
  ASSERT_EQ(cancelled.act(act::cancel), ok);
  EXPECT_EQ(cancelled.state(), "CLOSED");
  EXPECT_TRUE(cancelled.decision().legs.empty());
}

TEST(order_decision, escrow_is_held_until_the_buyer_is_content) {
  for (const act way : {act::confirm, act::release, act::timer}) {
    life o;
    ASSERT_EQ(o.create(sale("escrow_sale", 10'000)), ok);
    ASSERT_EQ(o.act(act::pay), ok);
    EXPECT_EQ(o.state(), "ESCROW_HELD");
    EXPECT_TRUE(o.resident()) << "auto_confirm will come";
    EXPECT_EQ(o.balance("escrow"), 10'000);
    EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
    EXPECT_EQ(o.row.held_minor, 10'000u);
    ASSERT_EQ(way == act::timer ? o.time_out() : o.act(way), ok);
    EXPECT_EQ(o.state(), "RELEASED");
    EXPECT_EQ(o.balance("escrow"), 0);
    EXPECT_EQ(o.balance("merchant_pending", merchant), 9'835);
    EXPECT_EQ(o.balance("fee_income"), 165);
    EXPECT_EQ(o.row.held_minor, 0u);
    EXPECT_EQ(o.act(act::confirm), order_unchanged);
    ASSERT_EQ(o.act(act::refund, 1'000), ok) << "from the merchant now";
    EXPECT_EQ(o.balance("merchant_pending", merchant), 8'835);
  }
}

TEST(order_decision, escrow_refunded_before_release_comes_out_of_escrow) {
  life o;
  ASSERT_EQ(o.create(sale("escrow_sale", 10'000)), ok);
  ASSERT_EQ(o.act(act::pay), ok);
  ASSERT_EQ(o.act(act::refund, 2'500), ok);
  EXPECT_EQ(o.state(), "ESCROW_HELD");
  EXPECT_EQ(o.balance("escrow"), 7'500);
  EXPECT_EQ(o.act(act::refund, 7'501), exceeds_paid);
  ASSERT_EQ(o.act(act::confirm), ok);
  EXPECT_EQ(o.balance("escrow"), 0);
  EXPECT_EQ(o.balance("merchant_pending", merchant), 7'500 - 130);
}

TEST(order_decision, pre_authorisation_is_captured_in_part_or_let_go) {
  life captured;
  ASSERT_EQ(captured.create(sale("pre_authorisation", 10'000)), ok);
  ASSERT_EQ(captured.act(act::pay), ok);
  EXPECT_EQ(captured.state(), "AUTHORISED");
  EXPECT_EQ(captured.row.paid_minor, 0u);
  EXPECT_EQ(captured.balance("user_frozen", user), 10'000);
  EXPECT_EQ(captured.act(act::capture, 10'001), exceeds_authorised);
  ASSERT_EQ(captured.act(act::capture, 6'000), ok);
  EXPECT_EQ(captured.state(), "PAID");
  EXPECT_EQ(captured.balance("user_frozen", user), 0);
  EXPECT_EQ(captured.balance("user_available", user), -6'000);
  EXPECT_EQ(captured.balance("merchant_pending", merchant), 6'000 - 109);
  EXPECT_EQ(captured.act(act::refund, 6'001), exceeds_paid);

  for (const act way : {act::void_, act::timer}) {
    life o;
    ASSERT_EQ(o.create(sale("pre_authorisation", 10'000)), ok);
    ASSERT_EQ(o.act(act::pay), ok);
    ASSERT_EQ(way == act::timer ? o.time_out() : o.act(way), ok);
    EXPECT_EQ(o.state(), "CLOSED");
    EXPECT_EQ(o.balance("user_frozen", user), 0);
    EXPECT_EQ(o.balance("user_available", user), 0);
  }
}

TEST(order_decision, transfer_between_users) {
  life o;
  order_record r = sale("transfer", 10'000);
  r.flags = order_flags::pay_now;
  ASSERT_EQ(o.create(r), ok);
  EXPECT_EQ(o.state(), "FINISHED");
  EXPECT_EQ(o.balance("user_available", user), -10'000);
  EXPECT_EQ(o.balance("user_available", other_user), 10'000);

  r.counterparty = 0;
  EXPECT_EQ(o.create(r), party_missing);
  r.counterparty = user;
  EXPECT_EQ(o.create(r), parties_must_be_different);
}

TEST(order_decision, refusals) {
  life small;
  order_record little = sale("instant_sale", 20);
  little.flags = order_flags::pay_now;
  EXPECT_EQ(small.create(little), ok) << "a fee is cut down to the amount";
  EXPECT_EQ(small.balance("fee_income"), 20);
  life moved;
  ASSERT_EQ(moved.create(sale("transfer", 10'000)), ok);
  EXPECT_EQ(moved.act(act::pay, 10'001, 0, 2), exceeds_due) << "223 before 227";
  EXPECT_EQ(moved.act(act::pay, 10'000, 0, 2), tool_not_usable);
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  EXPECT_EQ(o.act(act::pay, 0, 7), order_version_differs);
  EXPECT_EQ(o.act(act::confirm), order_state_refuses);
  EXPECT_EQ(o.act(act::capture), order_state_refuses);
  EXPECT_EQ(o.act(act::refund), order_state_refuses);
  EXPECT_EQ(o.act(act::pay, 0, 1), ok);

  life large;
  ASSERT_EQ(large.create(sale("instant_sale", 1'000'000'001)), ok);
  EXPECT_EQ(large.act(act::pay), above_maximum);
  life recharge;
  ASSERT_EQ(recharge.create(sale("recharge", 1'000)), ok);
  EXPECT_EQ(recharge.act(act::pay, 0, 0, 1), tool_not_usable) << "needs a channel";
  life withdraw;
  ASSERT_EQ(withdraw.create(sale("withdraw", 1'000)), ok);
  EXPECT_EQ(withdraw.act(act::pay, 0, 0, 1), tool_not_usable) << "needs a channel";
  order_record sek = sale("instant_sale", 1'000);
  sek.ledger = 752;
  life other;
  ASSERT_EQ(other.create(sek), ok);
  EXPECT_EQ(other.act(act::pay), ledger_not_allowed);
}

TEST(order_decision, windows_that_are_over_need_no_timer) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(o.act(act::pay), ok);
  ASSERT_EQ(o.act(act::refund, 1'000), ok);
  EXPECT_FALSE(o.resident());
  const std::uint32_t first_day = o.row.accounting_date;
  o.now += 179 * day;
  ASSERT_EQ(o.act(act::refund, 1'000), ok);
  EXPECT_EQ(o.row.accounting_date, core::day_of(o.now)) << "postings belong to the day of their decision";
  EXPECT_NE(o.row.accounting_date, first_day);
  o.now += 181 * day;
  EXPECT_EQ(o.act(act::refund, 1'000), order_state_refuses);
}

}  // namespace
}  // namespace payloom::test
