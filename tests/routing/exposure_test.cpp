// Goal: unknown money equals the sum of the unknown attempts at every instant (domain.md N3), limits close and open
// with it; the day's amounts follow the day. Method: random openings and settlements beside a list of the attempts.
#include "actors/core/routing/exposure.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "actors/core/routing/day_amounts.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

TEST(exposure, equals_the_sum_of_the_unknown_attempts_at_every_instant) {
  struct unknown_attempt {
    channel_number channel;
    ledger_id ledger;
    u128 amount;
  };
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    draws random(seed);
    exposure unknown;
    std::vector<unknown_attempt> open;
    for (int i = 0; i < 2'000; ++i) {
      if (open.empty() || random.below(100) < 52) {
        const unknown_attempt a{1 + static_cast<channel_number>(random.below(4)), random.one_in(2) ? euro : dollar,
                                random.one_in(10) ? make_u128(random.below(1'000), 5) : random.below(1'000'000)};
        unknown.opened(a.channel, a.ledger, a.amount);
        open.push_back(a);
      } else {
        const std::size_t at = random.below(open.size());
        const unknown_attempt a = open[at];
        ASSERT_TRUE(unknown.settled(a.channel, a.ledger, a.amount));
        open[at] = open.back();
        open.pop_back();
      }
      std::map<std::pair<channel_number, ledger_id>, unknown_money> sums;
      for (const unknown_attempt& a : open) {
        sums[{a.channel, a.ledger}].minor += a.amount;
        ++sums[{a.channel, a.ledger}].attempts;
      }
      for (channel_number c = 1; c <= 4; ++c)
        for (const ledger_id l : {euro, dollar}) {
          const unknown_money expected = sums[{c, l}];
          ASSERT_EQ(unknown.of(c, l).minor, expected.minor) << seed << ' ' << i;
          ASSERT_EQ(unknown.of(c, l).attempts, expected.attempts);
          const u128 limit = random.below(10'000'000), amount = random.below(1'000'000);
          ASSERT_EQ(unknown.room_for(c, l, amount, limit), expected.minor + amount <= limit);
        }
    }
    EXPECT_EQ(unknown.uncounted(), 0u);
  }
}

TEST(exposure, what_was_never_opened_settles_nothing) {
  exposure unknown;
  EXPECT_FALSE(unknown.settled(1, euro, 5));
  unknown.opened(1, euro, 5);
  EXPECT_FALSE(unknown.settled(1, dollar, 5));
  EXPECT_FALSE(unknown.settled(2, euro, 5));
  EXPECT_FALSE(unknown.settled(1, euro, 6));
  EXPECT_EQ(unknown.of(1, euro).minor, u128{5});
  EXPECT_TRUE(unknown.settled(1, euro, 5));
  EXPECT_FALSE(unknown.settled(1, euro, 0)) << "no attempt is open";
}

TEST(exposure, what_cannot_be_counted_closes_the_limited_channels) {
  exposure unknown;
  for (std::size_t i = 0; i < exposure::pairs_max; ++i) unknown.opened(static_cast<channel_number>(i + 1), euro, 1);
  EXPECT_TRUE(unknown.room_for(1, euro, 1, 2));
  unknown.opened(5'000, euro, 7);
  EXPECT_EQ(unknown.uncounted(), 1u);
  EXPECT_FALSE(unknown.room_for(1, euro, 1, 1'000));
  EXPECT_TRUE(unknown.settled(5'000, euro, 7));
  EXPECT_TRUE(unknown.room_for(1, euro, 1, 2));
  unknown.opened(1, euro, u128_max);
  EXPECT_EQ(unknown.uncounted(), 1u) << "the sum would overflow";
  EXPECT_EQ(unknown.of(1, euro).minor, u128{1});
  EXPECT_FALSE(unknown.room_for(2, euro, 1, u128_max));
}

TEST(exposure, the_limit_is_inclusive_and_never_overflows) {
  exposure unknown;
  unknown.opened(1, euro, 60);
  EXPECT_TRUE(unknown.room_for(1, euro, 40, 100));
  EXPECT_FALSE(unknown.room_for(1, euro, 41, 100));
  EXPECT_FALSE(unknown.room_for(1, euro, u128_max, u128_max));
}

TEST(day_amounts, a_new_day_begins_with_nothing) {
  constexpr time_ns day = 86'400 * second_ns, midnight = (routing_start / day + 1) * day;
  day_amounts days;
  days.add(1, euro, 70, midnight - 1);
  EXPECT_TRUE(days.room_for(1, euro, 30, 100, midnight - 1));
  EXPECT_FALSE(days.room_for(1, euro, 31, 100, midnight - 1));
  EXPECT_TRUE(days.room_for(1, dollar, 100, 100, midnight - 1));
  EXPECT_TRUE(days.room_for(1, euro, 100, 100, midnight));
  days.add(1, euro, 20, midnight);
  days.give_back(1, euro, 70, midnight - 1);
  EXPECT_EQ(days.of(1, euro, midnight), u128{20}) << "yesterday's frees nothing today";
  days.give_back(1, euro, 15, midnight);
  EXPECT_EQ(days.of(1, euro, midnight), u128{5});
  days.add(1, euro, u128_max, midnight);
  EXPECT_EQ(days.of(1, euro, midnight), u128_max);
  days.give_back(1, euro, 1, midnight);
  EXPECT_EQ(days.of(1, euro, midnight), u128_max) << "what was lost cannot be given back";
  EXPECT_FALSE(days.room_for(1, euro, 0 + 1, u128_max, midnight));
}

TEST(day_amounts, at_the_bound_a_new_pair_has_no_room) {
  day_amounts days;
  for (std::size_t i = 0; i < day_amounts::pairs_max; ++i)
    days.add(static_cast<channel_number>(i + 1), euro, 1, routing_start);
  EXPECT_TRUE(days.room_for(1, euro, 1, 2, routing_start));
  EXPECT_FALSE(days.room_for(1, dollar, 1, 1'000, routing_start));
}

}  // namespace
}  // namespace payloom::test
