#pragma once
// Reads checks.yaml; what it means is said there, what is wrong with it is said by `check_plans::make`.
#include "actors/core/catalog/check_plan.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

struct checks_file {
  std::uint32_t version = 0;
  core::catalog::check_plans plans;
};

/// Whole only when `reader` has no problems afterwards.
checks_file read_checks(yaml_reader& reader, const YAML::Node& root);

}  // namespace payloom::config
