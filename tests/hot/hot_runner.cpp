// Marks one account hot and unmarks it under load that keeps its balance at its limit, against the real server:
// payloom_hot --server PROGRAM [--rounds N] [--changes N] [--every-ms N] [--rate N] [--seed X]. Exit code 0: the limit
// held.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>

#include "tests/hot/hot_run.hpp"

int main(int argc, char** argv) {
  using namespace payloom;
  hot::hot_options how;
  how.seed = std::random_device{}();
  CLI::App app{"Marks one account hot and unmarks it under load at its limit, and checks the books"};
  app.add_option("--server", how.program, "The payloom binary")->required()->check(CLI::ExistingFile);
  app.add_option("--rounds", how.rounds, "Starts of the server, each with other settings and another hot set")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--changes", how.changes, "Marks and unmarks in a round")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--every-ms", how.every_ms, "Milliseconds between two of them")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--connections", how.connections, "Connections under load")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rate", how.events_per_second, "Transfers a second over all of them (0: as many as they can)")
      ->check(CLI::Range(0.0, 1e8))
      ->capture_default_str();
  app.add_option("--seed", how.seed, "Draws settings and load; the default is drawn itself");
  CLI11_PARSE(app, argc, argv);
  ::signal(SIGPIPE, SIG_IGN);
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("seed %llu\n", number(how.seed));
  std::fflush(stdout);

  hot::hot_run run(how);
  try {
    run.run();
  } catch (const std::exception& e) {
    run.problems.push_back(e.what());
  }
  for (const std::string& problem : run.problems) std::printf("problem: %s\n", problem.c_str());
  const bool good = run.problems.empty();
  std::printf("rounds %u, moves %llu, accepted %llu, refused %llu, lowest balance %lld, problems %zu: %s, seed %llu\n",
              how.rounds, number(run.moves), number(run.book().moves()), number(run.book().refusals()),
              static_cast<long long>(run.book().lowest()), run.problems.size(), good ? "PASS" : "FAIL",
              number(how.seed));
  if (!good) {
    run.server().keep();
    std::printf("the data directory is kept: %s\n", run.server().data().c_str());
  }
  return good ? 0 : 1;
}
