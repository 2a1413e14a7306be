#pragma once
// What a server knows of orders, read page by page. All throw refused_error when it refuses.
#include <vector>

#include "actors/app/verbs/common.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/relation_records.hpp"

namespace payloom::verbs {

/// All events of the order that `id` belongs to.
std::vector<order_event_row> read_timeline(client::blocking_connection& server, u128 id);
/// All postings of an order: at once, or where there are too many, command by command.
std::vector<transfer_row> read_postings(client::blocking_connection& server, u128 id);
/// All relations of what belongs to `id`.
std::vector<relation_row> read_graph(client::blocking_connection& server, u128 id);

}  // namespace payloom::verbs
