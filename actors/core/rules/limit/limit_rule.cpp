#include "actors/core/rules/limit/limit_rule.hpp"

#include "actors/core/rules/action_reader.hpp"

namespace payloom::core::rules::limit {

void compile(action_reader& from, rule_action& to) {
  from.allow({"min", "max", "refuse"});
  const bool refuses = from.find("refuse") != nullptr;
  if (refuses && from.word("refuse", {"true"})) to.refusal = result_code::rule_refused;
  to.min_minor = from.amount("min").value_or(0);
  to.max_minor = from.amount("max").value_or(u128_max);
  const bool bounds = from.find("min") != nullptr || from.find("max") != nullptr;
  if (bounds == refuses) from.complain("say `min` and `max`, one of them, or `refuse: true`");
  if (to.min_minor > to.max_minor) from.complain("min is above max: nothing could be paid");
}

}  // namespace payloom::core::rules::limit
