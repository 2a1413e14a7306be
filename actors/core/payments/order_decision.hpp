#pragma once
// The pure decision about one order command: the order as it stands, the command, the catalogue and the time in; the
// next state, the event and the postings out, or a numbered refusal. Balances are not known here: the accounts decide
// on the postings afterwards. No I/O, no clock; catalogue and arguments outlive the call.

#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/inline_list.hpp"
#include "actors/core/rules/shadow_log.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::core {

/// What a command makes of an order. On a refusal only `code` means something.
struct order_decision {
  result_code code = result_code::ok;
  order_event event{};                   ///< the request, the order after it, what was paid
  order_rule refused_by;                 ///< with rule_refused and rule_review
  inline_list<transfer_record, 4> legs;  ///< the postings, ids and accounts filled in; event.legs of them
  bool has_payment = false;  ///< channels or coupons took part: `payment` goes into the journal behind the event
  payment_row payment;       ///< set only when has_payment is
};

/// What a new order keeps of the frame that made it (SG-1).
struct order_context {
  u128 root_id = 0;
  u128 context_id = 0;
  std::uint16_t hop = 0;
};

/// Everything about a command but the order itself.
struct order_request {
  const catalog::payment_catalog* catalog = nullptr;
  tenant_id tenant = 0;
  time_ns now = 0;
  bool may_defer = true;               ///< deferred legs of a posting rule may be booked by a later unit
  rules::shadow_log* watch = nullptr;  ///< where watched rules are counted; nullptr: nowhere
  order_context context;               ///< of the frame
  std::uint32_t together = 1;  ///< linked actions on the orders of this one's combined payment, this one included
  bool linked = false;         ///< the action is one of several that happen together
};

/// A new order; with pay_now also its payment. The content was checked (`check_order_content`).
void decide_creation(const order_request& about, const order_record& record, order_decision& out);

/// An order as a command finds it.
struct order_before {
  const order_row* row = nullptr;
  commit_seq seq = 0;                    ///< of its newest event
  const payment_row* payment = nullptr;  ///< its newest payment with a channel or coupons; nullptr: none
};

/// An action on an order. The content was checked. A `timer` whose time has not come, and a fact that tells nothing
/// new, give order_unchanged.
void decide_action(const order_request& about, const order_action_record& record, const order_before& before,
                   order_decision& out);

/// A channel's fact about a payment that is over, when the accounts refuse what it books: nothing is booked, and a case
/// is open. False: the record is no such fact, and `out` says what it said.
bool decide_unbooked(const order_request& about, const order_action_record& record, const order_before& before,
                     order_decision& out);

}  // namespace payloom::core
