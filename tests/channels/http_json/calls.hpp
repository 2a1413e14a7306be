#pragma once
// Calls for the tests of the JSON wire.
#include "actors/core/channels/channel_call.hpp"

namespace payloom::test {

inline core::channel_call call_of(u128 attempt_id, channel_operation operation = channel_operation::pay,
                                  u128 amount_minor = 1050, u128 source = 0) {
  core::channel_call c;
  c.operation = operation;
  c.attempt_operation = operation;
  c.channel = 3;
  c.attempt_id = attempt_id;
  c.payment = attempt_id + 1;
  c.source = source;
  c.source_number = source == 0 ? 0 : 1;
  c.order.value = attempt_id + 2;
  c.amount_minor = amount_minor;
  c.ledger = 978;
  c.tenant = 4;
  c.attempt = 5;
  c.asked = 6;
  return c;
}

/// Of three orders that are paid as one.
inline core::channel_call combined_call(u128 attempt_id) {
  core::channel_call c = call_of(attempt_id);
  c.combined_count = 3;
  c.total_minor = 600;
  c.amount_minor = 600;
  core::channel_call_members members;
  for (const std::uint16_t i : std::initializer_list<std::uint16_t>{2, 0, 1}) {
    core::channel_call m = c;
    m.order.value = 1000 + i;
    m.payment = 2000 + i;
    m.combined_member = i;
    m.amount_minor = 100u * (i + 1u);
    m.before_minor = i == 0 ? 0u : i == 1 ? 100u : 300u;
    members.push_back(m);
  }
  c.members = std::make_shared<const core::channel_call_members>(members);
  return c;
}

inline core::channel_call asking(core::channel_call c, channel_operation operation) {
  c.operation = operation;
  return c;
}

}  // namespace payloom::test
