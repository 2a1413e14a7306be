#pragma once
// Reads config/payments/business_map.yaml. The form of the file is described in config/payments/README.md.
#include <optional>

#include "actors/core/catalog/business_map.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

/// What stands in the file, with places; every mistake of form goes to `reader`, also ledgers that `ledgers` does not
/// know. Meaning is checked by `core::catalog::compile_business_map`, also when the form has mistakes.
core::catalog::business_map_definition read_business_map(yaml_reader& reader, const YAML::Node& root,
                                                         const ledger_directory& ledgers);

/// Reads, checks and compiles; nullopt with everything that is wrong in `reader`: a file is taken whole or not at all.
std::optional<core::catalog::business_map> load_business_map(yaml_reader& reader, const YAML::Node& root,
                                                             const ledger_directory& ledgers,
                                                             const core::catalog::map_references& others);

}  // namespace payloom::config
