#pragma once
// Reads the posting rules (config/payments/posting_rules.yaml): the names of given amounts, the forms with their events
// and flows, and the rules.
#include "actors/core/catalog/posting_rules.hpp"
#include "actors/core/catalog/split_plan.hpp"
#include "config/catalog/yaml_map.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

/// What rules refer to.
struct posting_references {
  const core::catalog::chart& accounts;
  const core::catalog::split_plans& splits;
};

/// The rules below the keys `amounts`, `forms` and `rules` of `root`. Every mistake goes to `reader`.
core::catalog::posting_rules read_posting_rules(yaml_reader& reader, yaml_map& root, posting_references known);

}  // namespace payloom::config
