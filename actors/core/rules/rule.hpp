#pragma once
// Rules about payments as they are written down (config/payments/rules.yaml): conditions and, by kind, an action. Plain
// data with places, not checked yet: `compile_rules` does that. What a rule may do is the matter of its kind's folder.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core::rules {

using catalog::placed_name;
using catalog::problem_list;
using catalog::source_place;

/// What a rule decides. The order is that of refusals and of `order_event::rules`; it stands in the journal.
enum class rule_kind : std::uint8_t { limit, risk, tool_selection, fee, split };
static_assert(static_cast<std::size_t>(rule_kind::split) + 1 == order_rule_kinds);

/// DRAFT: only written down (and watched on request). SHADOW: judges live payments without effect. ACTIVE: decides.
/// RETIRED: kept so that its number is not used again.
enum class rule_state : std::uint8_t { draft, shadow, active, retired };

inline constexpr std::uint16_t minutes_of_day = 24 * 60;
inline constexpr std::uint8_t all_weekdays = 0x7f;  ///< bit 0: Monday

/// What must hold, all of it; what is not said holds always. Times are UTC.
struct condition_definition {
  source_place at;
  ledger_id ledger = 0;                      ///< 0: any
  u128 amount_min = 0;                       ///< inclusive, minor units
  u128 amount_max = u128_max;                ///< inclusive
  owner_number merchant = 0;                 ///< 0: any
  owner_number user = 0;                     ///< 0: any
  std::vector<placed_name> products;         ///< one of them; empty: any
  std::vector<placed_name> tools;            ///< one of those that pay; empty: any
  std::uint16_t minute_from = 0;             ///< of the day
  std::uint16_t minute_to = minutes_of_day;  ///< exclusive; before minute_from: over midnight
  std::uint8_t weekdays = all_weekdays;
};

/// One key of `then`, with its value, or the items of its list.
struct action_entry {
  placed_name key;
  std::vector<placed_name> values;
};

struct rule_definition {
  placed_name name;
  std::uint16_t id = 0;       ///< stands in the journal; never used again for another rule
  std::uint16_t version = 0;  ///< counts the changes of the rule
  rule_kind kind = rule_kind::limit;
  rule_state state = rule_state::draft;
  std::uint16_t priority = 0;  ///< the smallest is asked first
  time_ns valid_from = 0;
  time_ns valid_to = UINT64_MAX;  ///< exclusive
  std::string maker, checker;     ///< recorded
  condition_definition when;
  std::vector<action_entry> then;
  source_place then_at;
};

/// Everything that rules.yaml holds.
struct rules_definition {
  bool watch_drafts = false;  ///< drafts are judged like SHADOW rules
  std::vector<rule_definition> rules;
};

std::string_view to_string(rule_kind kind);
std::string_view to_string(rule_state state);

}  // namespace payloom::core::rules
