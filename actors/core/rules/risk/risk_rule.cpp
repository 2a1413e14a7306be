#include "actors/core/rules/risk/risk_rule.hpp"

#include "actors/core/rules/action_reader.hpp"

namespace payloom::core::rules::risk {

void compile(action_reader& from, rule_action& to) {
  constexpr result_code refusals[] = {result_code::ok, result_code::rule_refused, result_code::rule_review};
  from.allow({"decision"});
  if (const auto word = from.word("decision", {"allow", "refuse", "review"})) to.refusal = refusals[*word];
}

}  // namespace payloom::core::rules::risk
