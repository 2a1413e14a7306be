// Goal: orders through the client: every command ends in its result or in `unknown, safe to repeat`, queries give their
// rows, and a feed hands over every event in order, whatever happens to connections. Against a fake server.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "protocol/client/id_generator.hpp"
#include "protocol/client/order_event_feed.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/client/sync_client.hpp"
#include "tests/client/client_fixture.hpp"

namespace payloom::client {
namespace {

using namespace test;
using namespace std::chrono_literals;
using request = fake_server::request;

constexpr auto patience = 60s;  // long enough for any machine; nothing waits for it unless a test has failed

order_record sale(std::uint64_t number, u128 amount = 1200) { return make_order(7, number, 101, 978, amount, 9); }

order_action_record action(order_action what, std::uint64_t of, std::uint64_t id, u128 amount = 0) {
  return make_order_action(what, sale(of).id, transfer_id{id}, amount);
}

/// What a feed has handed over.
class seen_events {
 public:
  void add(const order_event_row& row) {
    const std::lock_guard lock(mutex_);
    rows_.push_back(row);
    changed_.notify_all();
  }
  std::vector<order_event_row> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return rows_.size() >= count; });
    return rows_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<order_event_row> rows_;
};

TEST(ClientOrders, CreatedPaidRefundedAndShown) {
  fake_server server;
  sync_client c(to(server));
  submit_options how;
  how.context_id = 77;
  const order_record orders[] = {sale(1), sale(2)};
  const answer created = c.create_orders(orders, how);
  ASSERT_EQ(created.how, outcome::result);
  ASSERT_EQ(created.results().size(), 2u);
  EXPECT_EQ(created.results()[1].code, result_code::ok);
  const order_action_record actions[] = {action(order_action::pay, 1, 100), action(order_action::refund, 1, 101, 200),
                                         action(order_action::confirm, 1, 102)};
  const answer done = c.act_on_orders(actions, how);
  ASSERT_EQ(done.results().size(), 3u);
  EXPECT_EQ(done.results()[0].code, result_code::ok);
  EXPECT_EQ(done.results()[1].code, result_code::ok);
  EXPECT_EQ(done.results()[2].code, result_code::order_state_refuses);
  EXPECT_EQ(c.act_on_order(actions[0]).results()[0].flags, result_flags::replayed);
  EXPECT_EQ(c.create_order(sale(1, 1201)).first_code(), result_code::exists_with_different_amount);

  graph_query whole{};
  whole.id = 101;
  whole.limit = 2;
  const answer graph = c.order_graph(whole);
  ASSERT_EQ(graph.rows<relation_row>().size(), 2u);
  EXPECT_EQ(graph.rows<relation_row>()[0].kind, relation_kind::pays);
  EXPECT_NE(graph.header.flags & frame_flags::more, 0);
  whole.cursor = graph.header.cursor;
  whole.limit = 100;
  EXPECT_EQ(c.order_graph(whole).rows<relation_row>().size(), 3u) << "a posting, the refund and its own";
  whole.id = 103;
  EXPECT_EQ(c.order_graph(whole).first_code(), result_code::not_found);

  for (const u128 id : {orders[0].id.value, u128{100}, posting_id_of(0, 100, 1).value}) {
    const answer timeline = c.order_timeline({id});
    ASSERT_EQ(timeline.rows<order_event_row>().size(), 3u);
    const order_event_row& last = timeline.rows<order_event_row>()[2];
    EXPECT_EQ(lo64(last.event.order.refunded_minor), 200u);
    EXPECT_EQ(last.context_id, u128{77});
    EXPECT_EQ(action_of(last.event).action, order_action::refund);
    EXPECT_EQ(order_of(timeline.rows<order_event_row>()[0].event).business_id, u128{1});
  }
  EXPECT_EQ(c.order_postings({orders[0].id.value}).rows<transfer_row>().size(), 3u);
  EXPECT_EQ(c.order_postings({100}).rows<transfer_row>().size(), 2u);
  EXPECT_EQ(c.order_timeline({999}).code, result_code::not_found);
  order_event_query query{};
  query.order = sale(2).id;
  query.limit = 10;
  EXPECT_EQ(c.order_events(query).rows<order_event_row>().size(), 1u);
}

