#pragma once
// What an order command does, written out again: instant sale, escrow sale, pre-authorisation, recharge, withdraw and
// transfer with their states, sums, postings, limits and fees, paid inside or through a channel. Written from
// actors/core/RULES.md, config/payments and protocol/types alone; pure; amounts are minor units.
#include <span>
#include <vector>

#include "protocol/types/payment_records.hpp"
#include "tests/sim/audit_types.hpp"

namespace payloom::sim {

/// `ok` or the smallest content code. `now`: the frame's receipt.
result_code order_content(const order_record& r, time_ns now);
result_code action_content(const order_action_record& r);
/// What channels say is the server's own command, under ids that clients cannot use.
bool is_channel_fact(const order_action_record& r);
/// Likewise what checks come to.
bool is_check_fact(const order_action_record& r);

/// `ok` when `asked` says the same as `stored`, else the smallest code of what differs.
result_code compare_order(const order_record& asked, const order_record& stored);
result_code compare_action(const order_action_record& asked, const order_action_record& stored);

/// An order as a command finds it.
struct order_standing {
  order_row row{};
  payment_row payment{};  ///< its newest with a channel or coupons
  bool has_payment = false;
  commit_seq seq = 0;  ///< of its newest event
};

/// What becomes of an order; on a refusal only `code` means something. Balances are not looked at.
struct order_outcome {
  result_code code = result_code::ok;
  order_row after{};          ///< all but timeout_at; accounting_date 0: the day of the decision
  std::uint64_t waits_s = 0;  ///< timeout_at is so many seconds after the decision; 0: no timer
  bool has_payment = false;
  payment_row payment{};              ///< due_at as said by the next one
  std::uint64_t payment_waits_s = 0;  ///< due_at is so many seconds after the decision; 0: as `payment` has it
  std::uint8_t event = 0, fact = 0xff, from_state = 0;
  u128 amount = 0, fee = 0;  ///< of the payment
  std::vector<transfer_record> legs;
};

/// A creation whose content is in order.
order_outcome created_order(tenant_id t, const order_record& r);

/// An action, or (action `timer`) the end of a state's time, or (`channel_fact`) what a channel says. `now` decides
/// whether a time is over. `cancelled_together`: linked actions that cancel orders of this one's combined payment, this
/// one included.
order_outcome changed_order(tenant_id t, const order_action_record& r, const order_standing& before, time_ns now,
                            std::uint32_t cancelled_together = 1);

/// What falls to one of several orders of what a channel moved for all of them: in proportion to what was asked for it
/// (`part`, of `total`; `before`: for those before it), prefixes rounded down.
u128 part_of_moved(u128 moved, u128 before, u128 part, u128 total);

/// Makes one payment of those of linked actions that begin at a channel, two or more (`actions[i]` made `outcomes[i]`).
/// On a refusal: whose it is, and why.
struct combined_refusal {
  std::uint32_t action = 0;
  result_code code = result_code::ok;
};
combined_refusal combine_outcomes(std::span<const order_action_record> actions, std::span<order_outcome> outcomes);

/// What a fact that the accounts refuse becomes: a case, when its payment is over; else `order_unchanged`.
order_outcome unbooked_fact(tenant_id t, const order_action_record& r, const order_standing& before, time_ns now);

/// Accounts that orders use. `owner` is 0 for the platform's.
enum class chart_role : std::uint16_t {
  channel_receivable = 101,
  bank = 102,
  user_available = 201,
  user_frozen = 202,
  user_coupon = 203,
  merchant_pending = 211,
  payment_transit = 301,
  withdraw_transit = 302,
  refund_transit = 303,
  escrow = 304,
  suspense_long = 401,
  fee_income = 501,
  coupon_funding = 602
};
account_id chart_account(chart_role role, ledger_id ledger, owner_number owner);
/// Whether each owner has an account of his own in this role.
bool has_owner(chart_role role);

/// yyyymmdd of a day, counted from 1970-01-01.
std::uint32_t day_number(std::uint64_t days);

/// A payment outside whose end is not known.
bool is_outside(const payment_row& p);

/// Money that an order keeps on the way; whatever is there is explained by it.
struct order_money {
  u128 escrow = 0, frozen = 0, payment_transit = 0, withdraw_transit = 0, refund_transit = 0, suspense = 0;
};
order_money money_of(const order_standing& o);

}  // namespace payloom::sim
