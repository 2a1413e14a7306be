#pragma once
// One run of a scenario: accounts and money, the load, the check.
#include <atomic>

#include "actors/app/bench/options.hpp"
#include "actors/app/bench/scenario/scenario_report.hpp"

namespace payloom::bench {

class server_process;

/// Runs `how` against `opts.address`. `stop` ends the load early. Throws setup_failure (this seed ran here before,
/// too), client::connect_failure, client::connection_lost.
scenario_report run_scenario(const options& opts, const scenario& how, const std::atomic<bool>& stop,
                             const server_process* server = nullptr);

/// Compares what every account moved with the books, and looks up orders that were acknowledged, at most `sample` (0:
/// all), spread evenly. Throws client::connection_lost.
check_result check_scenario(client::blocking_connection& from, const scenario_parties& parties,
                            const scenario_world& world, const std::vector<sums>& before, std::uint64_t sample);

}  // namespace payloom::bench
