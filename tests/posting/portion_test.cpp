// Goal: portions are exact for amounts of every size. Method: random amounts beside a definition that needs no
// division, and the sizes where 128 bits end.
#include "actors/core/catalog/portion.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>
#include <vector>

namespace payloom::core::catalog {
namespace {

// a * b as two halves, the slow way: shifted additions.
struct wide {
  u128 hi = 0, lo = 0;
  friend bool operator==(const wide&, const wide&) = default;
};
wide product(u128 a, u128 b) {
  wide sum;
  for (int bit = 127; bit >= 0; --bit) {
    sum.hi = (sum.hi << 1) | (sum.lo >> 127);
    sum.lo <<= 1;
    if ((a >> bit & 1) != 0) {
      sum.lo += b;
      if (sum.lo < b) ++sum.hi;
    }
  }
  return sum;
}
bool at_most(wide a, wide b) { return a.hi != b.hi ? a.hi < b.hi : a.lo <= b.lo; }

// floor(a * b / c) is the q with q * c <= a * b < (q + 1) * c.
void expect_portion(u128 a, u128 b, u128 c) {
  const u128 q = portion(a, b, c);
  EXPECT_TRUE(at_most(product(q, c), product(a, b)));
  if (q != u128_max) {
    EXPECT_FALSE(at_most(product(q + 1, c), product(a, b)));
  }
}

u128 random_amount(std::mt19937_64& random) { return make_u128(random(), random()) >> (random() % 128); }

TEST(portion, is_the_floor_of_the_exact_value) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const u128 a = random_amount(random);
    u128 b = random_amount(random), c = random_amount(random);
    if (b > c) std::swap(b, c);
    if (c == 0) c = 1;
    expect_portion(a, b, c);
  }
  for (const u128 big : {u128_max, u128_max - 1, u128{1} << 127, (u128{1} << 64) - 1, u128{1} << 64}) {
    expect_portion(big, big, big);
    expect_portion(big, big - 1, big);
    expect_portion(big, 1, big);
    expect_portion(u128_max, big - 1, big);
    expect_portion(u128_max, big - 1, u128_max);
    EXPECT_TRUE(portion(big, 0, big) == 0);
  }
}

TEST(divide_proportionally, shares_add_up_and_fit) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<u128> left(random() % 10), shares(left.size());
    u128 all = 0;
    for (u128& part : left) {
      part = random_amount(random) >> 4;  // ten of them stay below 2^128
      if (random() % 4 == 0) part = random() % 3;
      all += part;
    }
    const u128 amount = all == 0 ? 0 : random() % 3 == 0 ? all : make_u128(random(), random()) % (all + 1);
    ASSERT_TRUE(divide_proportionally(left, amount, shares));
    u128 given = 0;
    for (std::size_t k = 0; k < left.size(); ++k) {
      EXPECT_TRUE(shares[k] <= left[k]);
      given += shares[k];
      // Never further than one minor unit from the exact proportion.
      const u128 exact = all == 0 ? 0 : portion(left[k], amount, all);
      EXPECT_TRUE(shares[k] + 1 >= exact && shares[k] <= exact + 1);
    }
    EXPECT_TRUE(given == amount);
  }
}

TEST(divide_proportionally, refuses_what_is_not_there) {
  std::array<u128, 2> shares{};
  EXPECT_FALSE(divide_proportionally(std::array<u128, 2>{3, 4}, 8, shares));
  EXPECT_TRUE(divide_proportionally(std::array<u128, 2>{3, 4}, 7, shares));
  EXPECT_TRUE(shares[0] == 3 && shares[1] == 4);
  EXPECT_FALSE(divide_proportionally(std::array<u128, 2>{u128_max, 1}, 1, shares)) << "the sum overflows";
  EXPECT_FALSE(divide_proportionally({}, 1, {}));
  EXPECT_TRUE(divide_proportionally({}, 0, {}));
}

}  // namespace
}  // namespace payloom::core::catalog
