#pragma once
// Which payment an event of an order is about: what follows the same for everybody from the records alone.
#include <cstring>

#include "protocol/types/check_records.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom {

/// The command that an event of an order carries out.
inline u128 command_of(const order_event& event) {
  u128 id;
  std::memcpy(&id, event.request, sizeof id);
  return id;
}

/// The part of a payment that a channel moves.
inline u128 external_part(const payment_row& p) {
  const u128 inside = p.balance_minor + p.coupon_minor;
  return inside > p.amount_minor ? u128{0} : p.amount_minor - inside;
}

inline bool gives_back(payment_purpose purpose) {
  return purpose == payment_purpose::refund || purpose == payment_purpose::return_late;
}

/// The event begins the payment that stands behind it. `payment` counts only with the event's flag.
inline bool begins_payment(const order_event& event, const payment_row& payment) {
  return (event.flags & order_event_flags::payment) != 0 && payment.payment == command_of(event);
}

/// The payment or refund whose doing an event is: of what a channel, a person or a timer says about it, the payment's
/// id; else the command's own. `payment` counts only with the event's flag.
inline u128 subject_of(const order_event& event, const payment_row& payment) {
  const u128 cause = command_of(event);
  const bool known = (event.flags & order_event_flags::payment) != 0 && payment.payment != cause;
  if (!known || event.request_type != static_cast<std::uint16_t>(frame_type::act_on_orders)) return cause;
  order_action_record action;
  static_assert(sizeof action == sizeof event.request);
  std::memcpy(&action, event.request, sizeof action);
  if (action.action == order_action::channel_fact) {
    channel_fact_record fact;
    std::memcpy(static_cast<void*>(&fact), event.request, sizeof fact);
    return fact.payment;
  }
  if (action.action == order_action::check_fact) {
    check_fact_record fact;
    std::memcpy(static_cast<void*>(&fact), event.request, sizeof fact);
    return fact.payment;
  }
  constexpr std::uint8_t of_payment = 0xff;  // no event of the order: it is the payment's time, or case
  const bool about_payment = action.action == order_action::resolve || action.action == order_action::timer;
  return about_payment && event.event == of_payment ? payment.payment : cause;
}

}  // namespace payloom
