// Goal: every state of a health key meets every event as domain.md 1.4 says; what is at risk never passes the loss
// budget. Method: a table of all states by all events; then the bounds one by one.
#include "actors/core/routing/health_machine.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;
using enum attempt_outcome;
using enum health_state;

/// Small numbers, so that each bound is a step away.
health_plan small_plan() {
  health_plan p;
  p.samples_min = 10;
  p.open_share = 500;
  p.failures_in_row = 3;
  p.degraded_share = 200;
  p.recovered_share = 100;
  p.slow_ns = 2 * second_ns;
  p.open_ns = 10 * second_ns;
  p.open_max_ns = 40 * second_ns;
  p.answer_timeout_ns = 20 * second_ns;
  p.probes_needed = 2;
  p.probe_max_minor = 100;
  p.ramp_successes = 2;
  p.loss_budget_minor = 1'000;
  return p;
}

health_evidence evidence(std::uint32_t good, std::uint32_t bad, std::uint64_t p95_ns = 0) {
  health_evidence e;
  e.half_minute.of[static_cast<std::size_t>(ok)] = good;
  e.half_minute.of[static_cast<std::size_t>(timeout)] = bad;
  e.minute = e.half_minute;
  e.p95_ns = p95_ns;
  return e;
}

class machine_at {
 public:
  explicit machine_at(health_state state) {
    if (state == normal) return;
    if (state == degraded) {
      m.judge(plan, evidence(70, 30), now);
      return;
    }
    for (int i = 0; i < 3; ++i) tell(timeout);
    if (state == health_state::open) return;
    now += plan.open_ns;
    m.judge(plan, {}, now);
    if (state == half_open) return;
    for (int i = 0; i < 2; ++i) attempt(ok);
  }
  health_effect tell(attempt_outcome o, std::uint32_t round = 0, u128 amount = 10) {
    return m.report(plan, o, amount, round, 0, now);
  }
  /// One that is let through, and ends.
  health_effect attempt(attempt_outcome o, u128 amount = 10) {
    const admission a = begin(amount);
    return tell(o, a.round, amount);
  }
  admission begin(u128 amount = 10, std::uint32_t draw = 0) {
    const admission a = m.ask(plan, amount, draw, now);
    EXPECT_NE(a.verdict, health_verdict::refuse) << static_cast<int>(a.refusal);
    if (a.verdict != health_verdict::refuse) m.began(plan, a.round, amount, now);
    return a;
  }
  health_refusal refused(u128 amount = 10, std::uint32_t draw = 0) const {
    return m.ask(plan, amount, draw, now).refusal;
  }
  health_state state() const { return m.state(now); }

  health_plan plan = small_plan();
  health_machine m;
  time_ns now = routing_start;
};

