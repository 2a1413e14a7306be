// Goal: what is written down about routing is checked whole, every mistake told with its place; times of the week,
// costs and values are exact. Method: one mistake a row; tables; big numbers against the exact portion.
#include "actors/core/routing/route_plan.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "protocol/types/portion.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

constexpr time_ns monday = routing_start / (86'400 * second_ns) * 86'400 * second_ns;
constexpr std::uint16_t hour = 60, day = 24 * hour;

routing_definition sound() {
  routing_definition d;
  d.version = 3;
  route_channel_definition c;
  c.channel = {"alpha", {10, 3}};
  c.closed = {{{11, 5}, 10, 20}};
  c.day_limits = {{{12, 5}, euro, 100}};
  c.unknown_limits = {{{13, 5}, euro, 100}};
  c.costs = {{{14, 5}, 0, 1, 2}, {{15, 5}, euro, 3, 4}};
  d.channels = {c};
  d.rules = {rule_named("first", 1, {{"alpha", 400}, {"beta", 600}}), rule_named("second", 2, {{"beta", 0}})};
  d.rules[0].name.at = {20, 3};
  d.values = {{{30, 3}, euro, 500}};
  return d;
}

TEST(route_plan, says_what_is_wrong_and_where) {
  struct row {
    std::function<void(routing_definition&)> change;
    int line;
    const char* problem;
  };
  const row rows[] = {
      {[](auto& d) { d.channels[0].channel.text = "alpa"; }, 10, "routing: unknown channel alpa"},
      {[](auto& d) { d.channels.push_back(d.channels[0]); }, 10, "stands twice"},
      {[](auto& d) { d.channels[0].closed[0].to = 10; }, 11, "two different times"},
      {[](auto& d) { d.channels[0].closed[0].from = minutes_of_week; }, 11, "two different times"},
      {[](auto& d) { d.channels[0].closed[0].to = minutes_of_week + 1; }, 11, "two different times"},
      {[](auto& d) {
         d.channels[0].closed.resize(17, {{11, 5}, 1, 2});
       },
       10, "more than 16 windows"},
      {[](auto& d) {
         d.channels[0].day_limits.push_back({{12, 9}, euro, 7});
       },
       12, "another limit above"},
      {[](auto& d) {
         d.channels[0].unknown_limits.push_back({{13, 9}, euro, 7});
       },
       13, "another limit above"},
      {[](auto& d) { d.channels[0].costs[0].rate = limits::rate_whole + 1; }, 14, "above the whole"},
      {[](auto& d) { d.channels[0].costs[0].ledger = euro; }, 14, "the ledger has two"},
      {[](auto& d) { d.rules[0].id = 0; }, 20, "its id is 0"},
      {[](auto& d) { d.rules[0].id = 2; }, 20, "another rule's"},
      {[](auto& d) { d.rules[0].amount_min = 5, d.rules[0].amount_max = 4; }, 20, "swap"},
      {[](auto& d) { d.rules[0].valid_to = 0; }, 20, "ends before it begins"},
      {[](auto& d) { d.rules[0].channels.clear(), d.rules[0].kind = route_rule_kind::priority; }, 20, "1 to 16"},
      {[](auto& d) { d.rules[0].channels[1].channel.text = "alpha"; }, 20, "a channel stands twice"},
      {[](auto& d) {
         d.rules[0].channels[1].channel = {"omega", {21, 9}};
       },
       21, "unknown channel omega"},
      {[](auto& d) { d.rules[0].channels[1].share = 599; }, 20, "add up to 1,000"},
      {[](auto& d) { d.rules[0].channels[1].share = 601; }, 20, "add up to 1,000"},
      {[](auto& d) { d.values[0].value = 0; }, 30, "counts as nothing"},
      {[](auto& d) {
         d.health.samples_min = 0, d.health_at = {40, 1};
       },
       40, "samples_min"},
  };
  core::catalog::problem_list problems;
  const auto channels = core::catalog::channel_plans::make(channels_up_to(2), problems);
  route_plan::make(channels, sound(), false, problems);
  ASSERT_TRUE(problems.empty()) << problems.all().front().message;
  for (const row& r : rows) {
    routing_definition d = sound();
    r.change(d);
    core::catalog::problem_list found;
    route_plan::make(channels, d, false, found);
    ASSERT_FALSE(found.empty()) << r.problem;
    EXPECT_NE(found.all().front().message.find(r.problem), std::string::npos) << found.all().front().message;
    EXPECT_EQ(found.all().front().at.line, r.line) << r.problem;
  }
}

TEST(route_plan, minutes_of_the_week) {
  EXPECT_EQ(minute_of_week(monday), 0);
  EXPECT_EQ(minute_of_week(monday + 60 * second_ns - 1), 0);
  EXPECT_EQ(minute_of_week(routing_start), 14 * hour + 13);
  EXPECT_EQ(minute_of_week(monday - 1), minutes_of_week - 1);
  EXPECT_EQ(minute_of_week(monday + 7 * 86'400 * second_ns), 0);
  EXPECT_EQ(minute_of_week(0), 3 * day) << "1970 began on a Thursday";
}

TEST(route_plan, windows_may_go_over_the_weeks_end) {
  route_channel c;
  c.closed = {{{}, 2 * day + hour, 2 * day + 3 * hour}, {{}, 6 * day + 23 * hour, hour}};
  const std::pair<int, bool> rows[] = {{2 * day + hour - 1, false},
                                       {2 * day + hour, true},
                                       {2 * day + 3 * hour - 1, true},
                                       {2 * day + 3 * hour, false},
                                       {6 * day + 23 * hour, true},
                                       {minutes_of_week - 1, true},
                                       {0, true},
                                       {hour - 1, true},
                                       {hour, false}};
  for (const auto& [minute, closed] : rows)
    EXPECT_EQ(c.is_closed(static_cast<std::uint16_t>(minute)), closed) << minute;
}

TEST(route_plan, costs_are_exact_for_amounts_of_any_size) {
  const route_plan plan = plan_of(sound(), channels_up_to(2));
  const route_channel& alpha = plan.channels()[0];
  EXPECT_EQ(alpha.cost_of(euro, 1'000'000), u128{3 + 4});
  EXPECT_EQ(alpha.cost_of(dollar, 1'000'000), u128{1 + 2}) << "the cost of all others, though it stands first";
  EXPECT_EQ(alpha.cost_of(euro, 249'999), u128{3}) << "rounded down";
  EXPECT_EQ(plan.channels()[1].cost_of(euro, u128_max), u128{0});
  route_channel c;
  draws random(3);
  for (int i = 0; i < 2'000; ++i) {
    const u128 amount = random.one_in(2) ? random.id() >> random.below(128)
                                         : u128{UINT64_MAX / limits::rate_whole} + 1 - random.below(3);
    c.costs = {{{}, 0, random.below(100), static_cast<std::uint32_t>(random.below(limits::rate_whole + 1))}};
    ASSERT_EQ(c.cost_of(euro, amount), c.costs[0].fixed_minor + portion(amount, c.costs[0].rate, limits::rate_whole));
  }
  c.costs = {{{}, 0, 2, limits::rate_whole}};
  EXPECT_EQ(c.cost_of(euro, u128_max - 1), u128_max) << "more than a number holds";
}

TEST(route_plan, money_is_valued_rounded_up_and_saturates) {
  const route_plan plan = plan_of(sound(), channels_up_to(2));
  EXPECT_EQ(plan.valued(dollar, 77), u128{77});
  EXPECT_EQ(plan.valued(euro, 1'000), u128{500});
  EXPECT_EQ(plan.valued(euro, 1), u128{1});
  EXPECT_EQ(plan.valued(euro, 0), u128{0});
  EXPECT_EQ(plan.valued(euro, u128_max), u128_max / 1000 * 500 + (u128_max % 1000 * 500 + 999) / 1000);
  routing_definition d = sound();
  d.values[0].value = 2'000;
  EXPECT_EQ(plan_of(d, channels_up_to(2)).valued(euro, u128_max), u128_max);
}

TEST(route_plan, rules_are_asked_by_priority_and_decide_when_they_are_active) {
  using enum core::rules::rule_state;
  routing_definition d = sound();
  d.rules = {rule_named("last", 1, {{"alpha", 0}}), rule_named("first", 2, {{"beta", 0}}),
             rule_named("draft", 3, {{"alpha", 0}}), rule_named("gone", 4, {{"alpha", 0}})};
  d.rules[0].priority = 9;
  d.rules[1].priority = 5;
  d.rules[2].priority = 3, d.rules[2].state = shadow;
  d.rules[3].priority = 1, d.rules[3].state = retired;
  const route_plan live = plan_of(d, channels_up_to(2)), tried = plan_of(d, channels_up_to(2), true);
  EXPECT_EQ(live.rule_for(question(1), monday)->said.id, 2);
  EXPECT_EQ(tried.rule_for(question(1), monday)->said.id, 3) << "and never what is retired";
}

TEST(route_plan, all_of_a_rules_conditions_must_hold) {
  routing_definition d = sound();
  route_rule_definition r = rule_named("one", 1, {{"alpha", 0}});
  r.operations = core::catalog::bit_of(channel_operation::pay);
  r.ledger = euro;
  r.amount_min = 100;
  r.amount_max = 200;
  r.merchant = 7;
  r.bank = 4;
  r.card = 2;
  r.valid_from = monday;
  r.valid_to = monday + 10;
  d.rules = {r};
  const route_plan plan = plan_of(d, channels_up_to(2));
  route_question fits = question(1, 100);
  fits.bank = 4;
  fits.card = 2;
  ASSERT_NE(plan.rule_for(fits, monday), nullptr);
  const std::function<void(route_question&)> changes[] = {[](auto& q) { q.operation = channel_operation::payout; },
                                                          [](auto& q) { q.ledger = dollar; },
                                                          [](auto& q) { q.amount_minor = 99; },
                                                          [](auto& q) { q.amount_minor = 201; },
                                                          [](auto& q) { q.merchant = 8; },
                                                          [](auto& q) { q.bank = 0; },
                                                          [](auto& q) { q.card = 1; }};
  for (const auto& change : changes) {
    route_question q = fits;
    change(q);
    EXPECT_EQ(plan.rule_for(q, monday), nullptr);
  }
  EXPECT_EQ(plan.rule_for(fits, monday - 1), nullptr);
  EXPECT_EQ(plan.rule_for(fits, monday + 10), nullptr);
  EXPECT_NE(plan.rule_for(fits, monday + 9), nullptr);
}

}  // namespace
}  // namespace payloom::test
