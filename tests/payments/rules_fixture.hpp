#pragma once
// The shipped catalogue with rules of the test's own.
#include "actors/core/rules/rule_judge.hpp"
#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {

/// One rule: `rest` is the flow map's inside, e.g. "kind: limit, state: ACTIVE, when: {...}, then: {...}".
struct rule_text {
  std::string name;
  int id;
  int priority;
  std::string rest;
};

inline support::edited_catalog with_rules(const std::vector<rule_text>& rules, std::uint32_t version = 1,
                                          int rule_version = 1) {
  std::string text = "rules:\n";
  for (const rule_text& r : rules)
    text += "  " + r.name + ": {id: " + std::to_string(r.id) + ", version: " + std::to_string(rule_version) +
            ", priority: " + std::to_string(r.priority) + ", " + r.rest + "}\n";
  support::edited_catalog files;
  files.version(version);
  if (!rules.empty()) files.replace("rules.yaml", "\nrules: {}\n", "\n" + text);
  return files;
}

inline config::payment_catalog_result load(const support::edited_catalog& files,
                                           const core::catalog::payment_catalog* before = nullptr) {
  return config::read_payment_catalog(files, config::ledger_directory{}, {"", before});
}

inline std::shared_ptr<const core::catalog::payment_catalog> load_rules(const std::vector<rule_text>& rules) {
  const auto loaded = load(with_rules(rules));
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return loaded.value;
}

}  // namespace payloom::test
