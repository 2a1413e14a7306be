// Goal: who waits for events of orders gets every one once, in order, by cursor, beside others; nobody waits longer
// than asked. Method: the clock is the caller's, so no test depends on real time.
#include <gtest/gtest.h>

#include <map>

#include "actors/follower/order_watch.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom {
namespace {

using follower::order_watch;
using follower::query_outcome;
using testing::follower_fixture;
using testing::same_bytes;

constexpr follower::deadline_time never = follower::deadline_time::max() - std::chrono::hours(1);
constexpr follower::deadline_time start{};

struct watch_fixture : follower_fixture {
  explicit watch_fixture(std::uint64_t seed) : follower_fixture(seed) { open(); }
  void look(order_watch& watch, follower::deadline_time now = start) {
    watch.look(now, [&](void* asker, const query_outcome& out, std::vector<order_event_row>& rows) {
      answered[asker] = {out, rows};
    });
  }
  std::map<void*, std::pair<query_outcome, std::vector<order_event_row>>> answered;
};

struct follower_of_events {
  order_event_query query{};
  tenant_id tenant = 0;
  std::vector<order_event_row> got;
};

TEST(order_watch, everybody_gets_every_matching_event_once_and_in_order) {
  watch_fixture f(401);
  f.history.run(1'000);
  ASSERT_TRUE(f.catch_up());
  order_watch watch(f.journal, *f.behind);
  std::vector<follower_of_events> all(6);
  const commit_seq begin = f.history.last();
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].tenant = i == 5 ? 7 : 0;
    all[i].query.limit = i == 0 ? 2 : 100;
    all[i].query.merchant = i == 2 || i == 3 ? i : 0;
    all[i].query.context_id = i == 4 ? 3 : 0;
    ASSERT_TRUE(watch.add({&all[i], all[i].tenant, all[i].query, begin, never}));
  }
  for (int round = 0; round < 40; ++round) {
    f.history.run(round % 4 == 0 ? 300 : 5, 30);
    ASSERT_TRUE(f.catch_up());
    f.answered.clear();
    // With a small page an answer says that there is more: asked again until there is not.
    for (bool more = true; more;) {
      f.look(watch);
      more = false;
      auto answers = std::move(f.answered);
      f.answered.clear();
      for (auto& [asker, answer] : answers) {
        auto& who = *static_cast<follower_of_events*>(asker);
        ASSERT_FALSE(answer.second.empty());
        ASSERT_LE(answer.second.size(), who.query.limit);
        ASSERT_GE(answer.first.cursor, answer.second.back().sequence);
        who.got.insert(who.got.end(), answer.second.begin(), answer.second.end());
        more = more || answer.first.more;
        ASSERT_TRUE(watch.add({asker, who.tenant, who.query, answer.first.cursor, never}));
      }
    }
  }
  for (const auto& who : all) {
    std::vector<order_event_row> expected;
    for (const order_event_row& row : f.history.order_events()) {
      if (row.sequence > begin && row.tenant == who.tenant &&
          follower::matches(who.query, row.event, row.context_id, row.root_id)) {
        expected.push_back(row);
      }
    }
    ASSERT_FALSE(expected.empty());
    ASSERT_TRUE(std::ranges::equal(who.got, expected, same_bytes<order_event_row>));
  }
}

TEST(order_watch, time_over_answers_without_rows_and_says_where_to_go_on) {
  watch_fixture f(403);
  f.history.run(400);
  ASSERT_TRUE(f.catch_up());
  order_watch watch(f.journal, *f.behind);
  int soon = 0, later = 0;
  order_event_query nobody{};
  nobody.limit = 5;
  nobody.merchant = 999;
  ASSERT_TRUE(watch.add({&soon, 0, nobody, f.history.last(), start + std::chrono::seconds(1)}));
  ASSERT_TRUE(watch.add({&later, 0, nobody, f.history.last(), start + std::chrono::seconds(3)}));
  f.history.run(600);
  ASSERT_TRUE(f.catch_up());
  f.look(watch);
  EXPECT_TRUE(f.answered.empty());
  f.look(watch, start + std::chrono::seconds(2));
  ASSERT_EQ(f.answered.size(), 1u);
  ASSERT_TRUE(f.answered.contains(&soon));
  EXPECT_TRUE(f.answered[&soon].second.empty());
  EXPECT_EQ(f.answered[&soon].first.code, result_code::ok);
  EXPECT_EQ(f.answered[&soon].first.cursor, f.history.last());
  EXPECT_FALSE(f.answered[&soon].first.more);
  watch.end_all([&](void* asker, const query_outcome& out, std::vector<order_event_row>& rows) {
    f.answered[asker] = {out, rows};
  });
  EXPECT_TRUE(f.answered.contains(&later));
  EXPECT_TRUE(watch.empty());
}

TEST(order_watch, only_so_many_may_wait) {
  watch_fixture f(405);
  f.history.run(50);
  ASSERT_TRUE(f.catch_up());
  order_watch watch(f.journal, *f.behind);
  std::vector<int> askers(order_watch::waiting_max + 1);
  order_event_query q{};
  q.limit = 1;
  for (std::size_t i = 0; i < askers.size(); ++i) {
    EXPECT_EQ(watch.add({&askers[i], 0, q, f.history.last(), never}), i < order_watch::waiting_max);
  }
  EXPECT_EQ(watch.size(), order_watch::waiting_max);
  while (f.history.order_events().empty() || f.history.order_events().back().tenant != 0) f.history.run(20);
  ASSERT_TRUE(f.catch_up());
  f.look(watch);
  EXPECT_TRUE(watch.empty());
  EXPECT_EQ(f.answered.size(), order_watch::waiting_max);
}

TEST(order_watch, what_was_added_later_sees_only_what_came_later) {
  watch_fixture f(407);
  f.history.run(100);
  ASSERT_TRUE(f.catch_up());
  order_watch watch(f.journal, *f.behind);
  int early = 0, late = 0;
  order_event_query q{};
  q.limit = 2'000;
  const commit_seq first = f.history.last();
  f.history.run(500);
  ASSERT_TRUE(f.catch_up());
  const commit_seq second = f.history.last();
  ASSERT_TRUE(watch.add({&early, 0, q, first, never}));
  ASSERT_TRUE(watch.add({&late, 0, q, second, never}));
  f.look(watch);
  EXPECT_TRUE(f.answered.contains(&early));
  EXPECT_FALSE(f.answered.contains(&late));
  f.history.run(500);
  ASSERT_TRUE(f.catch_up());
  f.look(watch);
  ASSERT_TRUE(f.answered.contains(&late));
  EXPECT_GT(f.answered[&late].second.front().sequence, second);
}

}  // namespace
}  // namespace payloom
