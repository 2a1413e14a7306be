// The simulator inside the process: shares, determinism, and that queries agree with what was told. The desk's bounds.
#include <gtest/gtest.h>

#include <map>

#include "actors/core/channels/channel_desk.hpp"
#include "actors/core/channels/inner_drivers.hpp"
#include "actors/core/channels/simulated_channel.hpp"

namespace payloom::test {
namespace {

using core::catalog::channel_plan;
using core::catalog::simulator_settings;

core::channel_call call_of(u128 attempt, channel_operation operation = channel_operation::pay) {
  core::channel_call c;
  c.operation = operation;
  c.attempt_operation = channel_operation::pay;
  c.channel = 1;
  c.attempt_id = attempt;
  c.payment = attempt + 1'000'000;
  c.amount_minor = 500;
  c.ledger = 978;
  return c;
}

channel_plan plan_of(const simulator_settings& settings, std::uint32_t in_flight_max = 1000) {
  channel_plan p;
  p.name = "tried";
  p.number = 1;
  p.operations = core::catalog::bit_of(channel_operation::pay) | core::catalog::bit_of(channel_operation::query) |
                 core::catalog::bit_of(channel_operation::close);
  p.in_flight_max = in_flight_max;
  p.simulator = settings;
  return p;
}

simulator_settings mixed() {
  simulator_settings s;
  s.seed = 7;
  s.rejected = 100;
  s.accepted = 100;
  s.accepted_rejected = 50;
  s.not_sent = 50;
  s.unknown_moved = 50;
  s.unknown_lost = 50;
  s.other_amount = 20;
  s.late_success = 30;
  s.later_ms = 10;
  s.answer_ms_max = 5;
  return s;
}

TEST(simulated_channel, shares_are_as_written) {
  std::map<channel_outcome, int> first;
  constexpr int attempts = 20'000;
  for (int i = 1; i <= attempts; ++i)
    ++first[core::fate_of(mixed(), static_cast<u128>(i) << 64 | 3, channel_operation::pay, 500).first];
  const auto share = [&](channel_outcome o) { return first[o] * 1000 / attempts; };
  EXPECT_NEAR(share(channel_outcome::rejected), 130, 15);  // with those that succeed later
  EXPECT_NEAR(share(channel_outcome::accepted), 150, 15);
  EXPECT_NEAR(share(channel_outcome::not_sent), 50, 10);
  EXPECT_NEAR(share(channel_outcome::unknown), 100, 12);
}

TEST(simulated_channel, a_query_tells_what_became_of_it_in_the_end) {
  for (u128 attempt = 1; attempt < 3'000; ++attempt) {
    core::simulated_channel first(mixed()), after_a_restart(mixed());
    std::vector<core::channel_answer> told, asked;
    first.call(call_of(attempt), 1000);
    first.poll(1'000'000'000, 100, told);
    after_a_restart.call(call_of(attempt, channel_operation::query), 1000);
    after_a_restart.poll(1'000'000'000, 100, asked);
    ASSERT_EQ(asked.size(), 1u);
    if (told.empty()) continue;  // unknown: only queries tell
    const core::channel_answer& last = told.back();
    const bool moved = last.outcome == channel_outcome::success;
    ASSERT_EQ(moved, asked[0].outcome == channel_outcome::success) << static_cast<int>(last.outcome);
    ASSERT_EQ(last.amount_minor, asked[0].amount_minor);
  }
}

TEST(simulated_channel, nothing_is_told_before_its_time) {
  simulator_settings s;
  s.answer_ms_min = s.answer_ms_max = 40;
  core::simulated_channel c(s);
  std::vector<core::channel_answer> told;
  c.call(call_of(1), 1'000'000);
  EXPECT_EQ(c.next_at(), 41'000'000u);
  c.poll(40'999'999, 100, told);
  EXPECT_TRUE(told.empty());
  c.poll(41'000'000, 100, told);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(c.in_flight(), 0u);
}

TEST(channel_desk, what_does_not_fit_or_cannot_be_asked_has_not_left) {
  simulator_settings slow;
  slow.answer_ms_min = slow.answer_ms_max = 1000;
  const channel_plan plan = plan_of(slow, 2);
  core::channel_desk desk(plan, core::make_inner_driver(plan));
  core::channel_facts out;
  for (u128 a = 1; a <= 3; ++a) desk.call(call_of(a), 0, out);
  ASSERT_EQ(out.facts.size(), 1u);
  EXPECT_EQ(out.facts[0].outcome, channel_outcome::not_sent);
  EXPECT_EQ(out.facts[0].payment, 1'000'003u);
  out = {};
  desk.call(call_of(4, channel_operation::refund), 0, out);  // not among its operations
  ASSERT_EQ(out.facts.size(), 1u);
  EXPECT_EQ(out.facts[0].outcome, channel_outcome::not_sent);
  out = {};
  desk.call(call_of(1, channel_operation::query), 0, out);  // queries are not bounded by what they ask about
  EXPECT_TRUE(out.facts.empty());
  EXPECT_EQ(desk.in_flight(), 3u);
}

TEST(channel_desk, the_same_answer_has_the_same_id_and_another_one_another) {
  const channel_plan plan = plan_of({});
  core::channel_desk desk(plan, core::make_inner_driver(plan));
  core::channel_facts out;
  desk.call(call_of(1), 0, out);
  desk.call(call_of(1), 0, out);
  core::channel_call again = call_of(1);
  again.asked = 1;
  desk.call(again, 0, out);
  desk.call(call_of(2), 0, out);
  desk.poll(1, out);
  ASSERT_EQ(out.facts.size(), 4u);
  EXPECT_EQ(out.facts[0].id, out.facts[1].id);
  EXPECT_EQ(out.facts[0].id, out.facts[2].id) << "the same money, whichever question it answers";
  EXPECT_NE(out.facts[0].id, out.facts[3].id);
  for (const channel_fact_record& f : out.facts) EXPECT_TRUE(id_is_the_servers(f.id.value));
}

}  // namespace
}  // namespace payloom::test
