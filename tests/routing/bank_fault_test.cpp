// Goal: a fault of one bank behind a channel is cut within 30 s, the channel stays open for the others, and the way
// back never costs more than the loss budget (domain.md N8). Method: 200 seeds of traffic over simulated time; the
// money at risk is added up here, apart, by the rounds of the admissions, also of what ends after its round.
#include <gtest/gtest.h>

#include <map>
#include <queue>

#include "actors/core/routing/channel_health.hpp"
#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

constexpr bank_number banks = 8, bad_bank = 3;
constexpr time_ns fault_from = routing_start + 90 * second_ns;

health_plan quick_ramp() {
  health_plan p;
  p.ramp_successes = 5;
  p.loss_budget_minor = 20'000;
  return p;
}

struct fault_traffic {
  explicit fault_traffic(std::uint64_t seed) : random(seed) {
    fault_until = fault_from + (60 + random.below(400)) * second_ns;
    gap_ns = second_ns / (20 + random.below(80));
    bad_share = 5 + random.below(80);
    how = static_cast<attempt_outcome>(3 + random.below(3));
    works_still = random.one_in(5) ? 25 : 0;
    answer_ns = how == attempt_outcome::timeout ? 5 * second_ns : 50'000'000;
  }

  struct ending {
    time_ns at;
    outcome_report report;
    friend bool operator>(const ending& a, const ending& b) { return a.at > b.at; }
  };
  struct money {
    u128 in_flight = 0, failed = 0;
  };

