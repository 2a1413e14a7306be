#pragma once
// fee: another fee plan than the business map says.
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {
class action_reader;

namespace fee {

/// then: {fee_plan: NAME}. It must fit every product that the rule is about: who bears the fee, and what refunds
/// return.
void compile(action_reader& from, rule_action& to);

inline rule_effect effect(const rule_action& rule, const rule_facts&) { return {result_code::ok, rule.fee}; }

}  // namespace fee
}  // namespace payloom::core::rules
