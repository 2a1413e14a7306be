#pragma once
// Reads the settlement plans (config/payments/settlements.yaml).
#include "actors/core/catalog/settlement_plan.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

/// The whole file; `version` is what the other files of the catalogue say. Every mistake goes to `reader`, what is
/// wrong with the plans as well.
core::catalog::settlement_plans load_settlement_plans(yaml_reader& reader, const YAML::Node& root,
                                                      std::uint32_t version, const ledger_directory& ledgers,
                                                      const core::catalog::name_set& named_by_map,
                                                      const core::catalog::fee_plans& fees);

}  // namespace payloom::config
