#pragma once
// Filling in the records of orders. Everything else in them is zero: set what is wanted.
#include <cstring>

#include "protocol/types/order_records.hpp"

namespace payloom::client {

/// What `merchant` (0: the platform itself) calls `business_id`: `amount_minor` minor units of `ledger`, paid by
/// `user`. The id is the one that merchant and business id give, so the same two always mean the same order.
inline order_record make_order(owner_number merchant, u128 business_id, std::uint16_t product, ledger_id ledger,
                               u128 amount_minor, owner_number user) {
  order_record order{};
  order.id = order_id_of(merchant, business_id);
  order.business_id = business_id;
  order.amount_minor = amount_minor;
  order.merchant = merchant;
  order.user = user;
  order.ledger = ledger;
  order.product = product;
  return order;
}

/// `what` to do to `order`, under the command's own id: keep it, repeating it can never pay (or refund) twice.
/// Amount 0: all there is. `expected_version` 0: whatever the order's version is.
inline order_action_record make_order_action(order_action what, order_id order, transfer_id id, u128 amount_minor = 0,
                                             std::uint32_t expected_version = 0) {
  order_action_record action{};
  action.id = id;
  action.order = order;
  action.amount_minor = amount_minor;
  action.expected_version = expected_version;
  action.action = what;
  return action;
}

/// The command behind an event, which begins with its id; `event.request_type` says which of the two it is.
inline order_record order_of(const order_event& event) {
  order_record record;
  static_assert(sizeof record == sizeof event.request);
  std::memcpy(&record, event.request, sizeof record);
  return record;
}
inline order_action_record action_of(const order_event& event) {
  order_action_record record;
  static_assert(sizeof record == sizeof event.request);
  std::memcpy(&record, event.request, sizeof record);
  return record;
}

}  // namespace payloom::client
