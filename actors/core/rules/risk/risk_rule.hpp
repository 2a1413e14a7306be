#pragma once
// risk: whether a payment may be made at all, or somebody has to look at it first.
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {
class action_reader;

namespace risk {

/// then: {decision: allow | refuse | review}.
void compile(action_reader& from, rule_action& to);

inline rule_effect effect(const rule_action& rule, const rule_facts&) { return {rule.refusal}; }

}  // namespace risk
}  // namespace payloom::core::rules
