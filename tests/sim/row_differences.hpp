#pragma once
// In what an order, or a payment, differs from what it must be: the name of the first such field, "" for none. Times at
// which something is due, and what a row keeps of its frame, are not looked at.
#include <string>

#include "protocol/types/payment_records.hpp"

namespace payloom::sim {

std::string row_differs(const order_row& a, const order_row& b);
std::string row_differs(const payment_row& a, const payment_row& b);

}  // namespace payloom::sim
