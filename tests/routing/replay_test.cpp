// Goal: a recording decides itself again byte for byte with the plan that made it, whatever happened; with another plan
// the difference is told by channel and money (domain.md N8). Method: random traffic with faults, operators, unknown
// money, restarts, recorded as a shell would; then replays.
#include "actors/core/routing/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <queue>

#include "actors/core/routing/route_text.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

routing_definition busy_routing() {
  routing_definition d;
  d.version = 1;
  d.least_cost = true;
  d.health.samples_min = 5;
  d.health.failures_in_row = 4;
  d.health.probes_needed = 1;
  d.health.ramp_successes = 2;
  d.health.open_ns = 5 * second_ns;
  d.health.answer_timeout_ns = 10 * second_ns;
  d.health.loss_budget_minor = 30'000;
  d.values = {{{}, dollar, 900}};
  const char* names[] = {"alpha", "beta", "gamma", "delta"};
  for (std::uint64_t i = 0; i < 4; ++i) {
    route_channel_definition& c = d.channels.emplace_back();
    c.channel.text = names[i];
    c.costs = {{{}, 0, 10 * i, static_cast<std::uint32_t>(20'000 - 4'000 * i)}};
    c.day_limits = {{{}, euro, 3'000'000}};
    c.unknown_limits = {{{}, euro, 60'000}};
  }
  d.rules = {rule_named("split", 1, {{"alpha", 300}, {"beta", 700}}),
             rule_named("list", 2, {{"gamma", 0}, {"delta", 0}})};
  d.rules[0].amount_max = 2'000;
  d.rules[1].bank = 2;
  return d;
}

/// Routes as a shell does, and writes down what happened.
struct recorder {
  recorder(const route_plan& p, std::uint64_t seed) : random(seed), plan(p), state(p.health()) { start(); }

  void start() {
    state = route_state(plan.health());
    waiting = {};
    recorded.push_back(make_traffic(now, traffic_kind::started));
    for (const unknown_change& c : unknown) {
      state.unknown_found(c);
      recorded.push_back(traffic_of(c, traffic_kind::unknown_found, now));
    }
  }
  void attempt() {
    route_question q = question(random.id(), 1 + random.below(5'000));
    q.bank = static_cast<bank_number>(random.below(4));
    q.card = static_cast<card_type>(random.below(2));
    q.ledger = random.one_in(4) ? dollar : euro;
    if (random.one_in(20)) q.asked = 1 + static_cast<channel_number>(random.below(4));
    state.tick(now);
    const route_decision d = route(q, plan, state, random.draw(), now);
    state.apply(d);
    recorded.push_back(traffic_of(d));
    if (d.channel == 0 || random.one_in(50)) return;  // some never end
    const bool fault = d.channel == bad_channel || d.bank == bad_bank;
    const auto o = static_cast<attempt_outcome>(fault || random.one_in(30) ? 3 + random.below(3) : random.below(3));
    const time_ns takes = random.below(4 * second_ns);
    waiting.push({now + takes, report_on(d, o, takes)});
  }
  void end_until(time_ns until) {
    while (!waiting.empty() && waiting.top().at <= until) {
      const ending e = waiting.top();
      waiting.pop();
      state.report(e.report, e.at);
      recorded.push_back(traffic_of(e.report, e.at));
      if (is_unknown(e.report.outcome))
        unknown.push_back(
            {e.report.payment, e.report.amount_minor, e.report.attempt, e.report.ledger, e.report.channel, 0});
    }
  }
  void settle() {
    if (unknown.empty()) return;
    const unknown_change c = unknown[random.below(unknown.size())];
    std::erase_if(unknown, [&](const unknown_change& u) { return u.payment == c.payment; });
    EXPECT_TRUE(state.unknown_settled(c));
    recorded.push_back(traffic_of(c, traffic_kind::unknown_settled, now));
  }
  void force() {
    const auto kind = static_cast<health_override>(random.below(3));
    const forced_change c{now + random.below(30 * second_ns),
                          1 + static_cast<channel_number>(random.below(4)),
                          static_cast<bank_number>(random.below(4)),
                          channel_operation::pay,
                          0,
                          kind,
                          {}};
    state.force(c, now);
    recorded.push_back(traffic_of(c, now));
  }
  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      const time_ns next = now + (random.one_in(500) ? random.below(900 * second_ns) : random.below(second_ns / 5));
      end_until(next);
      now = next;
      if (random.one_in(4)) state.tick(now);  // nobody writes that down
      if (random.one_in(300)) bad_channel = static_cast<channel_number>(random.below(5));
      if (random.one_in(200)) bad_bank = 1 + static_cast<bank_number>(random.below(8));
      if (random.one_in(10)) settle();
      if (random.one_in(400)) force();
      if (random.one_in(1'500)) start();
      attempt();
    }
  }

  struct ending {
    time_ns at;
    attempt_report report;
    friend bool operator>(const ending& a, const ending& b) { return a.at > b.at; }
  };
  draws random;
  const route_plan& plan;
  route_state state;
  time_ns now = routing_start;
  channel_number bad_channel = 0;
  bank_number bad_bank = 99;
  std::priority_queue<ending, std::vector<ending>, std::greater<>> waiting;
  std::vector<unknown_change> unknown;
  std::vector<traffic_event> recorded;
};

TEST(replay, with_the_same_plan_every_decision_is_reproduced) {
  const route_plan plan = plan_of(busy_routing(), channels_up_to(4));
  std::uint64_t refused = 0, at_risk = 0, by_rule = 0, decisions = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    recorder r(plan, seed);
    r.run(4'000);
    const replay_result again = replay_all(r.recorded, plan);
    ASSERT_EQ(again.decisions, 4'000u);
    ASSERT_EQ(again.reproduced, again.decisions) << seed;
    ASSERT_EQ(again.moved, 0u);
    for (const route_move& m : again.moves) {
      EXPECT_EQ(m.from, m.to);
      EXPECT_EQ(m.cost_before_minor, m.cost_after_minor);
    }
    replay world(plan);
    for (const traffic_event& e : r.recorded) world.step(e);
    for (channel_number c = 1; c <= 4; ++c) {
      EXPECT_EQ(world.state().unknown().of(c, euro).minor, r.state.unknown().of(c, euro).minor);
      EXPECT_EQ(world.state().days().of(c, euro, r.now), r.state.days().of(c, euro, r.now));
    }
    for (const traffic_event& e : r.recorded) {
      if (e.kind != traffic_kind::decision) continue;
      ++decisions;
      refused += e.decision.channel == 0;
      at_risk += e.decision.round != 0 || e.decision.own_round != 0;
      by_rule += e.decision.rule != 0;
    }
  }
  // The recordings held what they are to prove something about.
  EXPECT_GT(refused, decisions / 1'000);
  EXPECT_GT(at_risk, decisions / 100);
  EXPECT_GT(by_rule, decisions / 10);
}

TEST(replay, is_the_same_each_time_with_a_draft_too) {
  const route_plan plan = plan_of(busy_routing(), channels_up_to(4));
  routing_definition draft = busy_routing();
  draft.version = 2;
  draft.health.failures_in_row = 8;
  draft.health.open_ns = 60 * second_ns;
  draft.rules[0].channels[0].share = 900;
  draft.rules[0].channels[1].share = 100;
  const route_plan other = plan_of(draft, channels_up_to(4));
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    recorder r(plan, seed);
    r.run(3'000);
    const replay_result a = replay_all(r.recorded, other), b = replay_all(r.recorded, other);
    EXPECT_GT(a.moved, 100u);
    EXPECT_LT(a.moved, a.decisions);
    EXPECT_LT(a.reproduced, a.decisions);
    EXPECT_EQ(replay_text(a, other), replay_text(b, other));
    std::uint64_t attempts = 0, moved = 0;
    u128 amount = 0, recorded_amount = 0;
    for (const route_move& m : a.moves) {
      attempts += m.attempts;
      moved += m.from != m.to ? m.attempts : 0;
      amount += m.amount_minor;
    }
    for (const traffic_event& e : r.recorded)
      if (e.kind == traffic_kind::decision) recorded_amount += e.decision.amount_minor;
    EXPECT_EQ(attempts, a.decisions);
    EXPECT_EQ(moved, a.moved);
    EXPECT_EQ(amount, recorded_amount);
  }
}

TEST(replay, tells_what_moves_and_what_it_costs) {
  routing_definition said;
  said.channels.resize(2);
  said.channels[0].channel.text = "alpha";
  said.channels[0].costs = {{{}, 0, 30, 0}};
  said.channels[1].channel.text = "beta";
  said.channels[1].costs = {{{}, 0, 10, 0}};
  const route_plan plan = plan_of(said, channels_up_to(2));
  said.least_cost = true;
  const route_plan draft = plan_of(said, channels_up_to(2));
  recorder r(plan, 1);
  for (u128 payment = 1; payment <= 3; ++payment) {
    r.state.tick(r.now);
    const route_decision d = route(question(payment, 500), plan, r.state, 0, r.now);
    r.state.apply(d);
    r.recorded.push_back(traffic_of(d));
    r.recorded.push_back(traffic_of(report_on(d, attempt_outcome::unknown, 5), r.now += second_ns));
  }
  r.recorded.push_back(traffic_of(unknown_change{1, 500, 1, euro, 1, 0}, traffic_kind::unknown_settled, r.now));
  const replay_result same = replay_all(r.recorded, plan), other = replay_all(r.recorded, draft);
  EXPECT_EQ(same.reproduced, 3u);
  EXPECT_EQ(other.moved, 3u);
  ASSERT_EQ(other.moves.size(), 1u);
  EXPECT_EQ(other.moves[0].amount_minor, u128{1'500});
  EXPECT_EQ(replay_text(other, draft),
            "3 decisions, 0 the same, 3 to another channel; without a channel 0 before, 0 after\n"
            "  alpha -> beta, ledger 978: 3 attempts, amount 1500, cost 90 -> 30");
  replay world(draft);
  for (const traffic_event& e : r.recorded) world.step(e);
  EXPECT_EQ(world.state().unknown().of(1, euro).attempts, 0u) << "they were not made there";
  EXPECT_EQ(world.state().unknown().of(2, euro).attempts, 0u) << "and how they ended here nobody knows";
  EXPECT_EQ(world.state().days().of(2, euro, r.now), u128{1'500});
}

/// A draft that opens sooner: the attempts go elsewhere, the recorded failures stay a sign of the channel's health.
TEST(replay, a_draft_of_health_settings_shows_what_would_have_been_saved) {
  routing_definition said;
  said.health.failures_in_row = 20;
  const route_plan plan = plan_of(said, channels_up_to(2));
  said.health.failures_in_row = 5;
  const route_plan draft = plan_of(said, channels_up_to(2));
  recorder r(plan, 1);
  for (u128 payment = 1; payment <= 30; ++payment) {
    r.state.tick(r.now);
    const route_decision d = route(question(payment), plan, r.state, 0, r.now);
    r.state.apply(d);
    r.recorded.push_back(traffic_of(d));
    const auto o = d.channel == 1 ? attempt_outcome::timeout : attempt_outcome::ok;
    const attempt_report report = report_on(d, o, 5);
    r.state.report(report, ++r.now);
    r.recorded.push_back(traffic_of(report, r.now));
  }
  const replay_result other = replay_all(r.recorded, draft);
  EXPECT_EQ(other.moved, 15u) << "from the 6th on instead of the 21st";
  ASSERT_THAT(other.moves, testing::SizeIs(3));
  EXPECT_EQ(other.moves[1].from, 1u);
  EXPECT_EQ(other.moves[1].to, 2u);
  EXPECT_EQ(other.moves[1].attempts, 15u);
}

/// An attempt that a draft makes elsewhere holds nothing there once its recorded end came.
TEST(replay, a_probe_without_a_known_end_is_free_again) {
  routing_definition said;
  said.health.failures_in_row = 2;
  said.health.probes_needed = 1;
  said.rules = {rule_named("list", 1, {{"beta", 0}})};
  const route_plan plan = plan_of(said, channels_up_to(2));
  said.rules.clear();
  const route_plan draft = plan_of(said, channels_up_to(2));
  recorder r(plan, 1);
  route_decision outside{};
  outside.channel = 1;
  outside.operation = channel_operation::pay;
  for (int i = 0; i < 2; ++i) r.recorded.push_back(traffic_of(report_on(outside, attempt_outcome::timeout, 1), r.now));
  r.now += 40 * second_ns;
  for (u128 payment = 1; payment <= 3; ++payment) {
    r.state.tick(r.now);
    const route_decision d = route(question(payment), plan, r.state, 0, r.now);
    r.recorded.push_back(traffic_of(d));
    r.recorded.push_back(traffic_of(report_on(d, attempt_outcome::ok, 5), r.now));
  }
  const replay_result other = replay_all(r.recorded, draft);
  EXPECT_EQ(other.moved, 3u) << "each time it is a probe of alpha again";
  replay world(draft);
  for (const traffic_event& e : r.recorded) world.step(e);
  world.state().health().each(r.now, [](const health_view& v) {
    EXPECT_EQ(v.in_flight_minor, u128{0});
    EXPECT_TRUE(v.key.channel != 1 || v.state == health_state::half_open);
  });
}

}  // namespace
}  // namespace payloom::test
