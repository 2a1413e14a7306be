// The book finds what it is there for.
#include "tests/hot/limit_book.hpp"

#include <gtest/gtest.h>

namespace payloom::hot {
namespace {

std::vector<std::string> settle(limit_book& book) {
  std::vector<std::string> problems;
  book.settle(problems);
  return problems;
}

TEST(LimitBook, AHistoryThatKeepsTheLimitInTheOrderOfItsCommitsIsGood) {
  limit_book book(5);
  book.moved(30, -12);  // told in another order than it happened
  book.moved(10, 10);
  book.moved(20, -3);
  book.refused(20, 13);
  book.refused(30, 1);
  book.refused(9, 6);
  EXPECT_EQ(settle(book), std::vector<std::string>{});
  EXPECT_EQ(book.balance(), -5);
  EXPECT_EQ(book.lowest(), -5);
  EXPECT_EQ(book.moves(), 3u);
  EXPECT_EQ(book.refusals(), 3u);
  ASSERT_EQ(book.points().size(), 3u);
  EXPECT_EQ(book.points()[1].at, 20u);
  EXPECT_EQ(book.points()[1].amount, 7);
}

TEST(LimitBook, OneCommitBelowTheLimitIsFoundThoughTheEndIsAbove) {
  limit_book book(5);
  book.moved(1, -6);
  book.moved(2, 100);
  const auto problems = settle(book);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("commit 1"), std::string::npos);
}

TEST(LimitBook, ARefusalThatWasNotTrueIsFound) {
  limit_book book(0);
  book.moved(1, 10);
  book.moved(2, -10);
  book.refused(1, 10);  // at commit 1 it had exactly that
  EXPECT_EQ(settle(book).size(), 1u);
}

TEST(LimitBook, ACommitGivenTwiceIsFound) {
  limit_book book(0);
  book.moved(1, 10);
  book.moved(1, 10);
  EXPECT_EQ(settle(book).size(), 1u);
}

TEST(LimitBook, TheNextRoundGoesOnFromTheBalance) {
  limit_book book(0);
  book.moved(1, 10);
  EXPECT_TRUE(settle(book).empty());
  book.refused(1, 11);
  book.moved(5, -10);
  EXPECT_TRUE(settle(book).empty());
  book.moved(6, -1);
  EXPECT_EQ(settle(book).size(), 1u);
  EXPECT_EQ(book.moves(), 3u);
}

}  // namespace
}  // namespace payloom::hot
