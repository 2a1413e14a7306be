// Goal: the steps of routing in their order, each with its reason in the record; the record in words. Method: three
// channels, one thing changed a row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "actors/core/routing/route_text.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;
using enum drop_reason;

struct route_scene {
  route_scene() {
    said.version = 9;
    said.health.failures_in_row = 2;
    said.health.probes_needed = 1;
    for (const char* name : {"alpha", "beta", "gamma"}) said.channels.emplace_back().channel.text = name;
  }
  route_decision go() { return go(question(5)); }
  route_decision go(const route_question& q, std::uint32_t draw = 500'000) {
    plan = plan_of(said, channels);
    state.set_plan(plan.health());
    state.tick(now);
    return route(q, plan, state, draw, now);
  }
  void fail(channel_number channel, int times = 2) {
    route_decision d{};
    d.channel = channel;
    d.ledger = euro;
    d.operation = channel_operation::pay;
    state.set_plan(said.health);
    for (int i = 0; i < times; ++i) state.report(report_on(d, attempt_outcome::technical_failure, 1), now);
  }
  void cost(std::size_t channel, u128 fixed_minor) { said.channels[channel].costs = {{{}, 0, fixed_minor, 0}}; }

  std::vector<core::catalog::channel_plan> channels = channels_up_to(3);
  routing_definition said;
  route_plan plan;
  route_state state{health_plan{}};
  time_ns now = routing_start;
};

class route_test : public testing::Test, protected route_scene {};

