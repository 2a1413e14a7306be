// Goal (SG-3, transactional outbox with server push): whoever subscribes gets every event of orders it asked for, at
// least once, in order, as soon as it is durable; what was acknowledged does not come again, whatever breaks meanwhile.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <thread>

#include "tests/e2e/orders_fixture.hpp"
#include "tests/e2e/subscriber.hpp"

namespace payloom::e2e {

class subscriptions : public orders_fixture {
 protected:
  using rows = std::vector<order_event_row>;

  /// `count` orders that nobody pays: one event each.
  std::vector<order_record> sell(client::blocking_connection& to, std::size_t count, owner_number who = merchant) {
    std::vector<order_record> all;
    for (std::size_t i = 0; i < count; ++i) {
      order_record r = order(1, 100);
      r.merchant = who;
      r.id = order_id_of(who, r.business_id);
      all.push_back(r);
    }
    for (const result_record& r : send(to, frame_type::create_orders, all)) EXPECT_EQ(name_of(r.code), "ok");
    return all;
  }
  client::blocking_connection connect_with(u128 context_id, u128 root_id) const {
    client::connect_options o;
    o.address = address;
    o.timeout_ms = support::reply_patience_ms;
    o.context_id = context_id;
    o.root_id = root_id;
    return client::blocking_connection(o);
  }
  /// Sorted: the orders of one frame are committed in any order.
  static std::vector<u128> orders_of(const rows& all) {
    std::vector<u128> out;
    for (const order_event_row& row : all) out.push_back(row.event.order.id.value);
    std::ranges::sort(out);
    return out;
  }
  static std::vector<u128> ids_of(const std::vector<order_record>& all) {
    std::vector<u128> out;
    for (const order_record& r : all) out.push_back(r.id.value);
    std::ranges::sort(out);
    return out;
  }
  subscription_row shown(u128 name) const {
    subscriber asks(address);
    subscribe_record r{};
    r.name = name;
    r.flags = subscribe_flags::show;
    return subscriber::row_of(asks.subscribe(r));
  }
};

TEST_F(subscriptions, everybody_gets_what_was_asked_for_as_it_happens) {
  start();
  auto seller = connect(), in_context = connect_with(0xc0, 0), of_root = connect_with(0xc1, 0x400);
  const auto before = sell(seller, 3);
  subscriber one(address), two(address);
  std::uint64_t all = 0, by_merchant = 0, by_context = 0, by_root = 0, by_order = 0, late = 0;
  auto ask = subscriber::ask_for(1);
  const std::uint32_t flags = subscriber::row_of(one.subscribe(ask, all)).flags;
  EXPECT_EQ(flags, subscription_flags::created | subscription_flags::pushing);
  ask = subscriber::ask_for(2);
  ask.merchant = 8;
  one.subscribe(ask, by_merchant);
  ask = subscriber::ask_for(3);
  ask.context_id = 0xc0;
  two.subscribe(ask, by_context);
  ask = subscriber::ask_for(4);
  ask.root_id = 0x400;
  two.subscribe(ask, by_root);
  ask = subscriber::ask_for(5);
  ask.order = before[1].id;
  two.subscribe(ask, by_order);
  ask = subscriber::ask_for(6);
  ask.after = one.wait(all, 3).rows.back().sequence;
  two.subscribe(ask, late);

  const auto eight = sell(seller, 4, 8), context = sell(in_context, 2), root = sell(of_root, 5);
  EXPECT_EQ(act(seller, action(before[1], order_action::cancel)), "ok");
  const rows everything = one.wait(all, 15).rows;
  for (std::size_t i = 1; i < everything.size(); ++i) EXPECT_LT(everything[i - 1].sequence, everything[i].sequence);
  EXPECT_TRUE(orders_of(one.wait(by_merchant, 4).rows) == ids_of(eight));
  EXPECT_TRUE(orders_of(two.wait(by_context, 2).rows) == ids_of(context));
  EXPECT_TRUE(orders_of(two.wait(by_root, 5).rows) == ids_of(root));
  EXPECT_TRUE(orders_of(two.wait(by_order, 2).rows) == (std::vector{before[1].id.value, before[1].id.value}));
  EXPECT_EQ(two.wait(by_order, 2).rows[1].event.order.version, 2u);
  EXPECT_TRUE(orders_of({two.wait(late, 12).rows.begin(), two.wait(late, 12).rows.begin() + 4}) == ids_of(eight));
  // The records are those that a query shows.
  order_event_query q{};
  q.limit = 100;
  const auto asked = seller.call(frame_type::order_events, std::span<const order_event_query>(&q, 1));
  const auto queried = asked.rows<order_event_row>();
  ASSERT_EQ(queried.size(), everything.size());
  EXPECT_EQ(std::memcmp(queried.data(), everything.data(), asked.body.size()), 0);
}

TEST_F(subscriptions, the_window_is_never_passed_and_acknowledging_moves_it) {
  start();
  auto seller = connect();
  subscriber s(address);
  s.subscribe(subscriber::ask_for(1, 5));
  sell(seller, 20);
  commit_seq last = s.wait(5).rows.back().sequence;
  s.settle();
  EXPECT_EQ(s.wait(5).rows.size(), 5u);
  subscription_row row = shown(1);
  EXPECT_EQ(row.waiting, 5u);
  EXPECT_EQ(row.pushed, last);
  EXPECT_EQ(row.window, 5u);
  EXPECT_GT(row.unseen, 0u);
  EXPECT_GT(row.backlog_since, 0u);
  // Two of them: two more.
  const commit_seq second = s.wait(5).rows[1].sequence;
  row = subscriber::row_of(s.acknowledge(1, second));
  EXPECT_EQ(row.acknowledged, second);
  EXPECT_LE(row.waiting, 5u) << "what came meanwhile included";
  EXPECT_EQ(s.wait(7).rows.size(), 7u);
  for (std::size_t got = 7; got < 20; got = s.wait(got).rows.size()) {
    s.acknowledge(1, s.wait(got).rows.back().sequence);
    s.wait(got + 1);
    s.settle();
    EXPECT_LE(s.wait(0).rows.size(), got + 5);
    got = s.wait(0).rows.size();
  }
  EXPECT_EQ(name_of(s.acknowledge(1, s.wait(20).rows.back().sequence + 1'000).code()), "acknowledged_too_far");
}

TEST_F(subscriptions, what_was_acknowledged_is_durable_through_a_kill_and_the_rest_comes_again) {
  start();
  auto seller = connect();
  sell(seller, 10);
  commit_seq fourth = 0, fifth = 0;
  {
    subscriber s(address);
    s.subscribe(subscriber::ask_for(1));
    fourth = s.wait(10).rows[3].sequence;
    fifth = s.wait(10).rows[4].sequence;
    EXPECT_EQ(subscriber::row_of(s.acknowledge(1, fourth)).acknowledged, fourth);
  }
  {
    subscriber again(address);  // the connection broke
    EXPECT_EQ(subscriber::row_of(again.subscribe(subscriber::ask_for(1))).acknowledged, fourth);
    EXPECT_EQ(again.wait(6).rows.front().sequence, fifth);
    EXPECT_EQ(subscriber::row_of(again.acknowledge(1, fourth)).acknowledged, fourth);
  }
  for (const bool crash : {true, false}) {
    if (crash) {
      server->kill_now();
      start();
    } else {
      drain_and_start();
    }
    EXPECT_EQ(shown(1).acknowledged, fourth);
    subscriber after(address);
    after.subscribe(subscriber::ask_for(1));
    EXPECT_EQ(after.wait(6).rows.front().sequence, fifth);
    EXPECT_EQ(name_of(after.subscribe(subscriber::ask_for(1)).code()), "ok") << "once more on the same connection";
    EXPECT_EQ(after.wait(6).rows.size(), 6u);
  }
}

TEST_F(subscriptions, a_second_connection_takes_over_and_the_first_is_told) {
  start();
  auto seller = connect();
  sell(seller, 4);
  subscriber first(address), second(address);
  first.subscribe(subscriber::ask_for(1));
  const commit_seq cursor = first.wait(4).rows[1].sequence;
  first.acknowledge(1, cursor);
  second.subscribe(subscriber::ask_for(1));
  const auto& told = first.wait_end();
  EXPECT_EQ(told.ended_by, result_code::ok);
  EXPECT_EQ(second.wait(2).rows.front().sequence, told.rows[2].sequence);
  // A late word of the first one counts: it had handled that.
  EXPECT_EQ(subscriber::row_of(first.acknowledge(1, told.rows[3].sequence)).waiting, 0u);
  sell(seller, 1);
  EXPECT_EQ(second.wait(3).rows.size(), 3u);
  first.settle();
  EXPECT_EQ(first.wait(4).rows.size(), 4u) << "nothing more comes to the first";
}

TEST_F(subscriptions, end_leaves_the_place_and_forget_does_not) {
  start();
  auto seller = connect();
  sell(seller, 3);
  subscriber s(address), other(address);
  s.subscribe(subscriber::ask_for(1));
  const commit_seq first = s.wait(3).rows[0].sequence;
  const std::uint32_t flags = subscriber::row_of(s.acknowledge(1, first, acknowledge_flags::end)).flags;
  EXPECT_EQ(flags & subscription_flags::pushing, 0u);
  sell(seller, 1);
  EXPECT_EQ(shown(1).acknowledged, first);
  s.settle();
  EXPECT_EQ(s.wait(3).rows.size(), 3u);
  s.subscribe(subscriber::ask_for(1));
  EXPECT_GT(s.wait(3).rows.front().sequence, first);
  auto differs = subscriber::ask_for(1);
  differs.merchant = 9;
  EXPECT_EQ(name_of(other.subscribe(differs).code()), "subscription_differs");
  EXPECT_EQ(name_of(other.acknowledge(1, 0, acknowledge_flags::forget).code()), "ok");
  EXPECT_EQ(s.wait_end().ended_by, result_code::subscription_unknown);
  EXPECT_EQ(name_of(other.acknowledge(1, 0).code()), "subscription_unknown");
  drain_and_start();
  subscriber anew(address);
  EXPECT_NE(subscriber::row_of(anew.subscribe(differs)).flags & subscription_flags::created, 0u);
}

TEST_F(subscriptions, a_drain_ends_them_and_the_last_acknowledgements_count) {
  start();
  auto seller = connect();
  sell(seller, 3);
  subscriber s(address);
  s.subscribe(subscriber::ask_for(1));
  const commit_seq last = s.wait(3).rows.back().sequence;
  // The server is told to end; the subscriber hears of it and acknowledges on the same connection.
  std::thread ends([&] { EXPECT_EQ(server->drain(), 0) << server->last_lines(); });
  EXPECT_EQ(s.wait_end().ended_by, result_code::draining);
  EXPECT_EQ(name_of(s.acknowledge(1, last).code()), "ok");
  ends.join();
  start();
  EXPECT_EQ(shown(1).acknowledged, last);
}

TEST_F(subscriptions, slow_readers_are_bounded_and_keep_nobody_waiting) {
  start({"server.write_timeout=10min"});  // here nobody is to be thrown out for being slow
  auto seller = connect();
  std::vector<std::unique_ptr<subscriber>> slow;
  for (u128 name = 1; name <= 4; ++name) {
    slow.push_back(std::make_unique<subscriber>(address));
    slow.back()->subscribe(subscriber::ask_for(name, limits::subscription_window_max));
  }
  subscriber quick(address);
  quick.subscribe(subscriber::ask_for(9, limits::subscription_window_max));
  constexpr std::size_t orders = 12'000;  // 10 MiB for each: more than sockets take, and than the window
  for (std::size_t done = 0; done < orders; done += 1000) {
    sell(seller, 1000);
    quick.acknowledge(9, quick.wait(done + 1000).rows.back().sequence);
  }
  EXPECT_EQ(quick.wait(orders).rows.size(), orders);
  const auto stats = nlohmann::json::parse(verb({"stats", "--json"}).out);
  const auto& all = stats["subscriptions"];
  EXPECT_EQ(all["subscriptions"], 5);
  EXPECT_EQ(all["pushing"], 5);
  EXPECT_LE(all["unsent_bytes"].get<std::uint64_t>(), 4u * (2u << 20));
  EXPECT_GT(all["oldest_backlog_age_ns"].get<std::uint64_t>(), 0u);
  for (u128 name = 1; name <= 4; ++name) EXPECT_LE(shown(name).waiting, limits::subscription_window_max);
  // When a slow one reads at last, nothing is missing.
  subscriber& late = *slow.front();
  for (std::size_t got = 0; got < orders;) {
    late.wait(got + 1);
    got = late.wait(got + 1).rows.size();
    late.acknowledge(1, late.wait(got).rows.back().sequence);
  }
  EXPECT_TRUE(orders_of(late.wait(orders).rows) == orders_of(quick.wait(orders).rows));
}

TEST_F(subscriptions, as_many_as_there_may_be_and_each_gets_its_own) {
  start();
  auto seller = connect();
  subscriber s(address);
  std::map<owner_number, std::uint64_t> requests;
  for (owner_number who = 1; who <= limits::subscriptions_max; ++who) {
    auto ask = subscriber::ask_for(1'000 + who, 10);
    ask.merchant = 100 + who;
    ASSERT_EQ(name_of(s.subscribe(ask, requests[who]).code()), "ok");
  }
  EXPECT_EQ(name_of(s.subscribe(subscriber::ask_for(5)).code()), "subscriptions_full");
  std::vector<order_record> orders;
  for (owner_number who = 1; who <= limits::subscriptions_max; ++who) {
    order_record r = order(1, 100);
    r.merchant = 100 + who;
    r.id = order_id_of(r.merchant, r.business_id);
    orders.push_back(r);
  }
  for (const result_record& r : send(seller, frame_type::create_orders, orders)) ASSERT_EQ(name_of(r.code), "ok");
  for (owner_number who = 1; who <= limits::subscriptions_max; ++who)
    ASSERT_TRUE(orders_of(s.wait(requests[who], 1).rows) == std::vector{orders[who - 1].id.value}) << who;
  subscribe_record all{};
  all.flags = subscribe_flags::show;
  EXPECT_EQ(s.subscribe(all).rows<subscription_row>().size(), limits::subscriptions_max);
  server->kill_now();
  start();
  subscriber again(address);
  EXPECT_EQ(again.subscribe(all).rows<subscription_row>().size(), limits::subscriptions_max);
}

TEST_F(subscriptions, a_damaged_file_stops_the_start_with_its_name) {
  start();
  subscriber s(address);
  s.subscribe(subscriber::ask_for(1));
  s.subscribe(subscriber::ask_for(2));
  EXPECT_EQ(server->drain(), 0);
  const std::string path = data() + "/SUBSCRIPTIONS";
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('\x55');
  }
  const auto said = support::run_program({PAYLOOM_PROGRAM, "server", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_NE(said.exit_code, 0);
  EXPECT_NE((said.out + said.err).find("SUBSCRIPTIONS is damaged"), std::string::npos) << said.out << said.err;
}

}  // namespace payloom::e2e
