#pragma once
// What an order command does, written out again: the four products that need no channel (instant sale, escrow sale,
// pre-authorisation, transfer) with their states, sums, postings, limits and the standard fee. Written from
// config/payments and protocol/types/order_records.hpp alone; pure; amounts are minor units.
#include <vector>

#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

/// `ok` or the smallest content code. `now`: the frame's receipt.
result_code order_content(const order_record& r, time_ns now);
result_code action_content(const order_action_record& r);

/// `ok` when `asked` says the same as `stored`, else the smallest code of what differs.
result_code compare_order(const order_record& asked, const order_record& stored);
result_code compare_action(const order_action_record& asked, const order_action_record& stored);

/// What becomes of an order; on a refusal only `code` means something. Balances are not looked at.
struct order_outcome {
  result_code code = result_code::ok;
  order_row after{};              ///< all but timeout_at; accounting_date 0: the day of the decision
  std::uint64_t waits_s = 0;      ///< timeout_at is so many seconds after the decision; 0: no timer
  std::uint8_t event = 0, fact = 0xff, from_state = 0;
  u128 amount = 0, fee = 0;       ///< of the payment
  std::vector<transfer_record> legs;
};

/// A creation whose content is in order.
order_outcome created_order(tenant_id t, const order_record& r);

/// An action or (action `timer`) the end of a state's time. `before` stands since `before_seq`; `now` decides whether
/// its time is over.
order_outcome changed_order(tenant_id t, const order_action_record& r, const order_row& before, commit_seq before_seq,
                            time_ns now);

/// Accounts that orders use. `owner` is 0 for the platform's.
enum class chart_role : std::uint16_t {
  user_available = 201, user_frozen = 202, merchant_pending = 211, refund_transit = 303, escrow = 304, fee_income = 501
};
account_id chart_account(chart_role role, ledger_id ledger, owner_number owner);

/// yyyymmdd of a day, counted from 1970-01-01.
std::uint32_t day_number(std::uint64_t days);

/// Money that this order keeps in escrow, and that it keeps frozen.
u128 in_escrow(const order_row& o);
u128 frozen(const order_row& o);

}  // namespace payloom::sim
