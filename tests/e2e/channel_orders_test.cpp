// Payments through channels, against the real server: the four forms over the channel that always answers, and many
// over the one that times out, rejects, repeats itself and comes late, with kills in between. In the end the channel's
// receivable is what our orders say came and went, whatever is left over stands in suspense with an open case, and no
// transit account holds anything (domain.md 1.3; OV-2, PC-1, PC-3).
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr std::uint16_t recharge = 201, withdraw = 202;
constexpr std::uint16_t balance_tool = 1, coupon_tool = 2, channel_tool = 4;
constexpr owner_number bank = 1, card = 2;
constexpr int looks_max = 6000;
constexpr auto between_looks = std::chrono::milliseconds(10);

}  // namespace

class channel_orders : public orders_fixture {
 protected:
  void open_all(client::blocking_connection& to, owner_number users, u128 funds) {
    open_chart(to, users, funds);
    std::vector<account_record> more = {chart_account("payment_transit"), chart_account("withdraw_transit"),
                                        chart_account("suspense_long"), chart_account("coupon_funding"),
                                        chart_account("bank", card)};
    for (const owner_number c : {bank, card}) more.push_back(chart_account("channel_receivable", c));
    for (owner_number u = 1; u <= users; ++u) more.push_back(chart_account("user_coupon", u));
    for (const result_record& r : send(to, frame_type::create_accounts, more)) ASSERT_EQ(name_of(r.code), "ok");
  }
  order_action_record by_channel(const order_record& of, owner_number channel) {
    order_action_record pay = action(of, order_action::pay);
    pay.tools = channel_tool;
    pay.channel = static_cast<std::uint32_t>(channel);
    return pay;
  }
  /// The order's newest event, once its payment is not on its way any more.
  order_event_row settled(client::blocking_connection& to, const order_record& of) {
    order_event_row last{};
    for (int look = 0; look < looks_max; ++look) {
      last = timeline(to, of.id.value).back();
      const time_ns timer = last.event.order.timeout_at;
      const bool soon = timer != 0 && timer < last.timestamp + 60'000'000'000u;
      // One that people look at is only reminded of, once a day.
      const bool reminded = last.payment.due_at > last.timestamp + 600'000'000'000u;
      if ((last.payment.due_at == 0 || reminded) && !soon) return last;
      std::this_thread::sleep_for(between_looks);
    }
    ADD_FAILURE() << "the payment of order " << lo64(of.business_id) << " is still on its way";
    return last;
  }
};

