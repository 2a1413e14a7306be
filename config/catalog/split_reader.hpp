#pragma once
// Reads the split plans (config/payments/splits.yaml).
#include "actors/core/catalog/split_plan.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

/// The plans below the key `plans`; a plan's currency is named as in `ledgers`. Every mistake goes to `reader`.
core::catalog::split_plans read_split_plans(yaml_reader& reader, const YAML::Node& plans,
                                            const ledger_directory& ledgers);

}  // namespace payloom::config