TEST(health_machine, every_state_by_every_event) {
  using event = std::function<void(machine_at&)>;
  const std::map<std::string, event> events{
      {"success", [](machine_at& t) { t.tell(ok); }},
      {"business refusals",
       [](machine_at& t) {
         for (int i = 0; i < 9; ++i) t.tell(business_refusal);
       }},
      {"withdrawn",
       [](machine_at& t) {
         for (int i = 0; i < 9; ++i) t.tell(withdrawn);
       }},
      {"two failures", [](machine_at& t) { t.tell(technical_failure), t.tell(technical_failure); }},
      {"failures in a row", [](machine_at& t) { t.tell(technical_failure), t.tell(unknown), t.tell(timeout); }},
      {"failures and a success", [](machine_at& t) { t.tell(unknown), t.tell(unknown), t.tell(ok), t.tell(unknown); }},
      {"quiet", [](machine_at& t) { t.m.judge(t.plan, {}, t.now); }},
      {"all well", [](machine_at& t) { t.m.judge(t.plan, evidence(100, 0), t.now); }},
      {"10 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(90, 10), t.now); }},
      {"15 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(85, 15), t.now); }},
      {"20 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(80, 20), t.now); }},
      {"21 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(79, 21), t.now); }},
      {"50 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(50, 50), t.now); }},
      {"51 % fail", [](machine_at& t) { t.m.judge(t.plan, evidence(49, 51), t.now); }},
      {"9 samples fail", [](machine_at& t) { t.m.judge(t.plan, evidence(0, 9), t.now); }},
      {"slow", [](machine_at& t) { t.m.judge(t.plan, evidence(100, 0, 3 * second_ns), t.now); }},
      {"open time over", [](machine_at& t) { t.m.judge(t.plan, {}, t.now += 10 * second_ns); }},
      {"attempt succeeds",
       [](machine_at& t) {
         if (t.refused() == health_refusal::none) t.attempt(ok);
       }},
      {"attempt refused",
       [](machine_at& t) {
         if (t.refused() == health_refusal::none) t.attempt(business_refusal);
       }},
      {"attempt fails",
       [](machine_at& t) {
         if (t.refused() == health_refusal::none) t.attempt(timeout);
       }},
      {"two succeed",
       [](machine_at& t) {
         for (int i = 0; i < 2 && t.refused() == health_refusal::none; ++i) t.attempt(ok);
       }},
      {"attempt withdrawn",
       [](machine_at& t) {
         if (t.refused() == health_refusal::none) t.attempt(withdrawn);
       }},
      {"no answer",
       [](machine_at& t) {
         if (t.refused() == health_refusal::none) t.begin();
         t.m.judge(t.plan, {}, t.now += 20 * second_ns);
       }},
  };
  struct row {
    const char* event;
    health_state from_normal, from_degraded, from_open, from_half_open, from_ramp;
  };
  constexpr health_state cut = health_state::open;
  const row rows[] = {
      {"success", normal, degraded, cut, half_open, ramp},
      {"business refusals", normal, degraded, cut, half_open, ramp},
      {"withdrawn", normal, degraded, cut, half_open, ramp},
      {"two failures", normal, degraded, cut, half_open, ramp},
      {"failures in a row", cut, cut, cut, half_open, ramp},  // from before it was cut: says nothing
      {"failures and a success", normal, degraded, cut, half_open, ramp},
      {"quiet", normal, normal, cut, half_open, ramp},
      {"all well", normal, normal, cut, half_open, ramp},
      {"10 % fail", normal, normal, cut, half_open, ramp},
      {"15 % fail", normal, degraded, cut, half_open, ramp},
      {"20 % fail", normal, degraded, cut, half_open, ramp},
      {"21 % fail", degraded, degraded, cut, half_open, ramp},
      {"50 % fail", degraded, degraded, cut, half_open, ramp},
      {"51 % fail", cut, cut, cut, half_open, cut},
      {"9 samples fail", normal, normal, cut, half_open, ramp},
      {"slow", degraded, degraded, cut, half_open, ramp},
      {"open time over", normal, normal, half_open, half_open, ramp},
      {"attempt succeeds", normal, degraded, cut, half_open, ramp},
      {"attempt refused", normal, degraded, cut, half_open, ramp},
      {"attempt fails", normal, degraded, cut, cut, ramp},
      {"two succeed", normal, degraded, cut, ramp, ramp},
      {"attempt withdrawn", normal, degraded, cut, half_open, ramp},
      {"no answer", normal, normal, half_open, cut, cut},
  };
  EXPECT_EQ(std::size(rows), events.size());
  for (const row& r : rows) {
    const health_state expected[] = {r.from_normal, r.from_degraded, r.from_open, r.from_half_open, r.from_ramp};
    for (std::uint8_t from = 0; from < health_states; ++from) {
      machine_at t(static_cast<health_state>(from));
      ASSERT_EQ(t.state(), static_cast<health_state>(from));
      events.at(r.event)(t);
      EXPECT_EQ(t.state(), expected[from]) << r.event << " in state " << int(from);
    }
  }
}

TEST(health_machine, what_each_state_lets_through) {
  struct row {
    health_state state;
    u128 amount;
    std::uint32_t draw;
    health_verdict verdict;
    health_refusal refusal;
  };
  using v = health_verdict;
  using r = health_refusal;
  const row rows[] = {
      {normal, u128_max, 999'999, v::admit, r::none},     {degraded, u128_max, 999'999, v::admit, r::none},
      {health_state::open, 1, 0, v::refuse, r::open},     {half_open, 100, 999'999, v::probe, r::none},
      {half_open, 101, 0, v::refuse, r::probe_too_large}, {ramp, 10, 9'999, v::admit, r::none},
      {ramp, 10, 10'000, v::refuse, r::ramp_share},       {ramp, 1'000, 0, v::admit, r::none},
      {ramp, 1'001, 0, v::refuse, r::loss_budget},        {ramp, u128_max, 0, v::refuse, r::loss_budget},
  };
  for (const row& x : rows) {
    const machine_at t(x.state);
    const admission a = t.m.ask(t.plan, x.amount, x.draw, t.now);
    EXPECT_EQ(a.verdict, x.verdict) << int(x.state) << ' ' << x.draw;
    EXPECT_EQ(a.marked, x.verdict);
    EXPECT_EQ(a.refusal, x.refusal);
    EXPECT_EQ(a.state, x.state);
    EXPECT_EQ(a.round != 0, x.verdict != v::refuse && x.state >= half_open) << "at its round's risk";
  }
}

TEST(health_machine, one_probe_at_a_time) {
  machine_at t(half_open);
  const admission probe = t.begin();
  EXPECT_EQ(probe.verdict, health_verdict::probe);
  EXPECT_EQ(t.refused(), health_refusal::probe_out);
  t.tell(ok);  // another attempt's, from before
  EXPECT_EQ(t.refused(), health_refusal::probe_out);
  t.tell(withdrawn, probe.round);
  EXPECT_EQ(t.refused(), health_refusal::none);
  const admission second = t.begin();
  t.tell(ok, second.round + 1);  // of a round that never was
  EXPECT_EQ(t.refused(), health_refusal::probe_out);
  t.tell(ok, second.round);
  EXPECT_EQ(t.state(), half_open) << "one success of two";
}

TEST(health_machine, the_ramp_goes_up_step_by_step) {
  machine_at t(ramp);
  const std::uint32_t draws[] = {10'000, 50'000, 200'000, 500'000};
  for (std::size_t step = 0; step < ramp_steps; ++step) {
    EXPECT_EQ(t.m.ramp_step(), step);
    if (step < 4) {
      EXPECT_EQ(t.refused(10, draws[step]), health_refusal::ramp_share);
    }
    t.attempt(ok);
    EXPECT_EQ(t.m.ramp_step(), step);
    t.attempt(business_refusal);  // the channel works
  }
  EXPECT_EQ(t.state(), normal);
  EXPECT_EQ(t.m.round(), 0u);
  EXPECT_EQ(t.m.in_flight_minor(), u128{0});
}

TEST(health_machine, each_opening_in_a_row_lasts_twice_as_long) {
  machine_at t(health_state::open);
  std::uint32_t round = t.m.round();
  for (const time_ns lasts : {10, 20, 40, 40, 40}) {
    EXPECT_EQ(t.m.open_until() - t.now, lasts * second_ns);
    t.now = t.m.open_until() - 1;
    EXPECT_EQ(t.state(), health_state::open);
    ++t.now;
    EXPECT_EQ(t.state(), half_open) << "without a judgement";
    t.attempt(technical_failure);
    EXPECT_GT(t.m.round(), round);
    round = t.m.round();
  }
  machine_at back(ramp);
  for (int i = 0; i < 10; ++i) back.attempt(ok);
  ASSERT_EQ(back.state(), normal);
  for (int i = 0; i < 3; ++i) back.tell(timeout);
  EXPECT_EQ(back.m.open_until() - back.now, 10 * second_ns) << "NORMAL forgets";
}

TEST(health_machine, what_is_in_flight_and_what_failed_share_the_budget) {
  machine_at t(ramp);
  const admission a = t.begin(400), b = t.begin(400);
  EXPECT_EQ(t.refused(201), health_refusal::loss_budget);
  EXPECT_EQ(t.refused(200), health_refusal::none);
  t.tell(timeout, a.round, 400);
  EXPECT_EQ(t.state(), ramp) << "less than half of it";
  EXPECT_EQ(t.m.failed_minor(), u128{400});
  EXPECT_EQ(t.refused(201), health_refusal::loss_budget) << "what failed is not given back";
  t.tell(ok, b.round, 400);
  EXPECT_EQ(t.refused(600), health_refusal::none);
  EXPECT_EQ(t.refused(601), health_refusal::loss_budget);
  const std::uint32_t round = t.m.round();
  t.attempt(unknown, 101);
  EXPECT_EQ(t.state(), health_state::open) << "more than half of it";
  EXPECT_NE(t.m.round(), round);
}

TEST(health_machine, a_late_end_of_an_earlier_round_frees_nothing) {
  machine_at t(ramp);
  const admission old = t.begin(300);
  for (int i = 0; i < 3; ++i) t.attempt(timeout, 1);
  ASSERT_EQ(t.state(), health_state::open);
  t.now = t.m.open_until();
  t.m.judge(t.plan, {}, t.now);
  const admission probe = t.begin(70);
  t.tell(ok, old.round, 300);
  EXPECT_EQ(t.m.in_flight_minor(), u128{70});
  EXPECT_EQ(t.refused(), health_refusal::probe_out);
  t.tell(ok, probe.round, 70);
  EXPECT_EQ(t.m.in_flight_minor(), u128{0});
  t.tell(ok, probe.round, 70);  // told twice
  EXPECT_EQ(t.m.in_flight_minor(), u128{0});
  EXPECT_EQ(t.state(), half_open) << "the second telling is no second probe";
}

TEST(health_machine, a_row_of_failures_needs_several_sources) {
  machine_at t(normal);
  const auto fail = [&](std::uint32_t source) { t.m.report(t.plan, timeout, 1, 0, source, t.now); };
  for (int i = 0; i < 100; ++i) fail(7);
  EXPECT_EQ(t.state(), normal) << "one bank's";
  fail(8);
  EXPECT_EQ(t.state(), normal);
  t.tell(ok);
  for (int i = 0; i < 10; ++i) fail(7);
  fail(8);
  EXPECT_EQ(t.state(), normal) << "a success between began anew";
  fail(7);
  EXPECT_EQ(t.state(), health_state::open);
}

TEST(health_machine, an_operators_word_wins_in_every_state_until_it_ends) {
  for (std::uint8_t from = 0; from < health_states; ++from) {
    machine_at t(static_cast<health_state>(from));
    const admission before = t.m.ask(t.plan, 10, 999'999, t.now);
    t.m.force(health_override::forced_open, t.now + second_ns);
    EXPECT_EQ(t.refused(), health_refusal::forced_open);
    t.m.force(health_override::forced_normal, t.now + second_ns);
    const admission forced = t.m.ask(t.plan, u128_max, 999'999, t.now);
    EXPECT_EQ(forced.verdict, health_verdict::admit);
    EXPECT_EQ(forced.round, 0u) << "at nobody's risk";
    t.now += second_ns - 1;
    EXPECT_TRUE(t.m.is_forced(t.now));
    ++t.now;
    EXPECT_EQ(t.m.ask(t.plan, 10, 999'999, t.now).refusal, before.refusal) << "the end is exclusive";
    t.m.force(health_override::forced_open, t.now + second_ns);
    t.m.force(health_override::none, 0);
    EXPECT_FALSE(t.m.is_forced(t.now));
  }
}

TEST(health_plan, says_what_is_wrong) {
  struct row {
    std::function<void(health_plan&)> change;
    const char* problem;
  };
  const row rows[] = {
      {[](health_plan& p) { p.samples_min = 0; }, "samples_min"},
      {[](health_plan& p) { p.open_share = 1001; }, "above 1,000"},
      {[](health_plan& p) { p.recovered_share = 201; }, "recovered_share"},
      {[](health_plan& p) { p.degraded_share = 501; }, "degraded_share is above open_share"},
      {[](health_plan& p) { p.failures_in_row = 0; }, "failures_in_row"},
      {[](health_plan& p) { p.open_ns = second_ns - 1; }, "open_ns"},
      {[](health_plan& p) { p.open_max_ns = p.open_ns - 1; }, "open_max_ns"},
      {[](health_plan& p) { p.answer_timeout_ns = answer_timeout_bound + 1; }, "answer_timeout_ns"},
      {[](health_plan& p) { p.probes_needed = 0; }, "probes_needed"},
      {[](health_plan& p) { p.ramp_successes = 0; }, "ramp_successes"},
      {[](health_plan& p) { p.loss_budget_minor = 0; }, "loss_budget_minor"},
      {[](health_plan& p) { p.keys_max = keys_bound + 1; }, "keys_max"},
      {[](health_plan& p) { p.override_max_ns = 0; }, "override_max_ns"},
      {[](health_plan& p) { p.ramp_share[1] = p.ramp_share[0]; }, "ramp_share"},
      {[](health_plan& p) { p.ramp_share[4] = 999'999; }, "ramp_share"},
  };
  core::catalog::problem_list none;
  check_health_plan({}, {}, none);
  check_health_plan(small_plan(), {}, none);
  EXPECT_TRUE(none.empty());
  for (const row& r : rows) {
    health_plan p;
    r.change(p);
    core::catalog::problem_list problems;
    check_health_plan(p, {3, 5}, problems);
    ASSERT_FALSE(problems.empty()) << r.problem;
    EXPECT_NE(problems.all().front().message.find(r.problem), std::string::npos) << problems.all().front().message;
    EXPECT_EQ(problems.all().front().at.line, 3);
  }
}

}  // namespace
}  // namespace payloom::test
