// Goal: over all partial refunds everybody returns exactly what he took, never more. Method: random payments refunded
// in random pieces, some of which fail.
#include "actors/core/catalog/return_book.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace payloom::core::catalog {
namespace {

using all_shares = std::array<u128, return_book::parts_max>;

TEST(return_book, partial_returns_add_up_to_what_was_taken) {
  std::mt19937_64 random(5);
  for (int payment = 0; payment < 3'000; ++payment) {
    return_book book;
    std::vector<u128> taken(random() % return_book::parts_max + 1), returned(taken.size(), 0);
    for (u128& part : taken) {
      part = make_u128(random(), random()) >> (4 + random() % 124);
      ASSERT_TRUE(book.add(part));
    }
    const u128 paid = book.left_minor();
    u128 refunded = 0;
    for (int refund = 0; refunded < paid; ++refund) {
      const u128 left = paid - refunded;
      const u128 amount = refund == 40 || random() % 8 == 0 ? left : make_u128(random(), random()) % left + 1;
      all_shares shares{};
      ASSERT_TRUE(book.give_back(amount, shares));
      if (refund < 40 && random() % 5 == 0) {  // the refund failed: as if it had never been
        book.undo(shares);
        EXPECT_TRUE(book.left_minor() == left);
        continue;
      }
      u128 sum = 0;
      for (std::size_t i = 0; i < taken.size(); ++i) {
        sum += shares[i];
        returned[i] += shares[i];
        EXPECT_TRUE(returned[i] <= taken[i]);
        EXPECT_TRUE(book.left_minor(i) == taken[i] - returned[i]);
      }
      EXPECT_TRUE(sum == amount);
      refunded += amount;
    }
    for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_TRUE(returned[i] == taken[i]);
  }
}

TEST(return_book, one_unit_at_a_time) {
  return_book book;
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(book.add(1));
  ASSERT_TRUE(book.add(0));
  std::array<int, 9> returned{};
  for (int refund = 0; refund < 8; ++refund) {
    all_shares shares{};
    ASSERT_TRUE(book.give_back(1, shares));
    for (std::size_t i = 0; i < returned.size(); ++i) returned[i] += static_cast<int>(shares[i]);
  }
  EXPECT_EQ(returned, (std::array<int, 9>{1, 1, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(return_book, refuses_more_than_is_left_and_changes_nothing) {
  return_book book;
  ASSERT_TRUE(book.add(98));
  ASSERT_TRUE(book.add(2));
  all_shares shares{};
  ASSERT_TRUE(book.give_back(60, shares));
  EXPECT_FALSE(book.give_back(41, shares));
  EXPECT_TRUE(book.left_minor() == 40);
  EXPECT_TRUE(book.give_back(40, shares));
  EXPECT_FALSE(book.give_back(1, shares));
  EXPECT_FALSE(book.add(u128_max)) << "the parts pass 2^128 - 1";
  EXPECT_EQ(book.parts(), 2u);
}

}  // namespace
}  // namespace payloom::core::catalog
