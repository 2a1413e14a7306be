#pragma once
// Actions on several orders that happen all together or not at all, as verbs send and show them.
#include <string>
#include <vector>

#include "actors/app/verbs/common.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::verbs {

/// Links `actions` (1 to limits::combined_orders_max, all but the last one), sends them and prints a line for each;
/// `what` is the first column: refund, payment. Returns the exit code.
int send_linked(client::blocking_connection& server, std::vector<order_action_record> actions, const std::string& what,
                bool as_json);

}  // namespace payloom::verbs
