// Goal: the auditor's book of combined payments is not blind. Method: a true payment for three orders, and the same
// with one thing wrong.
#include "tests/sim/combined_book.hpp"

#include <gtest/gtest.h>

#include "tests/sim/order_rules.hpp"

namespace payloom::sim {
namespace {

constexpr u128 parts[] = {5, 6, 2};
constexpr u128 total = 13;

payment_row member(std::uint16_t place) {
  payment_row p{};
  p.payment = 100 + place;
  p.amount_minor = parts[place] + 10;
  p.balance_minor = 10;  // not the channel's
  p.attempt = 1;
  p.call = channel_operation::pay;
  p.combined = 100;
  p.combined_minor = total;
  p.combined_count = 3;
  p.combined_member = place;
  for (std::uint16_t i = 0; i < place; ++i) p.combined_before_minor += parts[i];
  return p;
}

channel_fact_record fact(std::uint16_t place, u128 moved) {
  channel_fact_record f{};
  f.payment = 100 + place;
  f.attempt = 1;
  f.outcome = channel_outcome::success;
  f.amount_minor = moved;
  return f;
}

struct book {
  book() {
    for (std::uint16_t i = 0; i < 3; ++i) EXPECT_EQ(all.begun(0, member(i)), "") << i;
  }
  combined_book all;
};

TEST(combined_book, a_true_one_has_nothing_wrong) {
  book b;
  EXPECT_FALSE(b.all.is_open());
  for (std::uint16_t i = 0; i < 3; ++i) EXPECT_EQ(b.all.told(0, fact(i, parts[i])), "");
  EXPECT_EQ(b.all.stats().moved_whole, 1u);
  EXPECT_TRUE(b.all.knows_number(0, attempt_id_of(0, 100, 1)));
  EXPECT_FALSE(b.all.knows_number(0, attempt_id_of(0, 101, 1)));
}

TEST(combined_book, parts_of_another_sum_are_exactly_it) {
  for (std::uint64_t sum = 1; sum < 40; ++sum) {
    if (sum == total) continue;
    book b;
    u128 before = 0, all = 0;
    for (std::uint16_t i = 0; i < 3; ++i) {
      channel_fact_record f = fact(i, part_of_moved(sum, before, parts[i], total));
      f.differs = 1;
      before += parts[i];
      all += f.amount_minor;
      EXPECT_EQ(b.all.told(0, f), "") << sum;
    }
    EXPECT_EQ(all, sum);
    EXPECT_EQ(b.all.stats().moved_other, 1u);
  }
}

TEST(combined_book, what_is_told_wrong_is_said) {
  book whole, silent, twice;
  whole.all.told(0, fact(0, total));
  whole.all.told(0, fact(1, total));
  EXPECT_NE(whole.all.told(0, fact(2, total)), "") << "each is told of all that moved";
  silent.all.told(0, fact(0, 2));
  silent.all.told(0, fact(1, 3));
  EXPECT_NE(silent.all.told(0, fact(2, 2)), "") << "7 moved, and nobody was told that it is another sum";
  twice.all.told(0, fact(0, 5));
  EXPECT_EQ(twice.all.told(0, fact(0, 5)), "");
  EXPECT_NE(twice.all.told(0, fact(0, 4)), "");
}

TEST(combined_book, a_wrong_place_or_sum_is_said) {
  combined_book missing, sum, before, alone;
  EXPECT_EQ(missing.begun(0, member(0)), "");
  EXPECT_NE(missing.begun(0, member(2)), "");
  EXPECT_EQ(sum.begun(0, member(0)), "");
  EXPECT_EQ(sum.begun(0, member(1)), "");
  EXPECT_TRUE(sum.is_open());
  payment_row less = member(2);
  less.amount_minor -= 1;
  EXPECT_NE(sum.begun(0, less), "");
  EXPECT_EQ(before.begun(0, member(0)), "");
  payment_row moved = member(1);
  moved.combined_before_minor = 0;
  EXPECT_NE(before.begun(0, moved), "");
  payment_row first = member(0);
  first.combined = 7;
  EXPECT_NE(alone.begun(0, first), "");
}

TEST(combined_book, a_crash_between_two_orders_counts_once) {
  book b;
  b.all.told(0, fact(0, 5));
  b.all.restarted();
  b.all.restarted();
  EXPECT_EQ(b.all.stats().told_apart, 1u);
}

}  // namespace
}  // namespace payloom::sim
