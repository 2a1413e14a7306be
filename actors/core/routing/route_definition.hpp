#pragma once
// Routing as it is written down: plain data with places, not checked yet; `route_plan::make` does that. What a channel
// can do stands with the channel (catalog/channel_plan.hpp); here is what decides between those that can.
#include <cstdint>
#include <vector>

#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/routing/health_key.hpp"
#include "actors/core/routing/health_plan.hpp"
#include "actors/core/rules/rule.hpp"

namespace payloom::core::routing {

using catalog::placed_name;
using catalog::problem_list;
using catalog::source_place;

inline constexpr std::uint16_t minutes_of_week = 7 * 24 * 60;
inline constexpr std::size_t week_windows_max = 16;   ///< of one channel
inline constexpr std::size_t route_rules_max = 256;   ///< of a plan
inline constexpr std::size_t rule_channels_max = 16;  ///< of one rule
inline constexpr std::uint16_t split_whole = 1000;    ///< shares of a split are per mille

/// Minutes since Monday 00:00 UTC, [from, to); from above to: over the week's end.
struct week_window {
  source_place at;
  std::uint16_t from = 0;
  std::uint16_t to = 0;
};

struct ledger_limit {
  source_place at;
  ledger_id ledger = 0;
  u128 max_minor = 0;
};

/// What an attempt costs the platform: a fixed part, and a rate in millionths of the amount.
struct route_cost {
  source_place at;
  ledger_id ledger = 0;  ///< 0: all that have no cost of their own
  u128 fixed_minor = 0;
  std::uint32_t rate = 0;  ///< at most limits::rate_whole
};

/// 1,000 minor units of a ledger count as `value` units of the loss budget.
struct ledger_value {
  source_place at;
  ledger_id ledger = 0;
  std::uint32_t value = 1000;
};

struct route_channel_definition {
  placed_name channel;
  std::vector<week_window> closed;
  std::vector<ledger_limit> day_limits;      ///< ledgers not named have none
  std::vector<ledger_limit> unknown_limits;  ///< likewise (N3)
  std::vector<route_cost> costs;             ///< ledgers not named cost nothing
};

enum class route_rule_kind : std::uint8_t {
  priority = 0,   ///< the first of the list that can
  percentage = 1  ///< by the payment's hash; when that one cannot, the next of the list
};

/// All that is said must hold; what is not said holds always.
struct route_rule_definition {
  placed_name name;
  std::uint16_t id = 0;  ///< never used again for another rule; percentages are split by it
  std::uint16_t version = 0;
  std::uint16_t priority = 0;  ///< the smallest is asked first
  rules::rule_state state = rules::rule_state::draft;
  route_rule_kind kind = route_rule_kind::priority;
  time_ns valid_from = 0;
  time_ns valid_to = UINT64_MAX;           ///< exclusive
  catalog::operation_bits operations = 0;  ///< 0: any
  ledger_id ledger = 0;
  u128 amount_min = 0;
  u128 amount_max = u128_max;
  owner_number merchant = 0;
  bank_number bank = 0;
  card_type card = 0;
  bool only = false;  ///< no other channel than these: when none can, there is none
  struct target {
    placed_name channel;
    std::uint16_t share = 0;  ///< percentage: per mille
  };
  std::vector<target> channels;
};

struct routing_definition {
  std::uint32_t version = 0;
  source_place health_at;
  health_plan health;
  bool least_cost = false;  ///< without a rule the cheapest is taken, else the first of channels.yaml
  std::vector<ledger_value> values;
  std::vector<route_channel_definition> channels;  ///< those not named have no limits and cost nothing
  std::vector<route_rule_definition> rules;
};

}  // namespace payloom::core::routing
