#pragma once
// What can be said about an order command without looking at any state: is its content right, and is it the same as one
// that was stored. Codes are the smallest that apply (result_codes.def, RULES.md "Orders").
#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::core {

/// The day (UTC) of a time as yyyymmdd.
std::uint32_t day_of(time_ns time);

/// `now` bounds the accounting date. Settlement batches are made by the server alone (`from_server`): 250 and 251.
/// `catalog` may be nullptr: payments_not_configured.
result_code check_order_content(const order_record& r, const catalog::payment_catalog* catalog, time_ns now,
                                bool from_server);
result_code check_action_content(const order_action_record& r, const catalog::payment_catalog* catalog,
                                 bool from_server);

/// An account with an id of the chart is what the chart says of it: code, ledger and limits, beside `history` and an
/// overdraft that the operator grants. account_id_reserved otherwise.
result_code check_chart_account(const account_record& a, const catalog::chart& accounts);

/// ok when a repeat says the same as what was stored, else the smallest exists_with_different_*.
result_code compare_orders(const order_record& request, const order_record& stored);
result_code compare_actions(const order_action_record& request, const order_action_record& stored);

}  // namespace payloom::core
