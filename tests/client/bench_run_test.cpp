// Goal: the bench loads, counts and checks; a ledger that loses a posting or an id makes the run fail.
#include <gtest/gtest.h>

#include <set>

#include "actors/app/bench/run_bench.hpp"
#include "actors/app/bench/sweep.hpp"
#include "tests/client/fake_server.hpp"

namespace payloom::bench {
namespace {

options small_run(const test::fake_server& server) {
  options opts;
  opts.address = server.address();
  opts.accounts = 50;
  opts.transfers = 20'000;
  opts.seconds = 0;
  opts.batch = 500;
  opts.connections = 3;
  opts.window = 4;
  opts.seed = 7;
  opts.sample = 100;
  opts.catch_up_seconds = 30;
  return opts;
}

TEST(Workload, IdsAndMovementsAreTheSameWhenMadeAgain) {
  const workload a(42, 1000, 10), b(42, 1000, 10), other(43, 1000, 10);
  std::set<std::pair<std::uint64_t, std::uint64_t>> ids;
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    EXPECT_EQ(a.transfer(n).value, b.transfer(n).value);
    EXPECT_NE(a.transfer(n).value, other.transfer(n).value);
    EXPECT_EQ(a.movement_of(n).amount, b.movement_of(n).amount);
    for (const u128 id : {a.transfer(n).value, a.capture(n).value, a.funding(n).value, a.account(n).value}) {
      ids.emplace(hi64(id), lo64(id));
    }
  }
  EXPECT_EQ(ids.size(), 40'000u);
}

TEST(Workload, MovementsStayWithinTheAccountsAndHitTheHotOneAsOftenAsAsked) {
  for (const std::uint64_t accounts : {2u, 3u, 10'000u}) {
    for (const unsigned hot : {0u, 30u, 100u}) {
      const workload load(9, accounts, hot);
      std::uint64_t to_hot = 0;
      for (std::uint64_t n = 0; n < 10'000; ++n) {
        const movement m = load.movement_of(n);
        ASSERT_LT(m.debit, accounts);
        ASSERT_LT(m.credit, accounts);
        ASSERT_NE(m.debit, m.credit);
        ASSERT_GE(m.amount, 1u);
        ASSERT_LE(m.amount, 100u);
        to_hot += m.credit == workload::hot_account ? 1 : 0;
      }
      if (hot == 100) {
        EXPECT_EQ(to_hot, 10'000u);
      }
      if (hot == 30 && accounts == 10'000) {
        EXPECT_NEAR(static_cast<double>(to_hot), 3000, 300);
      }
      if (hot == 0 && accounts == 10'000) {
        EXPECT_LT(to_hot, 20u);
      }
    }
  }
}

TEST(OutcomeSet, RangesAndSinglesAreMembersAndNothingElseIs) {
  outcome_set set;
  set.insert_range(60, 200);
  set.insert(1000);
  for (std::uint64_t n = 0; n < 3000; ++n) EXPECT_EQ(set.contains(n), (n >= 60 && n < 260) || n == 1000) << n;
}

TEST(Bench, ACountedRunAcceptsEverythingAndPassesItsCheck) {
  test::fake_server server;
  const run_report report = run_once(small_run(server));
  EXPECT_EQ(report.load.accepted, 20'000u);
  EXPECT_EQ(report.load.rejected_total(), 0u);
  EXPECT_EQ(report.load.unknown, 0u);
  EXPECT_EQ(report.load.frames, 40u);
  ASSERT_TRUE(report.check.has_value());
  EXPECT_TRUE(report.check->passed) << report.check->why;
  EXPECT_EQ(report.check->accounts_checked, 51u);
  EXPECT_GE(report.check->ids_checked, 100u);
  EXPECT_TRUE(report.passed());
}

TEST(Bench, SingleTransferFramesOverManyConnections) {
  test::fake_server server;
  options opts = small_run(server);
  opts.batch = 1;
  opts.connections = 16;
  opts.window = 16;
  opts.sample = 0;
  const run_report report = run_once(opts);
  EXPECT_EQ(report.load.accepted, 20'000u);
  EXPECT_EQ(report.load.latency_ns.total(), 20'000u);
  EXPECT_TRUE(report.passed()) << report.check->why;
  EXPECT_EQ(report.check->ids_checked, 20'000u);
}

TEST(Bench, HoldsAreCapturedAndCountTwice) {
  test::fake_server server;
  options opts = small_run(server);
  opts.two_phase = true;
  const run_report report = run_once(opts);
  EXPECT_EQ(report.load.accepted, 40'000u);
  EXPECT_TRUE(report.passed()) << report.check->why;
}

TEST(Bench, TheSameSeedAgainIsReplayedAndChangesNothing) {
  test::fake_server server;
  const options opts = small_run(server);
  EXPECT_TRUE(run_once(opts).passed());
  const run_report again = run_once(opts);
  EXPECT_EQ(again.load.accepted, 0u);
  EXPECT_EQ(again.load.replayed, 20'000u);
  EXPECT_TRUE(again.passed()) << again.check->why;
}

TEST(Bench, ALostPostingFailsTheRun) {
  std::atomic<std::uint64_t> frames{0};
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() == frame_type::create_transfers && ++frames == 20) s.ledger.forget_one_posting = true;
    s.answer_from_ledger(r);
  });
  const run_report report = run_once(small_run(server));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.check->accounts_wrong, 2u);
  EXPECT_FALSE(to_json(report, small_run(server))["money_check"].get<bool>());
}

TEST(Bench, AnAcknowledgedIdThatIsNotThereFailsTheRun) {
  std::atomic<std::uint64_t> frames{0};
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() == frame_type::create_transfers && ++frames == 20) s.ledger.forget_one_id = true;
    s.answer_from_ledger(r);
  });
  options opts = small_run(server);
  opts.sample = 0;
  const run_report report = run_once(opts);
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.check->ids_missing, 1u);
}

/// Executes transfers and closes the connection instead of answering, while `unheard(frame number)` says so.
test::fake_server::handler executes_unheard(std::function<bool(std::uint64_t)> unheard) {
  return [unheard, frames = std::uint64_t{0}](test::fake_server& s, const test::fake_server::request& r) mutable {
    if (r.type() != frame_type::create_transfers || !unheard(++frames)) return s.answer_from_ledger(r);
    std::uint32_t count = r.header.record_count;
    s.ledger.answer(r.type(), r.body, count);
    s.close(r.connection);
  };
}

TEST(Bench, ALostConnectionIsOpenedAgainAndItsFramesAreRepeatedWithTheSameIds) {
  for (const bool two_phase : {false, true}) {
    SCOPED_TRACE(two_phase);
    test::fake_server server(executes_unheard([](std::uint64_t frame) { return frame % 15 == 0; }));
    options opts = small_run(server);
    opts.two_phase = two_phase;
    const run_report report = run_once(opts);
    EXPECT_GE(report.load.connections_broken, 2u);
    EXPECT_GE(report.load.unknown, 500u);
    EXPECT_GE(report.load.repeated, report.load.unknown);
    EXPECT_EQ(report.load.unanswered, 0u);
    EXPECT_EQ(report.load.replayed, 0u);  // what was executed unheard was executed by this run
    EXPECT_EQ(report.load.accepted, two_phase ? 40'000u : 20'000u);
    EXPECT_TRUE(report.passed()) << report.check->why;
    EXPECT_EQ(to_json(report, opts)["unknown"], report.load.unknown);
    EXPECT_NE(to_text(report, opts).find("sent again with the same ids"), std::string::npos);
  }
}

TEST(Bench, ARepeatThatIsRefusedMayHaveBeenExecutedBeforeAndTheCheckAsks) {
  std::atomic<int> refusals{0};
  auto unheard = executes_unheard([](std::uint64_t frame) { return frame == 15; });
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    // Connection 1 prepares, 2 to 4 load, 5 is the one of them that broke.
    if (r.type() == frame_type::create_transfers && r.connection == 5 && refusals == 0) {
      ++refusals;
      return s.answer(r, {}, 0, result_code::overloaded, 1);
    }
    unheard(s, r);
  });
  const run_report report = run_once(small_run(server));
  EXPECT_EQ(report.load.connections_broken, 1u);
  EXPECT_EQ(refusals, 1);
  EXPECT_TRUE(report.passed()) << report.check->why;
}

