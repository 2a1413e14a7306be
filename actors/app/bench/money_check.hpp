#pragma once
// After the load: is every cent where the accepted transfers put it, and is every acknowledged id there?
#include <cstdint>
#include <functional>
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

/// Adds to `check` the accounts whose sums are not as expected, and whether debits and credits are one sum.
/// `account_name`: an account's name for people, by number.
void compare_sums(const std::vector<sums>& expected, const std::vector<sums>& found,
                  const std::function<std::string(std::uint64_t)>& account_name, check_result& check);

/// The acknowledged numbers to look up: every one of the last second, and `sample` spread over the rest; 0 = all.
std::vector<std::uint64_t> sample_of(const load_result& result, const outcome_set& set, std::uint64_t sample);

/// Looks up transfers 0 .. total-1 and calls `seen(i, executed)` for each, in no order. Throws setup_failure.
void look_up(client::blocking_connection& from, std::uint64_t total,
             const std::function<transfer_id(std::uint64_t)>& ids,
             const std::function<void(std::uint64_t, bool)>& seen);

/// `before`: the sums at the start of the run, by account number. `sample`: acknowledged ids to look up, spread over
/// the run; 0 = all; those of the last second are always looked up. Throws client::connection_lost.
check_result check_money(client::blocking_connection& from, const workload& load, const load_result& result,
                         std::vector<sums> before, bool two_phase, std::uint64_t sample);

}  // namespace payloom::bench