TEST_F(channel_orders, the_four_forms_over_a_channel) {
  start({"topology.order_shards=3"});
  auto to = connect();
  open_all(to, 1, 0);
  const order_record in = order(1, 50'000, recharge);
  ASSERT_EQ(create(to, in), "ok");
  ASSERT_EQ(act(to, by_channel(in, bank)), "ok");
  EXPECT_EQ(lo64(settled(to, in).event.order.paid_minor), 50'000u);
  EXPECT_EQ(balance(to, "user_available", 1), 50'000);

  const order_record out = order(1, 20'000, withdraw);
  ASSERT_EQ(create(to, out), "ok");
  ASSERT_EQ(act(to, action(out, order_action::pay)), "ok");
  settled(to, out);
  EXPECT_EQ(balance(to, "withdraw_transit"), 0);
  EXPECT_EQ(balance(to, "user_available", 1), 30'000 - 70);  // 0.50 and a tenth of a percent
  EXPECT_EQ(balance(to, "bank", bank), 20'000);

  const auto gift = send_one(to, transfer(account_of("coupon_funding"), account_of("user_coupon", 1), 300));
  ASSERT_EQ(name_of(gift.code), "ok");
  const order_record sale = order(1, 10'000);
  ASSERT_EQ(create(to, sale), "ok");
  order_action_record pay = by_channel(sale, bank);
  pay.tools = balance_tool | coupon_tool | channel_tool;
  pay.balance_minor = 1'000;
  pay.coupon_minor = 300;
  ASSERT_EQ(act(to, pay), "ok");
  EXPECT_EQ(act(to, pay), "ok") << "a repeat";
  const order_event_row paid = settled(to, sale);
  EXPECT_EQ(lo64(paid.event.order.paid_minor), 10'000u);
  EXPECT_EQ(balance(to, "payment_transit"), 0);
  EXPECT_EQ(balance(to, "channel_receivable", bank), -(50'000 + 8'700));
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 10'000 - 165);
  // Any id leads to the whole order (TC-2): the attempt's, too.
  EXPECT_EQ(timeline(to, attempt_id_of(0, pay.id.value, 1)).size(), timeline(to, sale.id.value).size());

  ASSERT_EQ(act(to, action(sale, order_action::refund)), "ok");
  settled(to, sale);
  EXPECT_EQ(balance(to, "channel_receivable", bank), -50'000);
  EXPECT_EQ(balance(to, "user_coupon", 1), 300);
  EXPECT_EQ(balance(to, "refund_transit"), 0);
  EXPECT_EQ(balance(to, "user_available", 1), 30'000 - 70);
  order_action_record forged = action(sale, order_action::channel_fact);
  EXPECT_EQ(act(to, forged), "action_unknown");
  EXPECT_EQ(act(to, action(sale, order_action::resolve)), "case_not_open");
  expect_verified();
}

TEST_F(channel_orders, a_payer_without_money_is_not_sent_out) {  // PC-3: held before anything leaves
  start();
  auto to = connect();
  open_all(to, 1, 5'000);
  const order_record out = order(1, 5'000, withdraw);
  ASSERT_EQ(create(to, out), "ok");
  EXPECT_EQ(act(to, action(out, order_action::pay)), "exceeds_credits") << "the fee comes on top";
  EXPECT_EQ(timeline(to, out.id.value).size(), 1u);
  EXPECT_EQ(balance(to, "withdraw_transit"), 0);
  expect_verified();
}

TEST_F(channel_orders, kills_among_payments_of_a_channel_that_misbehaves) {
  constexpr int orders = 300;
  constexpr u128 amount = 1'000;
  start();
  std::vector<order_record> made;
  {
    auto to = connect();
    open_all(to, 1, 0);
    for (int i = 0; i < orders; ++i) made.push_back(order(1, amount, recharge));
    for (const result_record& r : send(to, frame_type::create_orders, made)) ASSERT_EQ(name_of(r.code), "ok");
    std::vector<order_action_record> pays;
    for (const order_record& o : made) pays.push_back(by_channel(o, card));
    for (const result_record& r : send(to, frame_type::act_on_orders, pays)) ASSERT_EQ(name_of(r.code), "ok");
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    server->kill_now();
    start({"topology.order_shards=4", "topology.account_shards=1"});
    to = connect();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    server->kill_now();
    start({"topology.order_shards=1"});
    // A cancel while a payment is out ends with what the channel says.
    to = connect();
    for (int i = 0; i < orders; i += 10) act(to, action(made[static_cast<std::size_t>(i)], order_action::cancel));
  }
  auto to = connect();
  for (const order_record& o : made) settled(to, o);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'200));  // the channel's late news
  std::uint64_t paid = 0, suspended = 0, back = 0;
  int cases = 0;
  for (const order_record& o : made) {
    const order_event_row last = settled(to, o);
    if (last.payment.reason != case_reason::none) ++cases;
    paid += lo64(last.event.order.paid_minor);
    back += lo64(last.event.order.refunded_minor);
    suspended += lo64(last.payment.suspense_minor);
    EXPECT_TRUE(last.payment.suspense_minor == 0 || last.payment.reason != case_reason::none ||
                (last.event.order.flags & order_row_flags::resident) != 0)
        << "money in suspense is on its way, or in a case";
  }
  EXPECT_GT(paid, orders * 800u);
  EXPECT_EQ(balance(to, "suspense_long"), static_cast<std::int64_t>(suspended));
  EXPECT_EQ(-balance(to, "channel_receivable", card), static_cast<std::int64_t>(paid - back + suspended));
  EXPECT_EQ(balance(to, "user_available", 1), static_cast<std::int64_t>(paid - back));
  EXPECT_EQ(balance(to, "refund_transit"), 0);
  expect_verified();
}

}  // namespace payloom::e2e
