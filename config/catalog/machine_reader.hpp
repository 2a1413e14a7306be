#pragma once
// Reads config/payments/machines.yaml. The form of the file is described in config/payments/README.md.
#include <optional>

#include "actors/core/catalog/machine_catalog.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

/// What stands in the file, with places; every mistake of form goes to `reader`. Meaning is checked by
/// `core::catalog::compile_machines`, also when the form has mistakes: whatever could be read is in the result.
core::catalog::machines_definition read_machines(yaml_reader& reader, const YAML::Node& root);

/// Reads, checks and compiles; nullopt with everything that is wrong in `reader`: a file is taken whole or not at all.
std::optional<core::catalog::machine_catalog> load_machines(yaml_reader& reader, const YAML::Node& root);

}  // namespace payloom::config
