#pragma once
// Orders and their events as JSON and as text for people.
#include <span>
#include <string>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/table.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::verbs {

/// "12.00 EUR"; "minor units of ledger 1234" where nobody knows the ledger.
std::string money_text(ledger_id ledger, u128 amount_minor);

/// The fields of an order with the catalogue's names beside the numbers, and amounts as people write them.
json order_json(const payment_names& names, const order_row& order);
/// An event: what was asked and by which command, the change of state, the payment; with `order`, the order after it.
/// The payment outside of an event that has one.
json payment_json(const payment_names& names, const order_event_row& row);
json event_json(const payment_names& names, const order_event_row& row);
/// A posting: `transfer_json` with the accounts' roles.
json posting_json(const payment_names& names, const transfer_row& row);

/// One line about an event.
std::string event_line(const payment_names& names, const order_event_row& row);
/// An order as it stands, line by line.
std::string order_text(const payment_names& names, const order_row& order);
/// What happened to an order, for people: each event with its command and its postings, which are those of `postings`
/// with the sequences right behind it.
std::string timeline_text(const payment_names& names, std::span<const order_event_row> events,
                          std::span<const transfer_row> postings);
/// Prints an order and everything that happened to it, as `order show` does; the verb's exit code.
int show_order(const common_options& common, const payment_options& payments, client::blocking_connection& server,
               order_id id);
/// A table of postings with their accounts' roles.
std::string postings_text(const payment_names& names, std::span<const transfer_row> postings);

}  // namespace payloom::verbs
