#pragma once
// Reads the chart of accounts (config/payments/chart.yaml).
#include "actors/core/catalog/chart.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

/// The chart below the key `roles`. Every mistake goes to `reader`.
core::catalog::chart read_chart(yaml_reader& reader, const YAML::Node& roles);

}  // namespace payloom::config