TEST_F(route_test, without_anything_said_the_first_channel_that_can) {
  const route_decision d = go();
  EXPECT_EQ(d.channel, 1u);
  EXPECT_EQ(d.step, route_step::fallback);
  EXPECT_EQ(d.plan_version, 9u);
  EXPECT_EQ(d.draw, 500'000u);
  EXPECT_EQ(d.at, now);
  EXPECT_EQ(d.candidates, 3);
  EXPECT_EQ(d.kept[0].drop, drop_reason::none);
  EXPECT_EQ(d.kept[1].drop, behind);
  EXPECT_EQ(d.kept[3].channel, 0u);
  EXPECT_EQ(d, go()) << "byte for byte";
}

TEST_F(route_test, what_cannot_do_it_is_dropped_with_its_reason) {
  struct row {
    std::function<void(route_scene&)> change;
    drop_reason reason;
  };
  const std::uint16_t minute = minute_of_week(now);
  const row rows[] = {
      {[](route_scene& t) { t.channels[0].operations = core::catalog::bit_of(channel_operation::query); }, operation},
      {[](route_scene& t) { t.channels[0].ledgers = {dollar}; }, ledger},
      {[](route_scene& t) { t.channels[0].min_minor = 1'001; }, amount_small},
      {[](route_scene& t) { t.channels[0].max_minor = 999; }, amount_large},
      {[&](route_scene& t) {
         t.said.channels[0].closed = {{{}, minute, static_cast<std::uint16_t>(minute + 1)}};
       },
       closed_now},
      {[](route_scene& t) {
         t.said.channels[0].day_limits = {{{}, euro, 999}};
       },
       day_limit},
      {[](route_scene& t) {
         t.said.channels[0].unknown_limits = {{{}, euro, 999}};
       },
       unknown_limit},
      {[](route_scene& t) { t.fail(1); }, health},
  };
  for (const row& r : rows) {
    route_scene t;
    r.change(t);
    const route_decision d = t.go();
    EXPECT_EQ(d.channel, 2u) << int(r.reason);
    EXPECT_EQ(d.kept[0].drop, r.reason);
    EXPECT_EQ(d.kept[0].refusal, r.reason == health ? health_refusal::open : health_refusal::none);
  }
}

TEST_F(route_test, limits_are_inclusive) {
  channels[0].min_minor = channels[0].max_minor = 1'000;
  said.channels[0].day_limits = {{{}, euro, 1'000}, {{}, dollar, 1}};
  said.channels[0].unknown_limits = {{{}, euro, 1'000}};
  const std::uint16_t minute = minute_of_week(now);
  said.channels[0].closed = {{{}, static_cast<std::uint16_t>(minute - 1), minute},
                             {{}, static_cast<std::uint16_t>(minute + 1), static_cast<std::uint16_t>(minute + 2)}};
  EXPECT_EQ(go().channel, 1u);
}

TEST_F(route_test, limits_follow_what_was_applied_and_how_it_ended) {
  said.channels[0].day_limits = {{{}, euro, 2'500}};
  said.channels[0].unknown_limits = {{{}, euro, 1'500}};
  const route_decision first = go();
  state.apply(first);
  const route_decision second = go();
  state.apply(second);
  EXPECT_EQ(go().kept[0].drop, day_limit);
  state.report(report_on(first, attempt_outcome::business_refusal, 5), now);
  EXPECT_EQ(go().channel, 1u) << "nothing moved: the day has room again";
  state.report(report_on(second, attempt_outcome::timeout, 5), now);
  EXPECT_EQ(state.unknown().of(1, euro).minor, u128{1'000});
  EXPECT_EQ(go().kept[0].drop, unknown_limit);
  EXPECT_TRUE(state.unknown_settled({second.payment, second.amount_minor, 1, euro, 1, 0}));
  EXPECT_EQ(go().channel, 1u);
}

TEST_F(route_test, the_payments_own_choice_passes_the_rules_but_not_health) {
  said.rules = {rule_named("list", 1, {{"alpha", 0}})};
  route_question q = question(5);
  q.asked = 2;
  route_decision d = go(q);
  EXPECT_EQ(d.channel, 2u);
  EXPECT_EQ(d.step, route_step::asked);
  EXPECT_EQ(d.rule, 0);
  EXPECT_EQ(d.kept[0].drop, not_asked);
  fail(2);
  d = go(q);
  EXPECT_EQ(d.channel, 0u);
  EXPECT_EQ(d.step, route_step::none);
  EXPECT_EQ(d.kept[1].drop, health);
}

TEST_F(route_test, a_rules_list_goes_before_cost_and_order) {
  said.least_cost = true;
  cost(1, 50);
  cost(2, 90);
  said.rules = {rule_named("list", 4, {{"gamma", 0}, {"beta", 0}})};
  said.rules[0].version = 6;
  route_decision d = go();
  EXPECT_EQ(d.channel, 3u);
  EXPECT_EQ(d.step, route_step::priority);
  EXPECT_EQ(d.rule, 4);
  EXPECT_EQ(d.rule_version, 6);
  EXPECT_EQ(d.cost_minor, u128{90});
  EXPECT_EQ(d.kept[0].drop, not_in_rule);
  EXPECT_EQ(d.kept[1].drop, behind);
  fail(3);
  d = go();
  EXPECT_EQ(d.channel, 2u);
  EXPECT_EQ(d.kept[2].drop, health);
  fail(2);
  d = go();
  EXPECT_EQ(d.channel, 1u) << "then any other";
  EXPECT_EQ(d.step, route_step::least_cost);
  EXPECT_EQ(d.rule, 4) << "which held";
  said.rules[0].only = true;
  d = go();
  EXPECT_EQ(d.channel, 0u) << "but these only";
  EXPECT_EQ(d.kept[0].drop, not_in_rule);
}

TEST_F(route_test, a_split_falls_to_the_next_of_its_list) {
  said.rules = {rule_named("split", 1, {{"gamma", 500}, {"alpha", 500}, {"beta", 0}})};
  for (u128 payment = 1; payment <= 20; ++payment) {
    const bool gamma = go(question(payment)).channel == 3;
    route_scene t;
    t.said.rules = said.rules;
    t.fail(gamma ? 3 : 1);
    const route_decision d = t.go(question(payment));
    EXPECT_EQ(d.channel, gamma ? 1u : 2u);
    EXPECT_EQ(d.step, route_step::percentage);
  }
}

TEST_F(route_test, the_cheapest_that_is_well) {
  said.least_cost = true;
  cost(0, 30);
  cost(1, 10);
  cost(2, 20);
  EXPECT_EQ(go().channel, 2u);
  EXPECT_EQ(go().kept[0].drop, dearer);
  fail(2);
  route_decision d = go();
  EXPECT_EQ(d.channel, 3u);
  EXPECT_EQ(d.cost_minor, u128{20});
  cost(0, 20);
  EXPECT_EQ(go().channel, 1u) << "of equals the first of the plan";
}

TEST_F(route_test, what_works_badly_is_taken_when_nothing_else_is_left) {
  route_decision bad{};
  bad.channel = 1;
  bad.ledger = euro;
  bad.operation = channel_operation::pay;
  for (int i = 0; i < 40; ++i)
    state.report(report_on(bad, i % 3 == 0 ? attempt_outcome::unknown : attempt_outcome::ok, 1), now);
  now += second_ns;
  route_decision d = go();
  EXPECT_EQ(d.channel, 2u);
  EXPECT_EQ(d.kept[0].drop, degraded);
  EXPECT_EQ(d.kept[0].state, health_state::degraded);
  fail(2), fail(3);
  d = go();
  EXPECT_EQ(d.channel, 1u);
  EXPECT_EQ(d.state, health_state::degraded);
  EXPECT_EQ(d.kept[0].drop, drop_reason::none);
  said.rules = {rule_named("list", 1, {{"alpha", 0}, {"gamma", 0}})};
  EXPECT_EQ(go().channel, 1u) << "a rule's list is not reordered";
}

TEST_F(route_test, no_channel_at_all_says_why_for_each) {
  channels[0].max_minor = 999;
  said.channels[1].closed = {{{}, 0, minutes_of_week}};
  fail(3);
  const route_decision d = go();
  EXPECT_EQ(d.channel, 0u);
  EXPECT_EQ(d.kept[0].drop, amount_large);
  EXPECT_EQ(d.kept[1].drop, closed_now);
  EXPECT_EQ(d.kept[2].drop, health);
  state.apply(d);
  EXPECT_EQ(state.days().of(1, euro, now), u128{0}) << "nothing is made";
}

TEST_F(route_test, a_probe_holds_its_channel_until_it_ends) {
  fail(1);
  now += 30 * second_ns;
  const route_decision probe = go();
  EXPECT_EQ(probe.channel, 1u);
  EXPECT_EQ(probe.verdict, health_verdict::probe);
  EXPECT_NE(probe.own_round, 0u);
  state.apply(probe);
  EXPECT_EQ(go().kept[0].refusal, health_refusal::probe_out);
  state.report(report_on(probe, attempt_outcome::ok, second_ns), now);
  EXPECT_EQ(go(question(6), 9'999).channel, 1u);
  EXPECT_EQ(go(question(6), 10'000).kept[0].refusal, health_refusal::ramp_share);
}

TEST_F(route_test, the_loss_budget_counts_each_ledgers_money_by_its_value) {
  said.values = {{{}, euro, 2'000}};
  said.health.loss_budget_minor = 1'999;
  fail(1);
  now += 30 * second_ns;
  EXPECT_EQ(go().kept[0].refusal, health_refusal::loss_budget);
  EXPECT_EQ(go().risk_minor, u128{2'000});
  said.health.loss_budget_minor = 2'000;
  EXPECT_EQ(go().channel, 1u);
}

TEST_F(route_test, more_channels_than_a_record_keeps_are_all_looked_at) {
  channels = channels_up_to(64);
  for (std::size_t i = 0; i < 63; ++i) channels[i].max_minor = 1;
  const route_decision d = go();
  EXPECT_EQ(d.channel, 64u);
  EXPECT_EQ(d.candidates, 64);
  EXPECT_EQ(d.kept[candidates_kept - 1].channel, 15u);
  EXPECT_THAT(route_text(d, plan), testing::HasSubstr("and 49 more"));
}

TEST_F(route_test, a_decision_in_words) {
  said.rules = {rule_named("list", 4, {{"gamma", 0}, {"alpha", 0}})};
  channels[1].max_minor = 999;
  fail(3);
  const route_decision d = go();
  EXPECT_EQ(route_text(d, plan),
            "payment 0x5 attempt 1: pay 1000 of ledger 978, merchant 7, bank 0, card type 0\n"
            "at 1790000000000000000 ns, plan version 9, draw 500000 of 1000000\n"
            "alpha by a rule's list, rule 4 version 1, cost 0, health NORMAL\n"
            "candidates:\n"
            "  alpha: taken\n"
            "  beta: amount above its most\n"
            "  gamma: health refuses: it is cut (OPEN)");
  EXPECT_THAT(route_text(d, route_plan{}), testing::HasSubstr("channel 1 by")) << "no names: numbers";
  for (std::uint8_t i = 0; i < drop_reasons; ++i) EXPECT_NE(to_string(static_cast<drop_reason>(i)), "?");
  EXPECT_EQ(to_string(static_cast<drop_reason>(drop_reasons)), "?");
  for (std::uint8_t i = 0; i < attempt_outcomes; ++i) EXPECT_NE(to_string(static_cast<attempt_outcome>(i)), "?");
}

}  // namespace
}  // namespace payloom::test
