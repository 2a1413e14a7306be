#pragma once
// Where an order's money came from, by attempt, as JSON and as text for people.
#include <string>

#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/table.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::verbs {

/// The sources of an event's payment, each with the number by which a refund names it; an empty list without a payment.
json sources_json(const payment_names& names, const order_event_row& row);
/// The same, a line each; "" when no channel brought anything.
std::string sources_text(const payment_names& names, const order_event_row& row);

}  // namespace payloom::verbs
