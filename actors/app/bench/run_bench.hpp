#pragma once
// The verb `payloom bench`.
#include <CLI/CLI.hpp>

#include "actors/app/bench/options.hpp"
#include "actors/app/bench/report.hpp"
#include "actors/app/bench/server_process.hpp"

namespace payloom::bench {

/// Sets the account numbers, prepares, loads, waits for the follower and checks, against the server at `opts.address`.
/// `server`: its process, when it is ours, for the CPU time that it needs for the load alone.
/// Throws client::connect_failure, client::connection_lost, setup_failure.
run_report run_once(const options& opts, const server_process* server = nullptr);

/// The whole verb: embedded server, sweep, output. Returns the exit code: 0 passed, 1 failed, 3 cannot connect.
int run_bench(const options& opts);

/// Adds the subcommand `bench` to `app`; when it was chosen, `exit_code` has its result after parsing.
void add_bench(CLI::App& app, int& exit_code);

}  // namespace payloom::bench
