#pragma once
// Reads channels.yaml; what it means is said there, what is wrong with it is said by `channel_plans::make`.
#include "actors/core/catalog/channel_plan.hpp"
#include "config/catalog/yaml_reader.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::config {

struct channels_file {
  std::uint32_t version = 0;
  core::catalog::channel_plans plans;
};

/// Whole only when `reader` has no problems afterwards.
channels_file read_channels(yaml_reader& reader, const YAML::Node& root, const ledger_directory& ledgers);

}  // namespace payloom::config
