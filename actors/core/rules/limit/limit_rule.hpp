#pragma once
// limit: how much one payment may move, or that it may not.
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {
class action_reader;

namespace limit {

/// then: {min, max} (one or both) or {refuse: true}.
void compile(action_reader& from, rule_action& to);

inline rule_effect effect(const rule_action& rule, const rule_facts& facts) {
  const bool within = facts.amount_minor >= rule.min_minor && facts.amount_minor <= rule.max_minor;
  return {within ? rule.refusal : result_code::rule_refused};
}

}  // namespace limit
}  // namespace payloom::core::rules
