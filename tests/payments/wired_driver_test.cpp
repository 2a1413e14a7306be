// The gateway's end of a wire: batches both ways, one wake-up for what lies there, nothing after the end.
#include "actors/channels/wired_driver.hpp"

#include <gtest/gtest.h>

#include "actors/core/channels/inner_drivers.hpp"

namespace payloom::test {
namespace {

using core::channel_answer;
using core::channel_call;

struct kept_wire : actors::channel_wire {
  std::vector<std::vector<channel_call>> batches;
  std::uint64_t open = 0;
  void call(std::vector<channel_call> calls) override { batches.push_back(std::move(calls)); }
  void stop() override {}
  actors::wire_counters counters() const override { return {.in_flight = open}; }
};

channel_call call_of(u128 attempt) {
  channel_call c;
  c.operation = channel_operation::pay;
  c.attempt_id = attempt;
  return c;
}

std::vector<channel_answer> answers_of(u128 first, u128 count) {
  std::vector<channel_answer> all;
  for (u128 a = first; a < first + count; ++a) all.push_back({call_of(a), channel_outcome::success, 1, 1, 1});
  return all;
}

struct wired : testing::Test {
  int woken = 0;
  std::shared_ptr<kept_wire> wire = std::make_shared<kept_wire>();
  std::shared_ptr<actors::answer_box> box = std::make_shared<actors::answer_box>([this] { ++woken; });
  std::unique_ptr<actors::wired_driver> driver = std::make_unique<actors::wired_driver>(wire, box);
  std::vector<channel_answer> told;
};

TEST_F(wired, calls_of_a_mail_are_handed_over_together) {
  driver->call(call_of(1), 5);
  driver->call(call_of(2), 5);
  EXPECT_TRUE(wire->batches.empty());
  EXPECT_EQ(driver->in_flight(), 2u);  // they count before the wire has them
  driver->poll(5, 10, told);
  ASSERT_EQ(wire->batches.size(), 1u);
  EXPECT_EQ(wire->batches[0].size(), 2u);
  wire->open = 2;
  EXPECT_EQ(driver->in_flight(), 2u);
  driver->poll(6, 10, told);
  EXPECT_EQ(wire->batches.size(), 1u) << "an empty batch is none";
}

TEST_F(wired, the_gateway_is_woken_once_for_what_lies_there) {
  box->put({});
  EXPECT_EQ(woken, 0);
  box->put(answers_of(1, 2));
  box->put(answers_of(3, 2));
  EXPECT_EQ(woken, 1);
  driver->poll(1, 10, told);
  ASSERT_EQ(told.size(), 4u);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i].call.attempt_id, i + 1);
  box->put(answers_of(5, 1));
  EXPECT_EQ(woken, 2);
}

TEST_F(wired, what_exceeds_a_turn_comes_with_the_next_in_order) {
  box->put(answers_of(1, 5));
  driver->poll(1, 2, told);
  EXPECT_EQ(told.size(), 2u);
  EXPECT_NE(driver->next_at(), 0u);
  box->put(answers_of(6, 1));
  driver->poll(2, 2, told);
  driver->poll(3, 2, told);
  EXPECT_EQ(driver->next_at(), 0u);
  driver->poll(4, 2, told);
  ASSERT_EQ(told.size(), 6u);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i].call.attempt_id, i + 1);
}

TEST_F(wired, after_the_driver_nobody_is_woken) {
  driver.reset();
  box->put(answers_of(1, 1));
  EXPECT_EQ(woken, 0);
}

TEST(unwired_channel, sends_nothing_and_says_so) {
  core::catalog::channel_plan plan;
  plan.number = 3;
  plan.driver = core::catalog::channel_driver_kind::iso8583;
  EXPECT_EQ(core::make_inner_driver(plan), nullptr);
  core::unwired_channel none;
  for (u128 a = 1; a <= 3; ++a) none.call(call_of(a), 1);
  channel_call question = call_of(4);
  question.operation = channel_operation::query;
  none.call(question, 1);  // nothing is known, so nothing is said
  std::vector<channel_answer> told;
  none.poll(1, 2, told);
  EXPECT_NE(none.next_at(), 0u);
  none.poll(2, 2, told);
  ASSERT_EQ(told.size(), 3u);
  for (const channel_answer& a : told) EXPECT_EQ(a.outcome, channel_outcome::not_sent);
  EXPECT_EQ(none.next_at(), 0u);
}

}  // namespace
}  // namespace payloom::test
