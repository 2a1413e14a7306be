#pragma once
// What an order asks of a channel, and what the channel says. Plain values between the order shards and the channels.
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/types/payment_records.hpp"

namespace payloom::core {

struct channel_call;
/// The orders that one call is for.
using channel_call_members = std::vector<channel_call>;

/// One call; its attempt is durable already, so a crash leaves nothing behind that nobody knows of.
struct channel_call {
  channel_operation operation = channel_operation::none;
  channel_operation attempt_operation = channel_operation::none;  ///< query, close: what the attempt was
  owner_number channel = 0;
  u128 attempt_id = 0;  ///< the platform's number of the attempt, unique for ever; of a combined payment: one for all
  u128 payment = 0;
  u128 source = 0;                 ///< refund: the attempt whose money goes back
  std::uint8_t source_number = 0;  ///< its place among the order's sources, from 1
  order_id order;
  u128 amount_minor = 0;
  ledger_id ledger = 0;
  tenant_id tenant = 0;
  std::uint32_t attempt = 0;
  std::uint32_t asked = 0;  ///< how often was asked before
  // Several orders paid as one: this order's place among them.
  u128 total_minor = 0;   ///< of all of them
  u128 before_minor = 0;  ///< of those before it
  std::uint16_t combined_count = 1;
  std::uint16_t combined_member = 0;
  std::shared_ptr<const channel_call_members> members;  ///< who is told the answer; null: this order alone
};

/// An answer, or later news.
struct channel_answer {
  channel_call call;
  channel_outcome outcome = channel_outcome::none;
  u128 amount_minor = 0;  ///< what moved
  u128 reference = 0;     ///< the channel's own number
  std::uint16_t code = 0;
};

/// The call that a payment's newest event asks for.
channel_call make_call(tenant_id tenant, const order_row& order, const payment_row& payment);

/// The answer as the server's own command on the order. Of what moved for a combined payment each order has its part:
/// in proportion to what it asked for, the parts together exactly what moved (TC-3).
channel_fact_record fact_of(const channel_answer& answer, const channel_call& member);

}  // namespace payloom::core
