// Orders over the wire: lives, repeats, races, restarts and kills. Whatever happens, an order's state, its postings and
// its events agree, each command has one effect, and the books are even.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "protocol/types/u128_text.hpp"
#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr int looks_max = 3000;
constexpr auto between_looks = std::chrono::milliseconds(10);

}  // namespace

class orders : public orders_fixture {};

TEST_F(orders, a_sale_from_creation_to_refund_with_repeats) {
  start();
  auto to = connect();
  open_chart(to, 2, 50'000);
  const order_record sale = order(1, 10'000);
  ASSERT_EQ(create(to, sale), "ok");
  const auto repeated = send(to, frame_type::create_orders, std::vector{sale}).front();
  EXPECT_EQ(name_of(repeated.code), "ok");
  EXPECT_NE(repeated.flags & result_flags::replayed, 0);
  order_record other = sale;
  other.amount_minor = 9'999;
  EXPECT_EQ(create(to, other), "exists_with_different_amount");

  const order_action_record pay = action(sale, order_action::pay);
  ASSERT_EQ(act(to, pay), "ok");
  EXPECT_EQ(act(to, pay), "ok") << "a repeat";
  EXPECT_EQ(act(to, action(sale, order_action::pay)), "order_state_refuses");
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 9'835);
  EXPECT_EQ(balance(to, "fee_income"), 165);
  EXPECT_EQ(balance(to, "user_available", 1), 40'000);

  const order_action_record refund = action(sale, order_action::refund, 4'000);
  ASSERT_EQ(act(to, refund), "ok");
  order_action_record wrong = refund;
  wrong.amount_minor = 5'000;
  EXPECT_EQ(act(to, wrong), "exists_with_different_amount");
  order_action_record stale = action(sale, order_action::refund);
  stale.expected_version = 1;
  EXPECT_EQ(act(to, stale), "order_version_differs");
  EXPECT_EQ(act(to, stale), "order_version_differs") << "remembered";
  EXPECT_EQ(balance(to, "user_available", 1), 44'000);
  EXPECT_EQ(balance(to, "refund_transit"), 0);

  const auto by_order = timeline(to, sale.id.value);
  ASSERT_EQ(by_order.size(), 3u);
  EXPECT_EQ(by_order[2].event.order.version, 3u);
  EXPECT_EQ(by_order[2].event.order.created_seq, by_order[0].sequence);
  EXPECT_EQ(by_order[2].event.order.previous_seq, by_order[1].sequence);
  EXPECT_EQ(lo64(by_order[2].event.order.refunded_minor), 4'000u);
  for (const u128 id : {pay.id.value, refund.id.value, posting_id_of(0, pay.id.value, 0).value})
    EXPECT_EQ(timeline(to, id).size(), 3u);
  expect_verified();
}

TEST_F(orders, refusals_leave_nothing_behind) {
  start();
  auto to = connect();
  open_chart(to, 1, 1'000);
  const order_record large = order(1, 1'001);
  ASSERT_EQ(create(to, large), "ok");
  const order_action_record pay = action(large, order_action::pay);
  EXPECT_EQ(act(to, pay), "exceeds_credits");
  const auto repeated = send(to, frame_type::act_on_orders, std::vector{pay}).front();
  EXPECT_EQ(name_of(repeated.code), "exceeds_credits");
  EXPECT_NE(repeated.flags & result_flags::replayed, 0);
  order_record at_once = order(1, 1'001, instant_sale, order_flags::pay_now);
  EXPECT_EQ(create(to, at_once), "exceeds_credits");
  const auto topped_up = send_one(to, transfer(account_of("bank", 1), account_of("user_available", 1), 1));
  ASSERT_EQ(name_of(topped_up.code), "ok");
  EXPECT_EQ(create(to, at_once), "ok") << "an order that was refused whole was never made";
  EXPECT_EQ(act(to, pay), "exceeds_credits") << "this payment was refused for good";
  EXPECT_EQ(act(to, action(order(1, 5), order_action::pay)), "order_not_found");
  account_record wrong = chart_account("user_available", 99);
  wrong.flags = 0;
  EXPECT_EQ(name_of(send(to, frame_type::create_accounts, std::vector{wrong}).front().code), "account_id_reserved");
  EXPECT_EQ(create(to, order(99, 5, instant_sale, order_flags::pay_now)), "debit_account_not_found");
  expect_verified();
}

TEST_F(orders, one_of_many_payments_wins) {
  start({"topology.order_shards=3", "topology.account_shards=2"});
  auto to = connect();
  open_chart(to, 1, 1'000'000);
  std::vector<order_record> made;
  for (int i = 0; i < 50; ++i) made.push_back(order(1, 100));
  for (const result_record& r : send(to, frame_type::create_orders, made)) ASSERT_EQ(name_of(r.code), "ok");
  std::vector<order_action_record> pays;
  for (int again = 0; again < 20; ++again)
    for (const order_record& o : made) pays.push_back(action(o, order_action::pay));
  std::size_t won = 0, lost = 0;
  for (const result_record& r : send(to, frame_type::act_on_orders, pays)) {
    won += r.code == result_code::ok;
    lost += r.code == result_code::order_state_refuses;
  }
  EXPECT_EQ(won, made.size());
  EXPECT_EQ(won + lost, pays.size());
  EXPECT_EQ(balance(to, "user_available", 1), 1'000'000 - 50 * 100);
  expect_verified();
}

TEST_F(orders, open_orders_survive_a_kill_and_expire_afterwards) {
  start();
  order_record short_one, long_one, held, paid;
  {
    auto to = connect();
    open_chart(to, 1, 100'000);
    short_one = order(1, 500);
    short_one.timeout_s = 2;
    long_one = order(1, 700);
    held = order(1, 900, escrow_sale, order_flags::pay_now);
    paid = order(1, 1'000, instant_sale, order_flags::pay_now);
    for (const order_record& o : {short_one, long_one, held, paid}) ASSERT_EQ(create(to, o), "ok");
  }
  server->kill_now();
  start({"topology.order_shards=5", "topology.account_shards=3"});
  auto to = connect();
  std::vector<order_event_row> rows = timeline(to, short_one.id.value);
  for (int i = 0; i < looks_max && rows.size() < 2; ++i) {
    std::this_thread::sleep_for(between_looks);
    rows = timeline(to, short_one.id.value);
  }
  ASSERT_EQ(rows.size(), 2u) << "it expired by itself";
  EXPECT_EQ(act(to, action(short_one, order_action::pay)), "order_state_refuses");
  EXPECT_EQ(act(to, action(long_one, order_action::pay)), "ok");
  EXPECT_EQ(act(to, action(held, order_action::confirm)), "ok");
  EXPECT_EQ(act(to, action(paid, order_action::refund)), "ok");
  EXPECT_EQ(balance(to, "escrow"), 0);
  EXPECT_EQ(balance(to, "refund_transit"), 0);
  EXPECT_EQ(balance(to, "user_available", 1), 100'000 - 700 - 900);
  expect_verified();
}

TEST_F(orders, every_payment_once_although_the_server_is_killed) {
  start();
  constexpr int frames = 60, each = 100;
  std::vector<std::vector<order_record>> load(frames);
  {
    auto to = connect();
    open_chart(to, 10, 10'000'000);
    for (auto& frame : load)
      for (int i = 0; i < each; ++i) frame.push_back(order(1 + i % 10, 1'000, instant_sale, order_flags::pay_now));
  }
  std::atomic<int> answered{0};
  std::thread sender([&] {
    try {
      auto to = connect();
      for (const auto& frame : load) {
        for (const result_record& r : send(to, frame_type::create_orders, frame)) ASSERT_EQ(name_of(r.code), "ok");
        ++answered;
      }
    } catch (const client::connection_lost&) {
    }
  });
  while (answered < frames / 3) std::this_thread::yield();
  server->kill_now();
  sender.join();
  start({"topology.order_shards=4", "topology.account_shards=1"});
  auto to = connect();
  int replayed = 0;
  for (const auto& frame : load)
    for (const result_record& r : send(to, frame_type::create_orders, frame)) {
      ASSERT_EQ(name_of(r.code), "ok");
      replayed += (r.flags & result_flags::replayed) != 0;
    }
  EXPECT_GE(replayed, answered * each);
  constexpr std::int64_t fee = 39;
  EXPECT_EQ(balance(to, "merchant_pending", merchant), std::int64_t{frames} * each * (1'000 - fee));
  EXPECT_EQ(balance(to, "fee_income"), std::int64_t{frames} * each * fee);
  expect_verified();
}

TEST_F(orders, events_are_followed_by_cursor) {
  start();
  auto to = connect();
  open_chart(to, 1, 100'000);
  std::set<u128> made;
  for (int i = 0; i < 30; ++i) {
    const order_record o = order(1, 100, instant_sale, order_flags::pay_now);
    ASSERT_EQ(create(to, o), "ok");
    made.insert(o.id.value);
  }
  order_event_query q{};
  q.limit = 7;
  q.merchant = merchant;
  commit_seq before = 0;
  while (!made.empty()) {
    const client::reply reply = to.call(frame_type::order_events, std::span<const order_event_query>(&q, 1));
    ASSERT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<order_event_row>();
    ASSERT_FALSE(rows.empty());
    for (const order_event_row& row : rows) {
      EXPECT_GT(row.sequence, before);
      before = row.sequence;
      EXPECT_EQ(made.erase(row.event.order.id.value), 1u);
    }
    q.after = reply.header.cursor;
  }
}

TEST_F(orders, linked_payments_of_several_merchants_are_one) {  // combined pay: all or none
  start({"topology.order_shards=4", "topology.account_shards=2"});
  auto to = connect();
  open_chart(to, 1, 10'000);
  constexpr owner_number merchants = 5;
  std::vector<account_record> pending;
  for (owner_number m = 21; m < 21 + merchants; ++m) pending.push_back(chart_account("merchant_pending", m));
  for (const result_record& r : send(to, frame_type::create_accounts, pending)) ASSERT_EQ(name_of(r.code), "ok");
  const auto basket = [&](u128 each) {
    std::vector<order_record> made;
    for (owner_number m = 21; m < 21 + merchants; ++m) {
      order_record r = order(1, each);
      r.merchant = m;
      r.id = order_id_of(m, r.business_id);
      made.push_back(r);
    }
    for (const result_record& r : send(to, frame_type::create_orders, made)) EXPECT_EQ(name_of(r.code), "ok");
    return made;
  };
  const auto linked = [&](const std::vector<order_record>& of) {
    std::vector<order_action_record> pays;
    for (const order_record& o : of) pays.push_back(action(o, order_action::pay));
    for (std::size_t i = 0; i + 1 < pays.size(); ++i) pays[i].flags = action_flags::linked;
    return pays;
  };
  const auto codes = [](const std::vector<result_record>& results) {
    std::string text;
    for (const result_record& r : results) text += std::string(name_of(r.code)) + " ";
    return text;
  };
  const std::vector<order_record> first = basket(1'000);
  const std::vector<order_action_record> pays = linked(first);
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, pays)), "ok ok ok ok ok ");
  for (const result_record& r : send(to, frame_type::act_on_orders, pays))
    EXPECT_NE(r.flags & result_flags::replayed, 0) << "a repeat";
  EXPECT_EQ(balance(to, "user_available", 1), 5'000);

  const std::vector<order_record> second = basket(1'100);  // together more than there is: the last one is refused
  const std::vector<order_action_record> poor = linked(second);
  for (int again = 0; again < 2; ++again) {
    const std::vector<result_record> said = send(to, frame_type::act_on_orders, poor);
    EXPECT_EQ(codes(said),
              "linked_event_failed linked_event_failed linked_event_failed linked_event_failed exceeds_credits ");
    EXPECT_EQ((said.back().flags & result_flags::replayed) != 0, again != 0) << "a refusal is remembered";
  }
  EXPECT_EQ(balance(to, "user_available", 1), 5'000);
  EXPECT_EQ(timeline(to, second[0].id.value).size(), 1u);
  EXPECT_EQ(act(to, action(second[2], order_action::pay)), "ok") << "none of them is claimed any more";
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, linked(second))),
            "linked_event_failed linked_event_failed order_state_refuses linked_event_failed linked_event_failed ");

  std::vector<order_action_record> two = linked({second[2], second[3]});
  two[1].order.value = 12'345;
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, two)), "order_state_refuses linked_event_failed ")
      << "the first that is refused, although the second order does not even exist";

  std::vector<order_action_record> open = linked({second[0], second[1]});
  open[1].flags = action_flags::linked;
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, open)), "linked_event_failed linked_event_chain_open ");
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, linked({second[0], second[0]}))),
            "linked_event_failed chain_shape_unsupported ");
  std::vector<order_action_record> partly = linked({first[0], second[0]});
  partly[0].id = pays[0].id;
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, partly)), "exists_outside_chain linked_event_failed ");
  EXPECT_EQ(act(to, action(second[0], order_action::pay)), "ok");

  // Refunds of all of them, linked, too.
  std::vector<order_action_record> refunds = linked(first);
  for (order_action_record& r : refunds) r.action = order_action::refund;
  EXPECT_EQ(codes(send(to, frame_type::act_on_orders, refunds)), "ok ok ok ok ok ");
  EXPECT_EQ(balance(to, "user_available", 1), 10'000 - 2'200);
  drain_and_start();
  expect_verified();
}

TEST_F(orders, deferred_legs_wait_for_a_stopped_payee_and_are_seen_to_wait) {  // SG-3: segments, backlog age
  constexpr std::uint16_t segmented_sale = 105;
  start({"topology.order_shards=1"});
  auto to = connect();
  open_chart(to, 1, 10'000);
  const std::vector<account_record> transit = {chart_account("payment_transit")};
  ASSERT_EQ(name_of(send(to, frame_type::create_accounts, transit).front().code), "ok");
  const std::string payee = to_hex(account_of("merchant_pending", merchant).value);
  ASSERT_EQ(verb({"account", "change", payee, "--set", "stop_in"}).exit_code, 0);
  ASSERT_EQ(create(to, order(1, 10'000, segmented_sale, order_flags::pay_now)), "ok");
  const auto waiting = [&] { return nlohmann::json::parse(verb({"stats", "--json"}).out)["order_shards"][0]; };
  nlohmann::json seen = waiting();
  for (int look = 0; look < 500 && seen.value("deferred_oldest_ms", 0) < 300; ++look) seen = waiting();
  EXPECT_EQ(seen["deferred"], 1);
  EXPECT_GE(seen["deferred_oldest_ms"], 300);
  EXPECT_EQ(balance(to, "payment_transit"), 10'000);
  ASSERT_EQ(verb({"account", "change", payee, "--clear", "stop_in"}).exit_code, 0);
  for (int look = 0; look < 2'000 && seen["deferred"] != 0; ++look) seen = waiting();
  EXPECT_EQ(seen["deferred_oldest_ms"], 0);
  EXPECT_EQ(balance(to, "payment_transit"), 0) << "the transit account is back at zero";
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 10'000 - 165);
  expect_verified();
}

}  // namespace payloom::e2e
