#pragma once
// The verb `payloom bench`.
#include <CLI/CLI.hpp>

#include "actors/app/bench/options.hpp"
#include "actors/app/bench/report.hpp"
#include "actors/app/bench/run_once.hpp"

namespace payloom::bench {

/// The whole verb: embedded server, sweep, output. Returns the exit code: 0 passed, 1 failed, 3 cannot connect.
int run_bench(const options& opts);

/// Adds the subcommand `bench` to `app`; when it was chosen, `exit_code` has its result after parsing.
void add_bench(CLI::App& app, int& exit_code);

}  // namespace payloom::bench
