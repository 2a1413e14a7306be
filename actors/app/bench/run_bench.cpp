#include "actors/app/bench/run_bench.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "actors/app/bench/embedded_server.hpp"
#include "actors/app/bench/interrupt_guard.hpp"
#include "actors/app/bench/scenario/run_scenario.hpp"
#include "actors/app/bench/scenario/scenario_reader.hpp"
#include "actors/app/bench/sweep.hpp"

namespace payloom::bench {
namespace {

embedded_server::settings embedded_settings(const options& opts) {
  embedded_server::settings how;
  how.data_parent = opts.data_parent;
  how.set = opts.server_settings;
  how.arguments = opts.server_arguments;
  how.keep_data = opts.keep_data;
  return how;
}

void write_hgrm(const options& opts, const run_report& report) {
  if (opts.hgrm_file.empty()) return;
  std::ofstream file(opts.hgrm_file);
  report.load.latency_ns.write_hgrm(file, 1000.0);
  if (!file) fmt::print(stderr, "cannot write {}\n", opts.hgrm_file);
}

/// Runs against the server that the options name, or one of our own. `run(options, server or nullptr)` makes the
/// report; `fail(report, why)` spoils it when our server does not end as it should.
template <class Run, class Fail>
auto with_server(const options& opts, Run&& run, Fail&& fail) {
  if (!opts.embedded) return run(opts, static_cast<const server_process*>(nullptr));
  embedded_server server(embedded_settings(opts));
  options here = opts;
  here.address = server.address();
  try {
    auto report = run(here, &server.process());
    report.server_rss_bytes = server.process().resident_bytes();
    if (const int code = server.stop(); code != 0) {
      fail(report,
           fmt::format("the server ended with code {}; its last lines:\n{}", code, server.process().last_lines()));
    }
    return report;
  } catch (const std::exception& e) {
    server.stop();
    throw server_trouble(fmt::format("{}; the server's last lines:\n{}", e.what(), server.process().last_lines()));
  }
}

template <class Report>
void fail_check(Report& report, const std::string& why) {
  if (!report.check) return;
  report.check->passed = false;
  report.check->why = why;
}

int run_scenario_file(const options& opts) {
  read_scenario read = read_scenario_file(opts.scenario_file);
  for (const config::problem& p : read.problems) fmt::print(stderr, "{}\n", config::to_string(p));
  if (!read.value) return 2;
  if (opts.seed != 0) read.value->seed = opts.seed;
  if (opts.seconds_given) read.value->seconds = opts.seconds;
  const interrupt_guard guard;
  const auto run = [&](const options& here, const server_process* server) {
    return run_scenario(here, *read.value, interrupt_guard::interrupted(), server);
  };
  const scenario_report report = with_server(opts, run, fail_check<scenario_report>);
  if (opts.json) {
    fmt::print("{}\n", to_json(report).dump());
  } else {
    fmt::print("{}", to_text(report));
  }
  return report.passed() ? 0 : 1;
}

}  // namespace

run_report run_with_server(const options& opts) { return with_server(opts, run_once, fail_check<run_report>); }

int run_bench(const options& opts) {
  try {
    if (!opts.scenario_file.empty()) return run_scenario_file(opts);
    if (!opts.sweep.empty()) return run_sweep(opts, run_with_server);
    const run_report report = run_with_server(opts);
    write_hgrm(opts, report);
    if (opts.json) {
      fmt::print("{}\n", to_json(report, opts).dump());
    } else {
      fmt::print("{}", to_text(report, opts));
    }
    return report.passed() ? 0 : 1;
  } catch (const client::connect_failure& e) {
    fmt::print(stderr, "payloom bench: {}\n", e.what());
    return 3;
  } catch (const std::exception& e) {
    fmt::print(stderr, "payloom bench: {}\n", e.what());
    return 1;
  }
}

/// The options of payments instead of transfers; those that `bench` has already are named here.
void add_order_options(CLI::App& bench, options& opts) {
  auto* orders = bench.add_flag("--orders", opts.orders,
                                "Payments instead of transfers: orders that users pay at once, with a fee");
  bench.add_option("--merchants", opts.merchants, "With --orders: how many merchants are paid")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(orders)
      ->capture_default_str();
  bench.add_option("--waiting", opts.waiting, "With --orders: so many orders are made first and wait for a payment")
      ->check(CLI::Range(0, 100'000'000))
      ->needs(orders);
  bench.add_option("--holding", opts.holding, "With --orders: so many escrow sales are paid first and wait")
      ->check(CLI::Range(0, 100'000'000))
      ->needs(orders);
  for (const char* other : {"--hot", "--two-phase"}) orders->excludes(bench.get_option(other));
}

/// A scenario says itself what the options of the other loads say.
void add_scenario_option(CLI::App& bench, options& opts) {
  auto* file = bench.add_option("--scenario", opts.scenario_file,
                                "A file that says what is done: a mix of payments, refunds, queries and others");
  for (const char* other : {"--accounts", "--transfers", "--batch", "--connections", "--window", "--hot", "--rate",
                            "--two-phase", "--orders", "--limits", "--sweep", "--hgrm"}) {
    file->excludes(bench.get_option(other));
  }
}

void add_bench(CLI::App& app, int& exit_code) {
  auto opts = std::make_shared<options>();
  CLI::App* bench =
      app.add_subcommand("bench", "Load generator: closed or open loop, with a money check after the run");
  bench->add_option("--address", opts->address, "HOST:PORT of the server")->capture_default_str();
  bench->add_flag("--embedded", opts->embedded,
                  "Start an own server on a temporary directory and remove it afterwards");
  bench->add_option("--accounts", opts->accounts, "Number of accounts; with --orders: of users")
      ->check(CLI::Range(2, 100'000'000))
      ->capture_default_str();
  bench->add_option("--transfers", opts->transfers, "End after this many transfers (0: by time)")
      ->capture_default_str();
  auto* seconds = bench->add_option("--seconds", opts->seconds, "End after this time (0: by count)")
                      ->check(CLI::Range(0.0, 1e6))
                      ->capture_default_str();
  bench->add_option("--batch", opts->batch, "Transfers (orders) in a frame")
      ->check(CLI::Range(1u, limits::frame_events_max))
      ->capture_default_str();
  bench->add_option("--connections", opts->connections, "Connections")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  bench->add_option("--window", opts->window, "Frames in flight on each connection")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  bench->add_option("--hot", opts->hot_percent, "Percent of transfers that credit one hot account")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  bench->add_option("--rate", opts->rate, "Open loop: transfers a second intended (0: closed loop)")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  bench->add_option("--seed", opts->seed, "Seed of ids, accounts and amounts (0: drawn anew)")->capture_default_str();
  bench->add_flag("--two-phase", opts->two_phase, "Frames of holds, each followed by the frame of their captures");
  add_order_options(*bench, *opts);
  bench->add_flag("--limits,!--no-limits", opts->limits,
                  "Accounts whose debits may not exceed their credits (default: on)");
  bench->add_option("--max-lag", opts->max_lag, "Events the follower may be behind at the end")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}))
      ->capture_default_str();
  bench->add_option("--catch-up", opts->catch_up_seconds, "Seconds the follower has to catch up")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  bench->add_option("--sample", opts->sample, "Acknowledged ids the check looks up beside the last second's (0: all)")
      ->capture_default_str();
  bench->add_flag("--check,!--no-check", opts->check, "Check balances and ids after the run (default: on)");
  bench->add_option("--reconnect", opts->reconnect_seconds, "Seconds until a connection that broke is given up")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  bench->add_option("--sweep", opts->sweep, "KEY=a,b,c: one run for each value, a table and the best one");
  bench->add_option("--set", opts->server_settings, "With --embedded: a setting of the server, KEY=VALUE")
      ->allow_extra_args(false);
  bench->add_option("--server-argument", opts->server_arguments, "With --embedded: passed on to the server")
      ->allow_extra_args(false);
  bench->add_option("--data", opts->data_parent, "With --embedded: where the temporary directory is made");
  bench->add_flag("--keep-data", opts->keep_data, "With --embedded: leave the directory");
  bench->add_option("--hgrm", opts->hgrm_file, "Write the latency distribution (us) to this file");
  bench->add_flag("--progress", opts->progress, "A line a second on stderr");
  bench->add_flag("--json", opts->json, "One JSON object on stdout");
  add_scenario_option(*bench, *opts);
  bench->footer("Exit codes: 0 the run passed its checks, 1 it did not, 2 usage, 3 cannot connect.");
  bench->callback([opts, seconds, &exit_code] {
    opts->seconds_given = seconds->count() != 0;
    if (opts->transfers > 0 && !opts->seconds_given) opts->seconds = 0;
    if (opts->transfers == 0 && opts->seconds <= 0)
      throw CLI::ValidationError("--seconds or --transfers must be given");
    exit_code = run_bench(*opts);
  });
}

}  // namespace payloom::bench