TEST(Bench, AConnectionThatDoesNotComeBackLeavesUnansweredEventsAndFailsTheRun) {
  test::fake_server server(executes_unheard([](std::uint64_t frame) { return frame > 15; }));
  options opts = small_run(server);
  opts.reconnect_seconds = 0.2;
  const run_report report = run_once(opts);
  EXPECT_GE(report.load.unanswered, 500u);
  EXPECT_GE(report.check->unknown_executed, 500u);
  EXPECT_TRUE(report.check->passed) << report.check->why;  // the check settles what became of them
  EXPECT_FALSE(report.passed());
}

TEST(Bench, OverloadedFramesAreCountedAndPaused) {
  std::atomic<std::uint64_t> frames{0};
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() == frame_type::create_transfers && ++frames % 10 == 5) {
      s.answer(r, {}, 0, result_code::overloaded, 1);
      return;
    }
    s.answer_from_ledger(r);
  });
  const run_report report = run_once(small_run(server));
  EXPECT_GT(report.load.rejected[static_cast<std::size_t>(result_code::overloaded)], 0u);
  EXPECT_EQ(report.load.accepted + report.load.rejected_total(), 20'000u);
  EXPECT_TRUE(report.passed()) << report.check->why;
}

TEST(Bench, TheFollowersLagIsWaitedForAndAnUnboundedOneFails) {
  test::fake_server server;
  server.ledger.index_lag = 5000;
  options opts = small_run(server);
  opts.max_lag = 0;
  const run_report report = run_once(opts);
  EXPECT_EQ(report.lag.at_end, 5000);
  EXPECT_EQ(report.lag.finally, 0);
  EXPECT_TRUE(report.passed());
  server.ledger.index_lag = std::int64_t{1} << 60;
  opts.seed = 8;
  opts.catch_up_seconds = 0;
  EXPECT_FALSE(run_once(opts).passed());
}

