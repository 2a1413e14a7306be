#pragma once
// After the load: is every cent where the accepted transfers put it, and is every acknowledged id there?
#include <cstdint>
#include <string>
#include <vector>

#include "actors/app/bench/load_result.hpp"
#include "actors/app/bench/setup.hpp"
#include "actors/app/bench/workload.hpp"
#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

struct check_result {
  bool passed = false;
  std::uint64_t accounts_checked = 0;
  std::uint64_t ids_checked = 0;
  std::uint64_t ids_missing = 0;
  std::uint64_t accounts_wrong = 0;
  std::uint64_t unknown_executed = 0;  ///< unanswered events that the server had executed
  std::string why;                     ///< the first failure, empty if none
};

/// `before`: the sums at the start of the run, by account number. `sample`: acknowledged ids to look up, spread over
/// the run; 0 = all; those of the last second are always looked up. Throws client::connection_lost.
check_result check_money(client::blocking_connection& from, const workload& load, const load_result& result,
                         std::vector<sums> before, bool two_phase, std::uint64_t sample);

}  // namespace payloom::bench