TEST(ClientOrders, ALostReplyIsUnknownAndTheRepeatIsDefinite) {
  std::atomic<bool> lose{true};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::act_on_orders || !lose) return s.answer_from_ledger(r);
    std::uint32_t count = r.header.record_count;
    s.ledger.answer(r.type(), r.body, count);  // executed, and nobody is told
  });
  client_options options = to(server);
  sync_client c(options);
  ASSERT_EQ(c.create_order(sale(1)).first_code(), result_code::ok);
  submit_options hasty;
  hasty.timeout = 50ms;
  const answer lost = c.act_on_order(action(order_action::pay, 1, 100), hasty);
  EXPECT_EQ(lost.how, outcome::unknown);
  lose = false;
  const answer again = c.act_on_order(action(order_action::pay, 1, 100));
  EXPECT_EQ(again.first_code(), result_code::ok);
  EXPECT_EQ(again.results()[0].flags, result_flags::replayed);
}

TEST(ClientOrders, ManyCommandsShareFrames) {
  std::atomic<int> frames{0};
  fake_server server([&](fake_server& s, const request& r) {
    frames += r.type() == frame_type::create_orders;
    s.answer_from_ledger(r);
  });
  client c(to(server));
  std::vector<std::future<answer>> answers;
  for (std::uint64_t i = 1; i <= 500; ++i) answers.push_back(c.create_order(sale(i)));
  for (auto& a : answers) EXPECT_EQ(a.get().first_code(), result_code::ok);
  EXPECT_LT(frames, 500);
}

// Fails when a query that waits in the server counts as something in flight that commands wait for.
TEST(ClientOrders, AWaitingQueryHoldsNoCommandUp) {
  fake_server server;
  client c(to(server));
  order_event_query query{};
  query.limit = 10;
  query.wait_ms = 30'000;
  std::future<answer> news = c.order_events(query);
  std::future<answer> opened = c.create_accounts(std::vector{account(1)});  // the fake wakes nobody for an account
  ASSERT_EQ(opened.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(news.wait_for(0s), std::future_status::timeout);
  EXPECT_EQ(c.create_order(sale(1)).get().first_code(), result_code::ok);
  ASSERT_EQ(news.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(news.get().rows<order_event_row>().size(), 1u);
}

TEST(OrderEventFeed, HandsOverWhatWasAndWhatComesInOrder) {
  fake_server server;
  client c(to(server));
  for (std::uint64_t i = 1; i <= 7; ++i) ASSERT_EQ(c.create_order(sale(i)).get().first_code(), result_code::ok);
  seen_events seen;
  order_event_feed feed(c, {.page_rows = 3}, [&](const order_event_row& row) { seen.add(row); });
  ASSERT_EQ(seen.wait_for(7).size(), 7u);
  ASSERT_EQ(c.act_on_order(action(order_action::pay, 3, 100)).get().first_code(), result_code::ok);
  const auto rows = seen.wait_for(8);
  ASSERT_EQ(rows.size(), 8u);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].sequence, i + 1);
  EXPECT_EQ(rows[7].event.legs, 2);
  feed.stop();
  EXPECT_EQ(feed.wait(), result_code::ok);
  EXPECT_GE(feed.cursor(), 8u);

  // Another one goes on from a cursor, and sees one merchant only.
  ASSERT_EQ(c.create_order(make_order(8, 1, 101, 978, 5, 9)).get().first_code(), result_code::ok);
  seen_events later;
  order_event_feed second(c, {.after = rows[6].sequence, .merchant = 8},
                          [&](const order_event_row& row) { later.add(row); });
  const auto of_8 = later.wait_for(1);
  ASSERT_EQ(of_8.size(), 1u);
  EXPECT_EQ(of_8[0].event.order.merchant, 8u);
}

