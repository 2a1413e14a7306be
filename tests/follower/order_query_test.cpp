// Goal: what queries say of orders equals the naive record, wherever the index ends. Method: every event, posting and
// refused action of random histories is asked for; events are followed by cursor with random filters.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "actors/follower/id_resolver.hpp"
#include "actors/follower/query_engine.hpp"
#include "tests/follower/follower_fixture.hpp"
#include "tests/follower/naive_queries.hpp"

namespace payloom {
namespace {

using follower::query_outcome;
using storage::run_kind;
using testing::follower_fixture;
using testing::model_event;
using testing::same_bytes;

struct order_fixture : follower_fixture {
  explicit order_fixture(std::uint64_t seed, follower::query_options limits = {}) : follower_fixture(seed) {
    open();
    fetcher = std::make_unique<follower::journal_fetcher>(journal);
    engine = std::make_unique<follower::query_engine>(journal, *behind, *store, *fetcher, limits);
  }
  /// Part of it in the index, part in the tail.
  void grow() {
    history.run(9'000);
    ASSERT_TRUE(flush()) << behind->failure();
    history.run(3'000);
    ASSERT_TRUE(catch_up());
  }
  std::vector<order_event_row> events_of(tenant_id tenant, u128 order) const {
    std::vector<order_event_row> out;
    std::ranges::copy_if(history.order_events(), std::back_inserter(out), [&](const order_event_row& row) {
      return row.tenant == tenant && row.event.order.id.value == order;
    });
    return out;
  }
  std::unique_ptr<follower::event_fetcher> fetcher;
  std::unique_ptr<follower::query_engine> engine;
};

template <class Row>
bool same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::ranges::equal(a, b, same_bytes<Row>);
}

u128 command_of(const order_event_row& row) {
  u128 id;
  std::memcpy(&id, row.event.request, sizeof id);
  return id;
}

TEST(order_queries, a_timeline_is_found_by_every_id_of_its_graph) {
  order_fixture f(301);
  f.grow();
  std::vector<order_event_row> rows;
  std::size_t events = 0, postings = 0, refused = 0, longest = 0;
  for (const model_event& e : f.history.events()) {
    if (e.order == 0) continue;
    const auto expected = f.events_of(e.tenant, e.order);
    const query_outcome out = f.engine->order_timeline(e.tenant, e.record.id.value, f.soon(), rows);
    ASSERT_EQ(out.code, result_code::ok) << e.sequence;
    ASSERT_TRUE(same_rows(rows, expected)) << e.sequence;
    EXPECT_FALSE(out.more);
    EXPECT_EQ(out.sequence, f.history.last());
    ++(e.kind == run_kind::orders ? events : e.kind == run_kind::chain ? postings : refused);
    longest = std::max(longest, expected.size());
    ASSERT_EQ(f.engine->order_timeline(e.tenant + 1, e.record.id.value, f.soon(), rows).code, result_code::not_found);
  }
  EXPECT_GT(events, 200u);
  EXPECT_GT(postings, 200u);
  EXPECT_GT(refused, 5u);
  EXPECT_GE(longest, 4u);
}

TEST(order_queries, other_ids_lead_to_no_order) {
  order_fixture f(303);
  f.grow();
  std::vector<order_event_row> rows;
  std::vector<transfer_row> postings;
  for (const model_event& e : f.history.events()) {
    if (e.order != 0 || e.kind == run_kind::accounts) continue;
    ASSERT_EQ(f.engine->order_timeline(e.tenant, e.record.id.value, f.soon(), rows).code, result_code::not_found);
    ASSERT_EQ(f.engine->order_postings(e.tenant, e.record.id.value, f.soon(), postings).code, result_code::not_found);
  }
  EXPECT_EQ(f.engine->order_timeline(0, 0, f.soon(), rows).code, result_code::not_found);
}

TEST(order_queries, postings_of_a_command_and_of_an_order) {
  order_fixture f(305);
  f.grow();
  std::vector<transfer_row> rows;
  const auto& all = f.history.events();
  std::size_t seen = 0;
  for (const order_event_row& event : f.history.order_events()) {
    std::vector<transfer_row> expected;
    const bool whole = event.event.order.created_seq == 0;
    for (const order_event_row& one : f.events_of(event.tenant, event.event.order.id.value)) {
      if (!whole && one.sequence != event.sequence) continue;
      for (commit_seq s = one.sequence + 1; s <= one.sequence + one.event.legs; ++s) {
        expected.push_back(testing::naive_row(all[s - 1]));
      }
    }
    ASSERT_EQ(f.engine->order_postings(event.tenant, command_of(event), f.soon(), rows).code, result_code::ok);
    ASSERT_TRUE(same_rows(rows, expected)) << event.sequence;
    seen += rows.size();
  }
  EXPECT_GT(seen, 500u);
}

TEST(order_queries, long_answers_are_cut_and_go_on_by_order_events) {
  order_fixture f(307, {.rows_max = 2});
  f.grow();
  std::size_t cut = 0;
  for (const auto& order : f.history.orders()) {
    const auto expected = f.events_of(order.tenant, order.row.id.value);
    std::vector<order_event_row> all, rows;
    query_outcome out = f.engine->order_timeline(order.tenant, order.row.id.value, f.soon(), rows);
    ASSERT_EQ(out.code, result_code::ok);
    ASSERT_EQ(out.more, expected.size() > 2);
    cut += out.more ? 1 : 0;
    all = rows;
    order_event_query q{};
    q.order = order.row.id;
    q.limit = 50;
    while (out.more) {
      q.after = out.cursor;
      out = f.engine->order_events(order.tenant, q, f.soon(), rows);
      ASSERT_EQ(out.code, result_code::ok);
      ASSERT_LE(rows.size(), 2u);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    ASSERT_TRUE(same_rows(all, expected));
    EXPECT_EQ(out.cursor, f.history.last());
    std::vector<transfer_row> postings;
    out = f.engine->order_postings(order.tenant, order.row.id.value, f.soon(), postings);
    ASSERT_LE(postings.size(), 2u);
    std::size_t legs = 0;
    for (const auto& row : expected) legs += row.event.legs;
    ASSERT_EQ(out.more, legs > 2);
  }
  EXPECT_GT(cut, 10u);
}

TEST(order_queries, events_are_followed_by_cursor_with_any_filter) {
  order_fixture f(309);
  std::mt19937_64 rng(5);
  for (int round = 0; round < 6; ++round) {
    f.history.run(2'000);
    if (round % 2 == 0) {
      ASSERT_TRUE(f.flush());
    }
    follower::query_options options;
    options.scan_events_max = round % 3 == 0 ? 300 : 1'000'000;
    follower::query_engine engine(f.journal, *f.behind, *f.store, *f.fetcher, options);
    for (int i = 0; i < 60; ++i) {
      order_event_query q{};
      const tenant_id tenant = rng() % 3 == 0 ? 7 : 0;
      if (rng() % 2 == 0) q.merchant = 1 + rng() % 6;
      if (rng() % 3 == 0) q.context_id = 1 + rng() % 4;
      if (rng() % 5 == 0) q.order = f.history.orders()[rng() % f.history.orders().size()].row.id;
      if (rng() % 2 == 0) q.after = rng() % f.history.last();
      q.limit = 1 + static_cast<std::uint32_t>(rng() % 40);
      std::vector<order_event_row> expected, all, rows;
      for (const order_event_row& row : f.history.order_events()) {
        const order_row& order = row.event.order;
        if (row.tenant == tenant && row.sequence > q.after && (q.merchant == 0 || order.merchant == q.merchant) &&
            (q.context_id == 0 || row.context_id == q.context_id) && (q.order.value == 0 || order.id == q.order)) {
          expected.push_back(row);
        }
      }
      query_outcome out;
      do {
        out = engine.order_events(tenant, q, f.soon(), rows);
        ASSERT_EQ(out.code, result_code::ok);
        ASSERT_LE(rows.size(), q.limit);
        ASSERT_TRUE(!out.more || out.cursor > q.after);
        if (out.more && !rows.empty()) {
          ASSERT_GE(out.cursor, rows.back().sequence);
        }
        all.insert(all.end(), rows.begin(), rows.end());
        q.after = out.cursor;
      } while (out.more);
      ASSERT_TRUE(same_rows(all, expected)) << "round " << round << " query " << i;
      EXPECT_EQ(out.cursor, f.history.last());
    }
  }
}

TEST(order_queries, bad_queries_of_events_are_refused) {
  order_fixture f(311);
  f.history.run(500);
  std::vector<order_event_row> rows;
  order_event_query q{};
  const auto code = [&] { return f.engine->order_events(0, q, f.soon(), rows).code; };
  EXPECT_EQ(code(), result_code::query_malformed);  // limit 0
  q.limit = limits::order_rows_max + 1;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.limit = limits::order_rows_max;
  EXPECT_EQ(code(), result_code::ok);
  EXPECT_FALSE(rows.empty());
  q.wait_ms = limits::order_wait_ms_max + 1;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.wait_ms = 0;
  q.reserved[47] = 1;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.reserved[47] = 0;
  q.order.value = 12345;  // an order that may come
  EXPECT_EQ(code(), result_code::ok);
  EXPECT_TRUE(rows.empty());
  q.order.value = 0;
  q.after = 1u << 30;  // ahead of the journal
  const query_outcome out = f.engine->order_events(0, q, f.soon(), rows);
  EXPECT_EQ(out.code, result_code::ok);
  EXPECT_EQ(out.cursor, q.after);
}

TEST(order_queries, resolver_knows_how_an_order_stands) {
  order_fixture f(313);
  f.grow();
  follower::id_resolver resolver(f.journal, *f.behind, *f.store, *f.fetcher);
  std::vector<follower::id_request> requests;
  for (const order_event_row& row : f.history.order_events()) requests.push_back({row.tenant, command_of(row), 0});
  std::vector<follower::id_answer> answers(requests.size());
  commit_seq as_of = 0;
  ASSERT_EQ(resolver.resolve(requests, answers, f.soon(), as_of), follower::resolve_status::ok);
  std::size_t created = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const order_event_row& asked = f.history.order_events()[i];
    ASSERT_TRUE(answers[i].found);
    ASSERT_EQ(answers[i].event.sequence, asked.sequence);
    EXPECT_TRUE(same_bytes(answers[i].event.as<order_event>(), asked.event));
    ASSERT_EQ(answers[i].order != nullptr, asked.event.order.created_seq == 0);
    if (!answers[i].order) continue;
    ++created;
    const auto newest = f.events_of(asked.tenant, asked.event.order.id.value).back();
    EXPECT_EQ(answers[i].order->sequence, newest.sequence);
    EXPECT_EQ(answers[i].order->timestamp, newest.timestamp);
    EXPECT_EQ(answers[i].order->tenant, newest.tenant);
    EXPECT_TRUE(same_bytes(answers[i].order->event, newest.event));
  }
  EXPECT_GT(created, 80u);
}

}  // namespace
}  // namespace payloom
