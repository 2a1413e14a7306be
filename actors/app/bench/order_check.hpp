#pragma once
// After the load of `bench --orders`: is every cent where the acknowledged orders put it, fees included, and can every
// acknowledged order be found?
#include <cstdint>
#include <vector>

#include "actors/app/bench/money_check.hpp"
#include "actors/app/bench/order_workload.hpp"

namespace payloom::bench {

/// What was made before the load: orders 0 .. count-1 of the kind `holding`, as far as they are in `made`.
struct held_orders {
  std::uint64_t count = 0;
  outcome_set made;
};

/// `before`: the sums by account number, from before `held` and the load. `sample`: acknowledged orders to look up by
/// their postings, 0 = all; those of the last second are always looked up; some of them by their timelines as well.
/// Throws client::connection_lost.
check_result check_orders(client::blocking_connection& from, const order_workload& load, const load_result& result,
                          const std::vector<sums>& before, const held_orders& held, std::uint64_t sample);

}  // namespace payloom::bench
