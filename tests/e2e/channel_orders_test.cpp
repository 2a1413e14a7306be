// Payments through channels, against the real server: the four forms over the channel that always answers, and many
// over the one that times out, rejects, repeats itself and comes late, with kills in between. In the end the channel's
// receivable is what our orders say came and went, whatever is left over stands in suspense with an open case, and no
// transit account holds anything (domain.md 1.3; OV-2, PC-1, PC-3).
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/e2e/channel_orders_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr owner_number bank = 1, card = 2;

}  // namespace

class channel_orders : public channel_orders_fixture {
 protected:
  void open_all(client::blocking_connection& to, owner_number users, u128 funds) {
    channel_orders_fixture::open_all(to, users, funds, {bank, card});
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

TEST_F(channel_orders, one_query_by_context_or_root_tells_everything) {  // SG-1
  constexpr u128 cart = 0xca47, visit = 0x715175, other_visit = 0x715176;
  start({"topology.order_shards=3"});
  const auto as = [&](u128 context, u128 root, std::uint16_t hop) {
    client::connect_options options;
    options.address = address;
    options.context_id = context;
    options.root_id = root;
    options.hop = hop;
    return client::blocking_connection(options);
  };
  auto to = connect();
  open_all(to, 1, 50'000);
  auto shop = as(visit, cart, 2);
  const order_record in = order(1, 1'000, recharge), bought = order(1, 300);
  ASSERT_EQ(create(shop, in), "ok");
  ASSERT_EQ(act(shop, by_channel(in, bank)), "ok");
  settled(to, in);  // what the channel said has no frame of a client
  ASSERT_EQ(create(shop, bought), "ok");
  auto later = as(other_visit, 0, 0);
  ASSERT_EQ(act(later, action(bought, order_action::pay)), "ok");
  ASSERT_EQ(create(to, order(1, 77)), "ok");  // something else

  const auto found = [&](u128 context, u128 root) {
    order_event_query query{};
    query.context_id = context;
    query.root_id = root;
    query.limit = 100;
    const client::reply reply = to.call(frame_type::order_events, std::span<const order_event_query>(&query, 1));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<order_event_row>();
    std::vector<order_event_row> out(rows.begin(), rows.end());
    for (std::size_t i = 1; i < out.size(); ++i) EXPECT_LT(out[i - 1].sequence, out[i].sequence);
    return out;
  };
  const auto all = found(0, cart);
  ASSERT_EQ(all.size(), 5u) << "made, asked, told; made, paid";
  for (const order_event_row& row : all) {
    EXPECT_EQ(row.event.order.root_id, cart);
    EXPECT_EQ(row.event.order.context_id, visit);
    EXPECT_EQ(row.event.order.hop, 2);
  }
  EXPECT_EQ(all[0].context_id, visit);
  EXPECT_EQ(all[0].root_id, cart);
  EXPECT_EQ(all[0].hop, 2);
  EXPECT_EQ(all[2].context_id, 0u) << "the channel's fact";
  EXPECT_EQ(found(visit, 0).size(), 5u);
  EXPECT_EQ(found(other_visit, 0).size(), 1u);
  EXPECT_EQ(found(other_visit, cart).size(), 1u);
  EXPECT_EQ(found(0, cart + 1).size(), 0u);
  server->kill_now();
  start({"topology.order_shards=1"});
  to = connect();
  EXPECT_EQ(found(0, cart).size(), 5u);
}

class combined_orders : public channel_orders {
 protected:
  static constexpr owner_number merchants = 3;

  void open_merchants(client::blocking_connection& to) {
    std::vector<account_record> pending;
    for (owner_number m = 21; m < 21 + merchants; ++m) pending.push_back(chart_account("merchant_pending", m));
    for (const result_record& r : send(to, frame_type::create_accounts, pending)) ASSERT_EQ(name_of(r.code), "ok");
  }
  /// An order at each merchant: 1,000, 1,001, 1,002 ... cents.
  std::vector<order_record> basket(client::blocking_connection& to) {
    std::vector<order_record> made;
    for (owner_number m = 21; m < 21 + merchants; ++m) {
      order_record r = order(1, 1'000 + made.size());
      r.merchant = m;
      r.id = order_id_of(m, r.business_id);
      made.push_back(r);
    }
    for (const result_record& r : send(to, frame_type::create_orders, made)) EXPECT_EQ(name_of(r.code), "ok");
    return made;
  }
  static std::vector<order_action_record> linked(std::vector<order_action_record> actions) {
    for (std::size_t i = 0; i + 1 < actions.size(); ++i) actions[i].flags = action_flags::linked;
    return actions;
  }
  std::vector<order_action_record> payments(const std::vector<order_record>& of, owner_number channel) {
    std::vector<order_action_record> out;
    for (const order_record& o : of) out.push_back(by_channel(o, channel));
    return linked(out);
  }
  static std::string codes(client::blocking_connection& to, const std::vector<order_action_record>& actions) {
    std::string text;
    for (const result_record& r : send(to, frame_type::act_on_orders, actions))
      text += std::string(name_of(r.code)) + " ";
    return text;
  }
};

TEST_F(combined_orders, one_attempt_pays_several_merchants) {  // combined pay
  start({"topology.order_shards=4", "topology.account_shards=2"});
  auto to = connect();
  open_all(to, 1, 500);
  open_merchants(to);
  const std::vector<order_record> made = basket(to);
  std::vector<order_action_record> pays = payments(made, bank);
  pays[1].tools |= balance_tool;  // each order has its own parts
  pays[1].balance_minor = 401;
  ASSERT_EQ(codes(to, pays), "ok ok ok ");
  u128 reference = 0, total = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const order_event_row last = settled(to, made[i]);
    EXPECT_EQ(last.event.order.paid_minor, made[i].amount_minor);
    EXPECT_EQ(last.payment.combined, pays[0].id.value);
    EXPECT_EQ(last.payment.combined_count, 3);
    EXPECT_EQ(last.payment.combined_member, i);
    EXPECT_EQ(lo64(last.payment.combined_minor), 3'003u - 401u);
    EXPECT_TRUE(i == 0 || last.payment.channel_reference == reference) << "one payment at the channel";
    reference = last.payment.channel_reference;
    total += last.payment.amount_minor - last.payment.balance_minor;
  }
  EXPECT_EQ(lo64(total), 2'602u);
  EXPECT_EQ(balance(to, "channel_receivable", bank), -2'602);
  EXPECT_EQ(balance(to, "user_available", 1), 99);
  EXPECT_EQ(balance(to, "payment_transit"), 0);

  // A refund of one of them goes back to the attempt that paid all.
  ASSERT_EQ(act(to, action(made[2], order_action::refund, 600)), "ok");
  const order_event_row back = settled(to, made[2]);
  EXPECT_EQ(lo64(back.event.order.refunded_minor), 600u);
  EXPECT_EQ(back.payment.source, attempt_id_of(0, pays[0].id.value, 1));
  EXPECT_EQ(balance(to, "channel_receivable", bank), -2'002);

  const std::vector<order_record> other = basket(to);  // two channels are no combined payment
  std::vector<order_action_record> mixed = payments(other, bank);
  mixed[2].channel = static_cast<std::uint32_t>(card);
  EXPECT_EQ(codes(to, mixed), "linked_event_failed linked_event_failed combined_parts_differ ");
  EXPECT_EQ(timeline(to, other[0].id.value).size(), 1u);
  // An id that is another member's order would wait for itself.
  std::vector<order_action_record> crossed = payments(other, bank);
  crossed[1].id.value = other[0].id.value;
  EXPECT_EQ(codes(to, crossed), "linked_event_failed chain_shape_unsupported linked_event_failed ");
  std::vector<order_action_record> many(65, by_channel(other[0], bank));
  EXPECT_EQ(codes(to, linked(many)).substr(0, 35), "chain_too_long linked_event_failed ");
  expect_verified();
}

TEST_F(combined_orders, kills_among_combined_payments_of_a_channel_that_misbehaves) {
  constexpr int baskets = 80;
  start({"topology.order_shards=3"});
  std::vector<std::vector<order_record>> made;
  {
    auto to = connect();
    open_all(to, 1, 0);
    open_merchants(to);
    for (int i = 0; i < baskets; ++i) made.push_back(basket(to));
    for (const auto& one : made) ASSERT_EQ(codes(to, payments(one, card)), "ok ok ok ");
    server->kill_now();
    start({"topology.order_shards=4"});
    to = connect();
    for (int i = 0; i < baskets; i += 5) {
      const auto& one = made[static_cast<std::size_t>(i)];
      act(to, action(one[1], order_action::cancel));  // alone: refused while it is out, or it is decided already
      std::vector<order_action_record> cancels;
      for (const order_record& o : one) cancels.push_back(action(o, order_action::cancel));
      codes(to, linked(cancels));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    server->kill_now();
    start({"topology.order_shards=2"});
  }
  auto to = connect();
  for (const auto& one : made)
    for (const order_record& o : one) settled(to, o);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'200));  // the channel's late news
  std::uint64_t paid = 0, back = 0, suspended = 0;
  for (const auto& one : made) {
    int whole = 0, nothing = 0;
    for (const order_record& o : one) {
      const order_event_row last = settled(to, o);
      const order_row& row = last.event.order;
      whole += row.paid_minor == row.amount_minor;
      nothing += row.paid_minor == 0;
      paid += lo64(row.paid_minor);
      back += lo64(row.refunded_minor);
      suspended += lo64(last.payment.suspense_minor);
      EXPECT_TRUE(last.payment.suspense_minor == 0 || last.payment.reason != case_reason::none);
    }
    EXPECT_TRUE(whole == 3 || nothing == 3) << "a combined payment has one outcome";
  }
  EXPECT_GT(paid, baskets * 3'003u / 2);
  EXPECT_EQ(-balance(to, "channel_receivable", card), static_cast<std::int64_t>(paid - back + suspended));
  EXPECT_EQ(balance(to, "suspense_long"), static_cast<std::int64_t>(suspended));
  EXPECT_EQ(balance(to, "payment_transit"), 0);
  EXPECT_EQ(balance(to, "refund_transit"), 0);
  expect_verified();
}

}  // namespace payloom::e2e
