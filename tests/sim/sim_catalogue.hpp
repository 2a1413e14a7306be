#pragma once
// The catalogue that the simulation runs with: the shipped one, but for channels at which everything goes wrong often,
// and for checks that withdrawals and transfers wait for.
#include <memory>
#include <span>

#include "actors/core/catalog/catalog_registry.hpp"

namespace payloom::sim {

/// Read once; lives as long as the program.
std::shared_ptr<const core::catalog::catalog_registry> sim_catalogue();
std::span<const core::catalog::channel_plan> sim_channels();

}  // namespace payloom::sim
