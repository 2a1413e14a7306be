#pragma once
// Checks rules against the catalogue that they belong to, and compiles them. At load only.
#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/rules/rule.hpp"
#include "actors/core/rules/rule_table.hpp"

namespace payloom::core::rules {

/// The table; whatever is wrong is added to `problems`, and then it must not be used. `of` outlives the table.
rule_table compile_rules(rules_definition from, const catalog::payment_catalog& of, problem_list& problems);

/// What the next version of a catalogue may do to rules: ids stand in the journal, so a rule stays (RETIRED at the
/// end), keeps its kind, and has a larger version when it says something else. Its state may change.
void check_succession(const rule_table& before, const rules_definition& next, problem_list& problems);

}  // namespace payloom::core::rules
