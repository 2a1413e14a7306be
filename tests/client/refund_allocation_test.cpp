// Goal: a refund of a combined payment falls to its orders as TC-3 says, and never a cent is lost or given twice.
// Method: examples, then random payments refunded in random steps until nothing is left.
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "protocol/client/refund_allocation.hpp"

namespace payloom::client {
namespace {

std::vector<u128> divided(const std::vector<refund_part>& parts, u128 amount) {
  std::vector<u128> shares(parts.size());
  if (!allocate_refund(parts, amount, shares)) shares.clear();
  return shares;
}

u128 sum(const std::vector<u128>& all) { return std::accumulate(all.begin(), all.end(), u128{0}); }

TEST(RefundAllocation, InProportionTheLastTakesTheRemainder) {
  EXPECT_EQ(divided({{1000, 1000}, {1000, 1000}, {1000, 1000}}, 1000), (std::vector<u128>{333, 333, 334}));
  EXPECT_EQ(divided({{100, 100}, {300, 300}}, 200), (std::vector<u128>{50, 150}));
  EXPECT_EQ(divided({{3, 3}, {3, 3}, {1, 1}}, 6), (std::vector<u128>{2, 3, 1}))
      << "more than the last has: the one before gives the rest";
  EXPECT_EQ(divided({{7, 7}}, 5), (std::vector<u128>{5}));
  EXPECT_EQ(divided({{5, 5}, {0, 0}}, 5), (std::vector<u128>{5, 0}));
  EXPECT_EQ(divided({{5, 5}, {9, 9}}, 0), (std::vector<u128>{0, 0}));
}

TEST(RefundAllocation, WhatAnOrderHasNotLeftFallsToTheOthersTheLastFirst) {
  EXPECT_EQ(divided({{100, 0}, {100, 100}, {100, 100}}, 90), (std::vector<u128>{0, 30, 60}));
  EXPECT_EQ(divided({{100, 10}, {100, 100}, {100, 20}}, 120), (std::vector<u128>{10, 90, 20}));
  EXPECT_EQ(divided({{100, 10}, {100, 100}, {100, 20}}, 130), (std::vector<u128>{10, 100, 20}));
}

TEST(RefundAllocation, WhatCannotBeIsRefused) {
  EXPECT_TRUE(divided({{100, 10}, {100, 20}}, 31).empty());
  EXPECT_TRUE(divided({{100, 101}}, 1).empty());
  EXPECT_TRUE(divided({{u128_max, 1}, {1, 1}}, 1).empty()) << "a sum that passes 2^128 - 1";
  std::vector<u128> none;
  EXPECT_FALSE(allocate_refund({}, 0, none));
  std::vector<u128> two(2);
  const refund_part one{5, 5};
  EXPECT_FALSE(allocate_refund({&one, 1}, 1, two));
}

TEST(RefundAllocation, RandomStepsGiveEverythingBackExactlyOnce) {
  std::mt19937_64 rng(11);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<refund_part> parts(1 + rng() % 8);
    const unsigned bits = 1 + static_cast<unsigned>(rng() % 120);
    u128 left = 0;
    for (refund_part& p : parts) {
      p.brought_minor = p.left_minor = make_u128(rng(), rng()) >> (128 - bits);
      left += p.left_minor;
    }
    const u128 brought = left;
    for (int step = 0; left != 0; ++step) {
      const u128 amount = step == 4 ? left : 1 + make_u128(rng(), rng()) % left;
      const auto shares = divided(parts, amount);
      ASSERT_EQ(sum(shares), amount);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        ASSERT_LE(shares[i], parts[i].left_minor);
        if (step == 0 && i + 1 < parts.size()) {
          ASSERT_GE(shares[i], portion(parts[i].brought_minor, amount, brought));
        }
        parts[i].left_minor -= shares[i];
      }
      left -= amount;
    }
  }
}

}  // namespace
}  // namespace payloom::client
