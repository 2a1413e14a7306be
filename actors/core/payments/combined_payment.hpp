#pragma once
// One payment for several orders of any merchants (domain.md 1.2: combined pay): linked payments whose parts from a
// channel are one attempt there. Each order keeps a payment of its own; this says what they have in common.
#include <cstdint>
#include <span>

#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::core {

/// A payment that begins outside, among linked actions.
struct combined_part {
  payment_row* payment = nullptr;
  ledger_id ledger = 0;
  std::uint32_t action = 0;  ///< which of the linked actions
};

struct combined_verdict {
  result_code code = result_code::ok;
  std::uint32_t action = 0;  ///< whose refusal it is
};

/// Makes two or more parts, in the order of their actions, one payment at their channel; one alone stays as it is. They
/// must name one channel and one ledger (combined_parts_differ), and the channel must move the sum (no_channel). On a
/// refusal nothing is changed.
combined_verdict combine_payments(std::span<const combined_part> parts, const catalog::payment_catalog& terms);

}  // namespace payloom::core