  attempt_outcome fate(bank_number bank, time_ns at) {
    if (bank == bad_bank && at >= fault_from && at < fault_until && random.below(100) >= works_still) return how;
    return random.one_in(100)  ? attempt_outcome::technical_failure
           : random.one_in(10) ? attempt_outcome::business_refusal
                               : attempt_outcome::ok;
  }
  void check_budget(std::uint32_t round) {
    const money& m = at_risk[round];
    ASSERT_LE(m.in_flight + m.failed, plan.loss_budget_minor) << "round " << round;
    most_at_risk = std::max(most_at_risk, m.in_flight + m.failed);
  }
  void end_until(time_ns until) {
    while (!endings.empty() && endings.top().at <= until) {
      const ending e = endings.top();
      endings.pop();
      if (e.report.round != 0) {
        money& m = at_risk[e.report.round];
        m.in_flight -= e.report.amount_minor;
        if (is_failure(e.report.outcome)) m.failed += e.report.amount_minor;
        check_budget(e.report.round);
      }
      health.report(e.report, e.at);
    }
  }
  void attempt() {
    const bank_number bank =
        random.below(100) < bad_share ? bad_bank : 1 + static_cast<bank_number>(random.below(banks));
    const health_key key{1, bank, channel_operation::pay, 0};
    const u128 amount = 1 + random.below(3'000);
    const admission a = health.allow(key, amount, random.draw(), now);
    if (a.own_round != 0) ++own_rounds;
    if (a.verdict == health_verdict::refuse) {
      bank == bad_bank ? ++refused_bad : ++refused_others;
      if (bank == bad_bank && cut_at == 0) cut_at = now;
      return;
    }
    const attempt_outcome o = fate(bank, now);
    if (bank == bad_bank && cut_at != 0 && is_failure(o) && now < fault_until) lost_after_cut += amount;
    const time_ns takes = is_failure(o) ? answer_ns : 20'000'000 + random.below(200'000'000);
    if (a.round != 0) {
      at_risk[a.round].in_flight += amount;
      check_budget(a.round);
    }
    endings.push({now + takes, {key, o, takes, amount, a.round, a.own_round}});
  }
  void run(time_ns until) {
    for (; now < until; now += gap_ns) {
      end_until(now);
      attempt();
      if (now / second_ns == (now - gap_ns) / second_ns) continue;
      health.each(now, [&](const health_view& v) {
        if (v.key.is_own()) own_left_steady = own_left_steady || v.state > health_state::degraded;
        if (v.key.bank == bad_bank) bad_state = v.state;
      });
    }
  }

  draws random;
  const health_plan plan = quick_ramp();
  time_ns fault_until = 0, gap_ns = 0, answer_ns = 0, now = routing_start;
  std::uint64_t bad_share = 0;    ///< per cent of the traffic
  std::uint64_t works_still = 0;  ///< per cent of the bad bank's attempts
  attempt_outcome how = attempt_outcome::timeout;
  channel_health health{quick_ramp()};
  std::priority_queue<ending, std::vector<ending>, std::greater<>> endings;
  std::map<std::uint32_t, money> at_risk;
  u128 most_at_risk = 0, lost_after_cut = 0;
  std::uint64_t refused_bad = 0, refused_others = 0, own_rounds = 0;
  time_ns cut_at = 0;
  health_state bad_state = health_state::normal;
  bool own_left_steady = false;
};

TEST(bank_fault, is_cut_in_30_s_without_the_channel_and_comes_back_within_its_budget) {
  std::size_t came_back = 0, rounds = 0;
  u128 most = 0;
  time_ns latest = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    fault_traffic t(seed);
    t.run(t.fault_until + 600 * second_ns);
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    ASSERT_NE(t.cut_at, 0u) << "never cut: " << t.bad_share << " % of the traffic";
    EXPECT_GE(t.cut_at, fault_from);
    EXPECT_LE(t.cut_at, fault_from + 30 * second_ns);
    latest = std::max(latest, t.cut_at - fault_from);
    EXPECT_FALSE(t.own_left_steady) << "the channel was cut";
    EXPECT_EQ(t.refused_others, 0u);
    EXPECT_EQ(t.own_rounds, 0u);
    EXPECT_LE(t.lost_after_cut, t.plan.loss_budget_minor * t.at_risk.size());
    came_back += t.bad_state == health_state::normal;
    rounds += t.at_risk.size();
    most = std::max(most, t.most_at_risk);
  }
  EXPECT_GE(came_back, 150u) << "of 200; the others had too few attempts for a ramp that begins at 1 %";
  EXPECT_GT(rounds, 200u) << "the fault was probed more than once";
  EXPECT_GT(most, u128{10'000}) << "the budget was needed";
  RecordProperty("latest_cut_ms", static_cast<int>(latest / 1'000'000));
  RecordProperty("came_back_of_200", static_cast<int>(came_back));
  RecordProperty("rounds", static_cast<int>(rounds));
  RecordProperty("most_at_risk_of_20000", static_cast<int>(most));
}

/// The same with the whole channel: it is cut, and its way back has a budget, too.
TEST(bank_fault, of_all_banks_cuts_the_channel) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    draws random(seed);
    const health_plan plan = quick_ramp();
    channel_health health(plan);
    const time_ns from = routing_start + 60 * second_ns, until = from + 200 * second_ns;
    time_ns cut_at = 0;
    std::map<std::uint32_t, u128> failed;
    for (time_ns now = routing_start; now < until + 900 * second_ns; now += second_ns / 50) {
      const health_key key{1, 1 + static_cast<bank_number>(random.below(banks)), channel_operation::pay, 0};
      const u128 amount = 1 + random.below(3'000);
      const admission a = health.allow(key, amount, random.draw(), now);
      if (a.verdict == health_verdict::refuse) {
        if (cut_at == 0 && a.state == health_state::open) cut_at = now;
        continue;
      }
      const bool fails = now >= from && now < until;
      if (fails && a.own_round != 0) failed[a.own_round] += amount;
      health.report(
          {key, fails ? attempt_outcome::timeout : attempt_outcome::ok, second_ns / 10, amount, a.round, a.own_round},
          now);
    }
    EXPECT_LE(cut_at, from + 30 * second_ns);
    for (const auto& [round, minor] : failed) EXPECT_LE(minor, plan.loss_budget_minor) << round;
    health.each(until + 900 * second_ns,
                [&](const health_view& v) { EXPECT_TRUE(!v.key.is_own() || v.state == health_state::normal); });
  }
}

}  // namespace
}  // namespace payloom::test
