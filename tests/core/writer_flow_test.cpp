// Goal: while one group's outcome is told the disk already writes the next one, and nothing is written that is not
// there. Method: the writer's flow with ports that keep what it sends.
#include <gtest/gtest.h>

#include "tests/core/one_writer.hpp"

namespace payloom::actors {
namespace {

using rule_rows::alice, rule_rows::bob, rule_rows::single;

TEST(writer_flow, the_next_group_is_on_its_way_before_the_last_ones_outcome_is_told) {
  one_writer w(0);
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7)});
  w.give({decided(*f, 0)});
  w.give({decided(*f, 1)});
  EXPECT_EQ(w.ports.told_before, std::vector<std::size_t>{0}) << "one write at a time";
  w.flow.written(append_status::ok);
  EXPECT_EQ(w.ports.told_before, (std::vector<std::size_t>{0, 0})) << "first the disk";
  ASSERT_EQ(w.ports.orders.size(), 1u) << "then the first group alone: the second one is not durable";
  ASSERT_EQ(w.ports.orders[0]->durable.size(), 1u);
  EXPECT_EQ(w.ports.orders[0]->through, 10u);
  w.flow.written(append_status::ok);
  ASSERT_EQ(w.ports.orders.size(), 2u);
  EXPECT_EQ(w.ports.orders[1]->through, 11u);
  EXPECT_FALSE(w.flow.in_flight());
}

TEST(writer_flow, nothing_is_written_when_nothing_came_meanwhile) {
  one_writer w(0);
  const auto f = transfers({single(40, alice, bob, 5)});
  w.give({decided(*f, 0)});
  w.flow.written(append_status::ok);
  EXPECT_FALSE(w.flow.in_flight());
  EXPECT_EQ(w.ports.told_before.size(), 1u);
}

TEST(writer_flow, a_small_group_that_gathered_meanwhile_is_written_by_the_thread_that_has_it) {
  one_writer w(8192);
  std::vector<transfer_record> many;
  for (std::uint32_t i = 0; i < 100; ++i) many.push_back(single(100 + i, alice, bob, 5));
  const auto f = transfers(std::move(many));
  core::slip_vector first;
  for (std::uint32_t i = 0; i < 99; ++i) first.push_back(decided(*f, i));
  w.give(std::move(first));
  ASSERT_TRUE(w.flow.in_flight());
  w.give({decided(*f, 99)});
  w.flow.written(append_status::ok);
  EXPECT_FALSE(w.flow.in_flight());
  EXPECT_TRUE(w.ports.bases.empty()) << "its outcome is told first: this thread is the one that tells";
  w.flow.pump();
  EXPECT_EQ(w.ports.bases, std::vector<commit_seq>{109});
}

}  // namespace
}  // namespace payloom::actors
