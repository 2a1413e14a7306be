// Kills the real server with SIGKILL under load, again and again, and asks an oracle outside it what was lost:
// payloom_crash --server PROGRAM --cycles N [--seconds-per-cycle S] [--seed X]. Exit code 0: nothing.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>

#include "tests/crash/crash_run.hpp"
#include "tests/support/temporary_directory.hpp"

int main(int argc, char** argv) {
  using namespace payloom;
  crash::crash_options how;
  how.seed = std::random_device{}();
  std::string parent;
  CLI::App app{"Kills the server under load and checks that nothing acknowledged is lost"};
  app.add_option("--server", how.program, "The payloom binary")->required()->check(CLI::ExistingFile);
  app.add_option("--cycles", how.cycles, "Kills under load")->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--seconds-per-cycle", how.seconds_per_cycle, "Load before a kill, at most")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--seed", how.seed, "Draws settings, load and moments; the default is drawn itself");
  app.add_option("--connections", how.connections, "Connections under load")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  ::signal(SIGPIPE, SIG_IGN);
  std::printf("seed %llu\n", static_cast<unsigned long long>(how.seed));
  std::fflush(stdout);

  support::temporary_directory directory("payloom-crash");
  how.directory = directory.path().string();
  crash::verdict found;
  try {
    crash::crash_run(how, found).run();
  } catch (const std::exception& e) {
    found.problem(found.wrong, e.what());
  }
  for (const std::string& problem : found.problems) std::printf("problem: %s\n", problem.c_str());
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "cycles %u, acknowledged %llu, executed %llu, repeated %llu, unknown resolved %llu (%llu had happened), "
      "lost %llu, duplicated %llu, wrong %llu: %s, seed %llu\n",
      how.cycles, number(found.acknowledged), number(found.executed), number(found.repeated), number(found.resolved),
      number(found.resolved_old), number(found.lost), number(found.duplicated), number(found.wrong),
      found.good() ? "PASS" : "FAIL", number(how.seed));
  if (!found.good()) {
    directory.keep();
    std::printf("data and acknowledged results are kept in %s\n", how.directory.c_str());
  }
  return found.good() ? 0 : 1;
}
