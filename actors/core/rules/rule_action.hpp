#pragma once
// What kinds of rules make of a payment: an action, compiled, and its effect. Shared by all kinds; flat, no allocation.
#include <cstdint>

#include "actors/core/catalog/fee_plan.hpp"
#include "actors/core/catalog/split_plan.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom::core::rules {

/// What is known of a payment when rules are asked.
struct rule_facts {
  u128 amount_minor = 0;
  ledger_id ledger = 0;
  owner_number merchant = 0;
  owner_number user = 0;
  std::uint16_t tools = 0;  ///< bits of those that pay
  time_ns now = 0;
};

/// The action of a rule; each kind uses what it needs.
struct rule_action {
  u128 min_minor = 0;
  u128 max_minor = u128_max;
  const catalog::fee_plan* fee = nullptr;
  const catalog::split_plan* split = nullptr;
  std::uint16_t tools = 0;
  result_code refusal = result_code::ok;  ///< ok: it allows
};

/// What a matched rule does to a payment; a kind leaves alone what is not its matter.
struct rule_effect {
  result_code refusal = result_code::ok;
  const catalog::fee_plan* fee = nullptr;      ///< instead of the business map's
  const catalog::split_plan* split = nullptr;  ///< likewise
  friend bool operator==(const rule_effect&, const rule_effect&) = default;
};

}  // namespace payloom::core::rules
