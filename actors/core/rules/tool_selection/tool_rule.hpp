#pragma once
// tool_selection: which tools may pay.
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {
class action_reader;

namespace tool_selection {

/// then: {tools: [balance, ...]}: those that may pay, and no others.
void compile(action_reader& from, rule_action& to);

inline rule_effect effect(const rule_action& rule, const rule_facts& facts) {
  return {(facts.tools & ~rule.tools) == 0 ? result_code::ok : result_code::rule_refused};
}

}  // namespace tool_selection
}  // namespace payloom::core::rules