TEST(OrderEventFeed, LostConnectionsAndRefusalsLoseNothing) {
  std::atomic<int> asked{0};
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::order_events) return s.answer_from_ledger(r);
    switch (++asked % 4) {
      case 1:
        return s.close(r.connection);
      case 2:
        return s.answer(r, {}, 0, result_code::unavailable);
      default:
        return s.answer_from_ledger(r);
    }
  });
  client orders(to(server)), events(to(server));
  seen_events seen;
  order_event_feed feed(events, {.page_rows = 2}, [&](const order_event_row& row) { seen.add(row); });
  constexpr std::uint64_t total = 20;
  for (std::uint64_t i = 1; i <= total; ++i)
    ASSERT_EQ(orders.create_order(sale(i)).get().first_code(), result_code::ok);
  const auto rows = seen.wait_for(total);
  ASSERT_EQ(rows.size(), total);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].sequence, i + 1);
  EXPECT_GE(events.last_error().size(), 1u);
}

// A long scan that finds nothing is answered by empty pages with `more`: their cursor is where to go on.
TEST(OrderEventFeed, EmptyPagesMoveTheCursor) {
  std::mutex mutex;
  std::vector<commit_seq> asked;
  fake_server server([&](fake_server& s, const request& r) {
    if (r.type() != frame_type::order_events) return s.answer_from_ledger(r);
    order_event_query query{};
    std::memcpy(&query, r.body.data(), sizeof query);
    const std::lock_guard lock(mutex);
    asked.push_back(query.after);
    if (query.after >= 3000) return s.answer_from_ledger(r);
    s.answer_page(r, {}, 0, query.after + 1000, true);
  });
  client c(to(server));
  seen_events seen;
  order_event_feed feed(c, {}, [&](const order_event_row& row) { seen.add(row); });
  for (bool there = false; !there; std::this_thread::yield()) {
    const std::lock_guard lock(mutex);
    there = asked.size() >= 4;
  }
  feed.stop();
  EXPECT_EQ(feed.cursor(), 3000u);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked, (std::vector<commit_seq>{0, 1000, 2000, 3000}));
}

TEST(OrderEventFeed, AWrongQueryEndsItAndStopMayBeCalledFromTheCallback) {
  fake_server server;
  client c(to(server));
  order_event_feed wrong(c, {.page_rows = limits::order_rows_max + 1}, [](const order_event_row&) {});
  EXPECT_EQ(wrong.wait(), result_code::query_malformed);
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_EQ(c.create_order(sale(i)).get().first_code(), result_code::ok);
  std::atomic<order_event_feed*> self{nullptr};
  std::atomic<int> calls{0};
  order_event_feed first_only(c, {}, [&](const order_event_row&) {
    while (self == nullptr) std::this_thread::yield();
    ++calls;
    self.load()->stop();
  });
  self = &first_only;
  EXPECT_EQ(first_only.wait(), result_code::ok);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(first_only.cursor(), 1u);
}

TEST(IdGenerator, MakesNoIdThatPaymentsKeepForThemselves) {
  id_generator ids(1);
  for (int i = 0; i < 2'000'000; ++i) ASSERT_NE(hi64(ids.next()) >> 48, 0xfa1du);
}

TEST(OrderExample, RunsAndPaysOnce) {
  fake_server server;
  const std::string command = std::string(PAYLOOM_EXAMPLE_ORDER) + " " + server.address() + " 7 9 1 > /dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  client c(to(server));
  const answer timeline = c.order_timeline({sale(1).id.value}).get();
  ASSERT_EQ(timeline.rows<order_event_row>().size(), 2u);
  EXPECT_EQ(lo64(timeline.rows<order_event_row>()[1].event.order.paid_minor), 1200u);
  EXPECT_NE(std::system(command.c_str()), 0);  // paid already: another payment is refused
}

}  // namespace
}  // namespace payloom::client
