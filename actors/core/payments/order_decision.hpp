#pragma once
// The pure decision about one order command: the order as it stands, the command, the catalogue and the time in; the
// next state, the event and the postings out, or a numbered refusal. Balances are not known here: the accounts decide
// on the postings afterwards. No I/O, no clock; catalogue and arguments outlive the call.

#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/inline_list.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::core {

/// What a command makes of an order. On a refusal only `code` means something.
struct order_decision {
  result_code code = result_code::ok;
  order_event event{};                   ///< the request, the order after it, what was paid
  inline_list<transfer_record, 4> legs;  ///< the postings, ids and accounts filled in; event.legs of them
};

/// Everything about a command but the order itself.
struct order_request {
  const catalog::payment_catalog* catalog = nullptr;
  tenant_id tenant = 0;
  time_ns now = 0;
};

/// A new order; with pay_now also its payment. The content was checked (`check_order_content`).
void decide_creation(const order_request& about, const order_record& record, order_decision& out);

/// An action on an order that stands as `before` since commit `before_seq`. The content was checked. A `timer` whose
/// time has not come gives order_unchanged.
void decide_action(const order_request& about, const order_action_record& record, const order_row& before,
                   commit_seq before_seq, order_decision& out);

}  // namespace payloom::core
