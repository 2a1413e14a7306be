#pragma once
// The one list of kinds of rules. One more kind: its folder, a line in each of the two places here, its word in
// `rule_kind`.
#include "actors/core/rules/action_reader.hpp"
#include "actors/core/rules/fee/fee_rule.hpp"
#include "actors/core/rules/limit/limit_rule.hpp"
#include "actors/core/rules/risk/risk_rule.hpp"
#include "actors/core/rules/rule.hpp"
#include "actors/core/rules/split/split_rule.hpp"
#include "actors/core/rules/tool_selection/tool_rule.hpp"

namespace payloom::core::rules {

/// By `rule_kind`.
inline constexpr kind_entry kinds[] = {
    {"limit", limit::compile}, {"risk", risk::compile},   {"tool_selection", tool_selection::compile},
    {"fee", fee::compile},     {"split", split::compile},
};
static_assert(std::size(kinds) == order_rule_kinds);

/// What a rule whose conditions hold does.
inline rule_effect effect_of(rule_kind kind, const rule_action& rule, const rule_facts& facts) {
  switch (kind) {
    case rule_kind::limit:
      return limit::effect(rule, facts);
    case rule_kind::risk:
      return risk::effect(rule, facts);
    case rule_kind::tool_selection:
      return tool_selection::effect(rule, facts);
    case rule_kind::fee:
      return fee::effect(rule, facts);
    case rule_kind::split:
      return split::effect(rule, facts);
  }
  return {};
}

}  // namespace payloom::core::rules
