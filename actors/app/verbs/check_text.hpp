#pragma once
// What checks were asked about a payment and what they said, for people and programs.
#include <string>

#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/rows.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::verbs {

/// The payment waits for checks, or they ended it.
bool is_checked_state(const payment_names& names, const payment_row& payment);
/// One line about what this event did with checks: asks them, or what they came to; "" when it did neither.
std::string checks_text(const payment_names& names, const order_event_row& row);
/// Each check of the payment: name, answer, and, in the event that it caused, how long it took. Empty without checks.
json checks_json(const payment_names& names, const order_event_row& row);

}  // namespace payloom::verbs
