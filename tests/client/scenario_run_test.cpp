// Goal: a scenario does all its kinds at a real server, finds every cent, sees duplicates answered as such; and what is
// not as it was acknowledged makes the run fail.
#include <gtest/gtest.h>

#include <atomic>

#include "actors/app/bench/run_bench.hpp"
#include "actors/app/bench/scenario/run_scenario.hpp"
#include "tests/support/own_server.hpp"
#include "tests/support/run_program.hpp"

namespace payloom::bench {
namespace {

const std::atomic<bool> never{false};

scenario small_scenario() {
  scenario s;
  s.seed = 11;
  s.seconds = 1;
  s.connections = 3;
  s.window = 4;
  s.frame = 20;
  s.users = 200;
  s.merchants = 5;
  s.users_skew = 0.5;
  s.merchants_skew = 1;
  s.top_merchant_percent = 30;
  s.duplicates_percent = 5;
  s.mix = {40, 10, 15, 15, 10, 2, 4, 2, 2};
  return s;
}

class scenarios : public ::testing::Test {
 protected:
  void SetUp() override {
    server.start();
    opts.address = server.address();
    opts.sample = 0;
  }

  support::own_server server{PAYLOOM_PROGRAM};
  options opts;
};

TEST_F(scenarios, every_kind_is_done_and_every_cent_is_found) {
  const scenario_report report = run_scenario(opts, small_scenario(), never, &server.process());
  EXPECT_TRUE(report.passed()) << report.why << report.check->why;
  for (std::size_t i = 0; i < kind_count; ++i) {
    EXPECT_GT(report.kinds[i].done, 0u) << operation_kinds[i].name;
    EXPECT_EQ(report.kinds[i].refused_total(), 0u) << operation_kinds[i].name;
    EXPECT_GT(report.kinds[i].latency_ns.percentile(50), 0u);
  }
  const double pays = static_cast<double>(report.kinds[kind_pay].asked);
  std::uint64_t asked = 0;
  for (const kind_figures& k : report.kinds) asked += k.asked;
  EXPECT_NEAR(pays / static_cast<double>(asked), 0.4, 0.05) << "the weights count operations, not frames";
  EXPECT_GT(report.duplicates, 0u);
  EXPECT_GT(report.check->ids_checked, 100u);
  EXPECT_EQ(report.check->accounts_checked, 2 * 200u + 5 + 6);
  EXPECT_THROW(run_scenario(opts, small_scenario(), never), setup_failure) << "this seed ran here";
  scenario other = small_scenario();
  other.seed = 12;
  const scenario_report second = run_scenario(opts, other, never);
  EXPECT_TRUE(second.passed()) << "the platform's accounts have a past: " << second.check->why;
  EXPECT_EQ(server.stop(), 0);
}

TEST_F(scenarios, an_open_loop_keeps_its_rate) {
  scenario s = small_scenario();
  s.rate = 4'000;
  s.poisson = true;
  s.frame = 3;
  const scenario_report report = run_scenario(opts, s, never);
  EXPECT_TRUE(report.passed()) << report.why << report.check->why;
  // Nothing about speed: what was due was sent or is told.
  std::uint64_t asked = report.load.unsent;
  for (const kind_figures& k : report.kinds) asked += k.asked;
  EXPECT_NEAR(static_cast<double>(asked), 4'000, 600);
}

TEST_F(scenarios, money_that_nobody_was_told_of_and_orders_that_differ_fail_the_check) {
  const scenario s = small_scenario();
  client::connect_options where;
  where.address = server.address();
  ASSERT_TRUE(run_scenario(opts, s, never).passed());
  client::blocking_connection to(where);
  const scenario_parties parties(s, s.seed);
  const auto account = [&](std::uint64_t i) { return parties.account(i); };
  const std::vector<sums> now = read_sums(to, parties.accounts(), account);
  scenario_world world(s, parties, s.seed + 1);
  EXPECT_TRUE(check_scenario(to, parties, world, now, 0).passed);

  std::vector<sums> before = now;  // as if the run had begun with less
  before[parties.pending(0)].credits -= 1;
  const check_result unexplained = check_scenario(to, parties, world, before, 0);
  EXPECT_FALSE(unexplained.passed);
  EXPECT_EQ(unexplained.accounts_wrong, 1u);
  EXPECT_NE(unexplained.why.find("merchant 0"), std::string::npos) << unexplained.why;

  operation_frame frame;  // answered by nobody but us: its first order is another one than the server has
  world.next(frame, 1);
  ASSERT_EQ(frame.type, frame_type::create_orders);
  result_record done{};
  done.sequence = 5;
  world.take(frame, frame_header{}, std::as_bytes(std::span(&done, 1)), 1, false);
  const check_result missing = check_scenario(to, parties, world, now, 0);
  EXPECT_FALSE(missing.passed);
  EXPECT_EQ(missing.ids_missing, 1u);
  EXPECT_GE(missing.accounts_wrong, 2u);
}

TEST(ScenarioWorld, AnswersThatMustNotBeAreFound) {
  scenario s = small_scenario();
  s.mix = {1, 0, 0, 0, 0, 0, 0};
  s.duplicates_percent = 0;
  const scenario_parties parties(s, 1);
  scenario_world world(s, parties, 1);
  operation_frame frame;
  result_record result{};
  const auto answer = [&](bool resent) {
    return world.take(frame, frame_header{}, std::as_bytes(std::span(&result, 1)), 1, resent);
  };
  world.next(frame, 1);
  result.flags = result_flags::replayed;
  answer(false);
  EXPECT_EQ(world.wrong(), 1u) << "new, and answered as a repeat";
  world.next(frame, 1);
  answer(true);
  EXPECT_EQ(world.wrong(), 1u) << "its first answer may have been lost";
  EXPECT_EQ(world.done(), 1u);
  world.next(frame, 1);
  result.code = result_code::exceeds_credits;
  answer(false);
  EXPECT_EQ(world.figures()[kind_pay].refused.at(result_code::exceeds_credits), 1u);
  EXPECT_EQ(world.done(), 1u);

  s.duplicates_percent = 100;
  scenario_world again(s, parties, 2);
  result = {};
  result.sequence = 9;
  again.next(frame, 1);
  ASSERT_FALSE(frame.operations[0].duplicate) << "nothing was acknowledged yet";
  again.take(frame, frame_header{}, std::as_bytes(std::span(&result, 1)), 1, false);
  again.next(frame, 1);
  ASSERT_TRUE(frame.operations[0].duplicate);
  again.take(frame, frame_header{}, std::as_bytes(std::span(&result, 1)), 1, false);
  EXPECT_EQ(again.wrong(), 1u) << "executed twice";
  result.flags = result_flags::replayed;
  again.next(frame, 1);
  again.take(frame, frame_header{}, std::as_bytes(std::span(&result, 1)), 1, false);
  EXPECT_EQ(again.wrong(), 1u);
  EXPECT_EQ(again.duplicates(), 1u);
  result.sequence = 10;
  again.next(frame, 1);
  again.take(frame, frame_header{}, std::as_bytes(std::span(&result, 1)), 1, false);
  EXPECT_EQ(again.wrong(), 2u) << "another result than the first time";
}

TEST(ScenarioVerb, AWrongFileIsExitCode2WithItsPlace) {
  const auto said = support::run_program({PAYLOOM_PROGRAM, "bench", "--scenario", "no/such/file.yaml"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_EQ(said.err, "no/such/file.yaml: cannot be read: name a file that exists and may be read\n");
  const auto both = support::run_program({PAYLOOM_PROGRAM, "bench", "--scenario", "f", "--orders"});
  EXPECT_EQ(both.exit_code, 2);
}

}  // namespace
}  // namespace payloom::bench
