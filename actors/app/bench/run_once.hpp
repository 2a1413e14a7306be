#pragma once
// One run: accounts, load, follower, check.
#include "actors/app/bench/options.hpp"
#include "actors/app/bench/report.hpp"
#include "actors/app/bench/server_process.hpp"

namespace payloom::bench {

/// Sets the account numbers, prepares, loads, waits for the follower and checks, against the server at `opts.address`.
/// `server`: its process, when it is ours, for its memory and the CPU time that it needs for the load alone.
/// Throws client::connect_failure, client::connection_lost, setup_failure.
run_report run_once(const options& opts, const server_process* server = nullptr);

}  // namespace payloom::bench
