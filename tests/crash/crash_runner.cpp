// Kills the real server with SIGKILL under load, again and again, and asks an oracle outside it what was lost:
// payloom_crash --server PROGRAM --cycles N [--points] [--seconds-per-cycle S] [--seed X]. Exit code 0: nothing.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>

#include "tests/crash/crash_run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace payloom;

void print_line(const char* what, std::uint64_t n) {
  std::printf("  %-44s %12llu\n", what, static_cast<unsigned long long>(n));
}

void print_table(const crash::crash_run& run, const crash::verdict& found) {
  std::printf("\n");
  print_line("cycles", run.cycles());
  print_line("kills", run.kills());
  print_line("  before the server listened", run.early_kills());
  for (const auto& [name, count] : run.reached()) print_line(("  at " + name).c_str(), count);
  print_line("acknowledged", found.acknowledged);
  print_line("  on transfers and accounts", found.acknowledged - found.acknowledged_on_orders);
  print_line("  on orders", found.acknowledged_on_orders);
  print_line("executed", found.executed);
  print_line("unknown after a kill, resolved by repeating", found.resolved);
  print_line("  of these executed before the kill", found.resolved_old);
  print_line("acknowledged ones repeated", found.repeated);
  print_line("events of orders followed", run.lives().events());
  print_line("  of these by timers", run.lives().timers());
  print_line("  of these said by channels", run.lives().facts());
  std::uint64_t pushed = 0, again = 0, acknowledged = 0;
  for (const crash::event_subscriber& s : run.subscribers()) {
    pushed += s.pushed();
    again += s.repeated();
    acknowledged += s.confirmed();
  }
  print_line("events pushed to subscribers", pushed);
  print_line("  of these again after a kill", again);
  print_line("  acknowledgements that were answered", acknowledged);
  print_line("orders made", run.lives().all().size());
  print_line("orders looked at one by one", found.orders_checked);
  print_line("verified, live and offline", run.verifies());
  print_line("lost", found.lost);
  print_line("duplicated", found.duplicated);
  print_line("wrong", found.wrong);
}

}  // namespace

int main(int argc, char** argv) {
  crash::crash_options how;
  how.seed = std::random_device{}();
  CLI::App app{"Kills the server under load and checks that nothing acknowledged is lost"};
  app.add_option("--server", how.program, "The payloom binary")->required()->check(CLI::ExistingFile);
  auto* cycles = app.add_option("--cycles", how.cycles, "Kills under load, at random moments and drawn places")
                     ->check(CLI::Range(0, 100'000))
                     ->capture_default_str();
  app.add_flag("--points", how.points, "Kills at every marked place first; without --cycles only these");
  app.add_option("--rounds", how.rounds, "With --points: how often each place")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--seconds-per-cycle", how.seconds_per_cycle, "Load before a kill at a random moment, at most")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--seed", how.seed, "Draws settings, load and moments; the default is drawn itself");
  app.add_option("--connections", how.connections, "Connections under load")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  if (how.points && cycles->count() == 0) how.cycles = 0;
  ::signal(SIGPIPE, SIG_IGN);
  const auto seed = static_cast<unsigned long long>(how.seed);
  std::printf("seed %llu\n", seed);
  std::fflush(stdout);

  support::temporary_directory directory("payloom-crash");
  how.directory = directory.path().string();
  crash::verdict found;
  crash::crash_run run(how, found);
  try {
    run.run();
  } catch (const std::exception& e) {
    found.problem(found.wrong, e.what());
  }
  for (const std::string& problem : found.problems) std::printf("problem: %s\n", problem.c_str());
  print_table(run, found);
  std::printf("%s, seed %llu\n", found.good() ? "PASS" : "FAIL", seed);
  if (!found.good()) {
    directory.keep();
    std::printf("data and acknowledged results are kept in %s\n", how.directory.c_str());
  }
  return found.good() ? 0 : 1;
}
