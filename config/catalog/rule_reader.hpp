#pragma once
// Reads config/payments/rules.yaml. The form of the file is described in config/payments/README.md.
#include "actors/core/rules/rule.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

/// What stands in the file, with places; every mistake of form goes to `reader`. Meaning is checked by
/// `core::rules::compile_rules`. `version`: of the other files.
core::rules::rules_definition read_rules(yaml_reader& reader, const YAML::Node& root, const ledger_directory& ledgers,
                                         std::uint32_t version);

}  // namespace payloom::config
