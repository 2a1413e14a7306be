#pragma once
// A payment's steps by its template, with what became of each: for people and as JSON.
#include <string>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/table.hpp"

namespace payloom::verbs {

/// [{"step": "reserve", "tool": "balance", "amount": "3.00", "state": "done"}, ...]; empty where the catalogue does not
/// know the payment's row. `state` is done, waits, cancelled (reserved and given back), ended (it never came to it);
/// of the step outside: done, came back, asked, or what the channel said last.
json payment_steps_json(const payment_names& names, const order_row& order, const payment_row& payment);

/// The same as one line, "" when there are none.
std::string payment_steps_text(const payment_names& names, const order_row& order, const payment_row& payment);

}  // namespace payloom::verbs
