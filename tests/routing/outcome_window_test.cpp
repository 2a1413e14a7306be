// Goal: windows hold what is young enough and nothing else; the p95 is at most one bucket too high. Method: random
// traffic beside a list of everything that was told.
#include "actors/core/routing/outcome_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "actors/core/routing/latency_buckets.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

TEST(outcome_window, agrees_with_a_list_of_everything) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    draws random(seed);
    outcome_window window;
    std::deque<std::pair<std::uint64_t, attempt_outcome>> told;  // by slot
    time_ns now = routing_start;
    for (int i = 0; i < 5'000; ++i) {
      now += random.one_in(200) ? random.below(400 * second_ns) : random.below(second_ns);
      const auto outcome = static_cast<attempt_outcome>(random.below(attempt_outcomes));
      window.add(outcome, now);
      const std::uint64_t slot = now / outcome_window::slot_ns;
      told.emplace_back(slot, outcome);
      while (told.front().first + 60 <= slot) told.pop_front();
      const std::uint64_t lengths[] = {6, 12, 60};
      for (std::uint8_t w = 0; w < 3; ++w) {
        outcome_counts expected;
        for (const auto& [at, o] : told)
          if (at + lengths[w] > slot && o != attempt_outcome::withdrawn) ++expected.of[static_cast<std::size_t>(o)];
        ASSERT_EQ(window.over(static_cast<window_length>(w)), expected) << seed << ' ' << i;
      }
    }
  }
}

TEST(outcome_window, a_time_before_the_newest_counts_as_it) {
  outcome_window window;
  window.add(attempt_outcome::ok, routing_start);
  window.add(attempt_outcome::timeout, routing_start - 100 * second_ns);
  EXPECT_EQ(window.over(window_length::half_minute).samples(), 2u);
  window.advance(routing_start + 25 * second_ns - routing_start % (5 * second_ns));
  EXPECT_EQ(window.over(window_length::half_minute).samples(), 2u);
  window.advance(routing_start + 30 * second_ns);
  EXPECT_EQ(window.over(window_length::half_minute).samples(), 0u);
  EXPECT_EQ(window.over(window_length::minute).samples(), 2u);
}

TEST(outcome_counts, business_refusals_are_samples_and_no_failures) {
  outcome_counts c;
  c.of = {0, 4, 3, 1, 1, 1};
  EXPECT_EQ(c.failures(), 3u);
  EXPECT_EQ(c.samples(), 10u);
  EXPECT_FALSE(c.fails_more_than(300));
  EXPECT_TRUE(c.fails_more_than(299));
  EXPECT_FALSE(outcome_counts{}.fails_more_than(0));
}

TEST(latency_buckets, every_latency_lies_in_its_bucket) {
  draws random(5);
  for (std::size_t b = 0; b + 1 < latency_buckets::buckets; ++b) {
    EXPECT_EQ(latency_buckets::bucket_of(latency_buckets::end_of(b) - 1), b);
    EXPECT_EQ(latency_buckets::bucket_of(latency_buckets::end_of(b)), b + 1);
  }
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t ns = (std::uint64_t{1} << 10) + random.below((std::uint64_t{1} << 37) - (1 << 10));
    const std::uint64_t end = latency_buckets::end_of(latency_buckets::bucket_of(ns));
    EXPECT_GT(end, ns);
    EXPECT_LE(end, ns + ns / 4 + 1);
  }
  EXPECT_EQ(latency_buckets::bucket_of(UINT64_MAX), latency_buckets::buckets - 1);
}

TEST(latency_buckets, p95_of_the_last_blocks) {
  latency_buckets latency;
  EXPECT_EQ(latency.p95_ns(routing_start), 0u);
  const time_ns block = routing_start / latency_buckets::block_ns * latency_buckets::block_ns;
  for (int i = 0; i < 95; ++i) latency.add(1'000'000, block);
  for (int i = 0; i < 5; ++i) latency.add(500'000'000, block);
  EXPECT_GE(latency.p95_ns(block), 1'000'000u);
  EXPECT_LE(latency.p95_ns(block), 1'250'000u);
  latency.add(500'000'000, block + latency_buckets::block_ns);
  EXPECT_GE(latency.p95_ns(block + latency_buckets::block_ns), 500'000'000u) << "95 of 101";
  EXPECT_GE(latency.p95_ns(block + 2 * latency_buckets::block_ns), 500'000'000u) << "only the newer block's";
  EXPECT_EQ(latency.p95_ns(block + 3 * latency_buckets::block_ns), 0u);
}

}  // namespace
}  // namespace payloom::test
