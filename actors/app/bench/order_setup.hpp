#pragma once
// Before the load of `bench --orders`: the chart accounts of the run, money for the users, and orders that wait.
#include <cstdint>
#include <vector>

#include "actors/app/bench/order_workload.hpp"
#include "actors/app/bench/outcome_set.hpp"
#include "actors/app/bench/setup.hpp"
#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

/// Opens the accounts, funds the users from the bank and returns the sums of all by account number. Repeating with the
/// same seed finds everything in place. Throws setup_failure, client::connection_lost.
std::vector<sums> prepare_orders(client::blocking_connection& to, const order_workload& load);

/// Makes orders 0 .. count-1 of a kind and returns those that this call made, not an earlier one. Throws setup_failure,
/// client::connection_lost.
outcome_set make_orders(client::blocking_connection& to, const order_workload& load, order_workload::kind what,
                        std::uint64_t count);

}  // namespace payloom::bench
