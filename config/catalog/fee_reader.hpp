#pragma once
// Reads the fee plans (config/payments/fees.yaml).
#include "actors/core/catalog/fee_plan.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

/// The plans below the key `plans`; currencies are named as in `ledgers`. Every mistake goes to `reader`.
core::catalog::fee_plans read_fee_plans(yaml_reader& reader, const YAML::Node& plans, const ledger_directory& ledgers);

}  // namespace payloom::config