TEST(Bench, TheOpenLoopSendsOnSchedule) {
  test::fake_server server;
  options opts = small_run(server);
  opts.batch = 10;
  opts.transfers = 2000;
  opts.rate = 20'000;
  const run_report report = run_once(opts);
  EXPECT_EQ(report.load.accepted + report.load.dropped, 2000u);
  EXPECT_GE(report.load.seconds, 0.099);  // the last of 200 frames is due after 199 intervals of 0.5 ms
  EXPECT_TRUE(report.passed()) << report.check->why;
}

TEST(Bench, CreditsBoundTheWindow) {
  test::fake_server server;
  server.credit_requests = 2;
  options opts = small_run(server);
  opts.window = 64;
  const run_report report = run_once(opts);
  EXPECT_EQ(report.load.window_used, 2u);
  EXPECT_TRUE(report.passed());
}

TEST(Bench, TheVerbEndsWithOneWhenTheCheckFailsOrTheFollowerStaysBehind) {
  std::atomic<bool> forget{false};
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() == frame_type::create_transfers && r.header.record_count == 500 && forget.exchange(false))
      s.ledger.forget_one_posting = true;
    s.answer_from_ledger(r);
  });
  options opts = small_run(server);
  opts.json = true;
  const auto run = [&] {
    testing::internal::CaptureStdout();
    const int code = run_bench(opts);
    const auto said = nlohmann::json::parse(testing::internal::GetCapturedStdout());
    for (const char* field : {"transfers_per_second", "accepted", "rejected", "p50_us", "p99_us", "p999_us", "max_us",
                              "index_lag", "money_check"})
      EXPECT_TRUE(said.contains(field)) << field;
    EXPECT_EQ(said["money_check"], code == 0);
    return code;
  };
  EXPECT_EQ(run(), 0);
  forget = true;
  opts.seed = 11;
  EXPECT_EQ(run(), 1);
  opts.seed = 12;
  opts.catch_up_seconds = 0;
  server.ledger.index_lag = std::int64_t{1} << 60;
  EXPECT_EQ(run(), 1);
}

TEST(Bench, TheVerbHasTheOptionsThatAreAskedFor) {
  CLI::App app{"test"};
  int exit_code = 0;
  add_bench(app, exit_code);
  CLI::App* verb = app.get_subcommand("bench");
  for (const char* option : {"--address", "--accounts", "--transfers", "--seconds", "--batch", "--connections",
                             "--window", "--hot", "--rate", "--sweep", "--json", "--embedded"})
    EXPECT_NE(verb->get_option_no_throw(option), nullptr) << option;
}

TEST(Sweep, KeysAndValuesAreTakenApart) {
  const sweep_plan plan = parse_sweep("batch=1,64,8190");
  EXPECT_EQ(plan.key, "batch");
  EXPECT_EQ(plan.values, (std::vector<std::string>{"1", "64", "8190"}));
  for (const char* bad : {"", "batch", "=1", "batch=", "batch=1,,2", "batch=1,"}) {
    EXPECT_THROW(parse_sweep(bad), std::invalid_argument) << bad;
  }
}

TEST(Sweep, LoadKeysChangeTheLoadAndServerKeysTheServer) {
  options opts;
  opts.embedded = true;
  EXPECT_EQ(with_value(opts, "batch", "64").batch, 64u);
  EXPECT_EQ(with_value(opts, "accounts", "20").accounts, 20u);
  EXPECT_EQ(with_value(opts, "order_shards", "2").server_settings, std::vector<std::string>{"topology.order_shards=2"});
  EXPECT_THROW(with_value(opts, "batch", "8191"), std::invalid_argument);
  EXPECT_THROW(with_value(opts, "window", "x"), std::invalid_argument);
  EXPECT_THROW(with_value(opts, "colour", "1"), std::invalid_argument);
  opts.embedded = false;
  EXPECT_THROW(with_value(opts, "order_shards", "2"), std::invalid_argument);
}

}  // namespace
}  // namespace payloom::bench
