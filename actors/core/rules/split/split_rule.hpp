#pragma once
// split: another split plan than the posting rule says.
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {
class action_reader;

namespace split {

/// then: {split_plan: NAME}, with the same receivers as the plan that it stands for. A refund is split by the plan that
/// the payment was split by, and nothing but the order is there to tell which: so the conditions may only be about what
/// never changes of an order (amount: the whole order's).
void compile(action_reader& from, rule_action& to);

inline rule_effect effect(const rule_action& rule, const rule_facts&) { return {result_code::ok, nullptr, rule.split}; }

}  // namespace split
}  // namespace payloom::core::rules
