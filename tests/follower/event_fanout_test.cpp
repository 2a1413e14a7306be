// Goal (SG-3): many readers of order events get every matching one once and in order, whatever room each has and
// however far behind it begins; who is far behind keeps nobody waiting. Method: a random history, which says what is
// expected.
#include <gtest/gtest.h>

#include <random>

#include "actors/follower/event_fanout.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom {
namespace {

using follower::event_fanout;
using follower::event_reader;
using testing::follower_fixture;
using testing::same_bytes;

struct fanout_fixture : follower_fixture {
  explicit fanout_fixture(std::uint64_t seed) : follower_fixture(seed) { open(); }

  /// Begins to read: a small scan, so that the past takes many steps.
  void begin(std::uint64_t near = 500) {
    fetcher = std::make_unique<follower::journal_fetcher>(journal);
    engine = std::make_unique<follower::query_engine>(journal, *behind, *store, *fetcher,
                                                      follower::query_options{.scan_events_max = near});
    fanout = std::make_unique<event_fanout>(journal, *behind, *engine, near);
  }
  std::vector<order_event_row> expected(const event_reader& of, commit_seq after) const {
    std::vector<order_event_row> out;
    for (const order_event_row& row : history.order_events()) {
      const bool wanted = follower::matches(of.wanted, row.event, row.context_id, row.root_id);
      if (row.sequence > after && row.tenant == of.tenant && wanted) out.push_back(row);
    }
    return out;
  }

  std::unique_ptr<follower::event_fetcher> fetcher;
  std::unique_ptr<follower::query_engine> engine;
  std::unique_ptr<event_fanout> fanout;
};

struct one_reader {
  event_reader reader;
  commit_seq after = 0;
  std::vector<order_event_row> got;

  /// Takes what came; checks that it was no more than there was room for.
  void take() {
    ASSERT_LE(reader.rows.size(), reader.room);
    got.insert(got.end(), reader.rows.begin(), reader.rows.end());
    reader.rows.clear();
  }
};

std::vector<one_reader> readers_of(const fanout_fixture& f, std::size_t count) {
  std::vector<one_reader> all(count);
  const auto& known = f.history.order_events();
  for (std::size_t i = 0; i < count; ++i) {
    one_reader& one = all[i];
    one.reader.tenant = i % 7 == 6 ? 7 : 0;
    const order_event_row& some = known[i * 13 % known.size()];
    if (i % 6 == 1) one.reader.wanted.merchant = 1 + i % 3;
    if (i % 6 == 2) one.reader.wanted.context_id = 1 + i % 4;
    if (i % 6 == 3) one.reader.wanted.order = some.event.order.id;
    if (i % 6 == 3) one.reader.tenant = some.tenant;
    if (i % 6 == 4) one.reader.wanted.merchant = 999;
    if (i % 6 == 5) one.reader.wanted.root_id = some.event.order.root_id;
    one.after = one.reader.looked = i % 2 == 0 ? 0 : f.history.last() * (i % 5) / 5;
  }
  return all;
}

std::vector<event_reader*> pointers_to(std::vector<one_reader>& all) {
  std::vector<event_reader*> out;
  for (one_reader& one : all) out.push_back(&one.reader);
  return out;
}

TEST(event_fanout, everybody_gets_every_matching_event_once_and_in_order) {
  for (const bool indexed : {false, true}) {
    fanout_fixture f(indexed ? 501 : 502);
    f.history.run(6'000);
    ASSERT_TRUE(f.catch_up());
    if (indexed) {
      ASSERT_TRUE(f.flush());
    }
    f.begin();
    auto all = readers_of(f, 40);
    auto readers = pointers_to(all);
    std::mt19937_64 rng(17);
    for (int round = 0; round < 600; ++round) {
      if (round % 20 == 0 && round < 300) {
        f.history.run(120, 30);
        ASSERT_TRUE(f.catch_up());
      }
      for (event_reader* one : readers) one->room = rng() % 4 == 0 ? 0 : 1 + rng() % 40;
      f.fanout->look(readers);
      for (one_reader& one : all) one.take();
    }
    // The last rounds have room for everything.
    for (int round = 0; round < 200; ++round) {
      for (event_reader* one : readers) one->room = 10'000;
      f.fanout->look(readers);
      for (one_reader& one : all) one.take();
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto expected = f.expected(all[i].reader, all[i].after);
      EXPECT_EQ(all[i].got.size(), expected.size()) << "reader " << i;
      ASSERT_TRUE(std::ranges::equal(all[i].got, expected, same_bytes<order_event_row>)) << "reader " << i;
      EXPECT_EQ(all[i].reader.looked, f.history.last()) << "reader " << i;
    }
  }
}

TEST(event_fanout, who_is_far_behind_keeps_nobody_waiting) {
  fanout_fixture f(503);
  f.history.run(5'000);
  ASSERT_TRUE(f.catch_up());
  f.begin(600);
  std::vector<one_reader> all(2);
  all[1].after = all[1].reader.looked = f.history.last();
  auto readers = pointers_to(all);
  f.history.run(100);
  ASSERT_TRUE(f.catch_up());
  for (event_reader* one : readers) one->room = 10'000;
  EXPECT_TRUE(f.fanout->look(readers)) << "the first is far behind";
  EXPECT_EQ(all[1].reader.looked, f.history.last()) << "the second has everything after one round";
  EXPECT_LT(all[0].reader.looked, f.history.last() / 2);
  EXPECT_FALSE(f.expected(all[1].reader, all[1].after).empty());
  EXPECT_EQ(all[1].reader.rows.size(), f.expected(all[1].reader, all[1].after).size());
}

TEST(event_fanout, after_a_restart_what_was_before_is_looked_through) {
  fanout_fixture f(504);
  f.history.run(400);
  ASSERT_TRUE(f.catch_up());
  ASSERT_TRUE(f.flush());
  f.open();  // the new follower has applied no event of an order since its start
  f.begin(100'000);
  std::vector<one_reader> all(1);
  all[0].reader.room = 10'000;
  auto readers = pointers_to(all);
  EXPECT_FALSE(f.fanout->look(readers));
  all[0].take();
  const auto expected = f.expected(all[0].reader, 0);
  ASSERT_FALSE(expected.empty());
  EXPECT_TRUE(std::ranges::equal(all[0].got, expected, same_bytes<order_event_row>));
}

TEST(event_fanout, a_full_reader_stands_at_its_last_row) {
  fanout_fixture f(505);
  f.history.run(800);
  ASSERT_TRUE(f.catch_up());
  f.begin(100'000);
  std::vector<one_reader> all(1);
  auto readers = pointers_to(all);
  const auto expected = f.expected(all[0].reader, 0);
  ASSERT_GT(expected.size(), 6u);
  all[0].reader.room = 3;
  f.fanout->look(readers);
  ASSERT_EQ(all[0].reader.rows.size(), 3u);
  EXPECT_EQ(all[0].reader.looked, expected[2].sequence);
  all[0].take();
  all[0].reader.room = 0;
  EXPECT_FALSE(f.fanout->look(readers));
  EXPECT_TRUE(all[0].reader.rows.empty()) << "without room it is passed over";
  EXPECT_EQ(all[0].reader.looked, expected[2].sequence);
}

}  // namespace
}  // namespace payloom
