#pragma once
// Checks one state machine as it was written down and compiles it to its table (domain TC-1, PC-2). Pure.
#include <optional>
#include <vector>

#include "actors/core/catalog/event_vocabulary.hpp"
#include "actors/core/catalog/machine_definition.hpp"
#include "actors/core/catalog/state_machine.hpp"

namespace payloom::core::catalog {

/// The machine, or nullopt and at least one problem. All mistakes within the states are told at once; whether states
/// can be reached and left is only checked when every name in the machine is known, since it would mislead otherwise.
std::optional<state_machine> compile_machine(const machine_definition& from, const event_vocabulary& events,
                                             const std::vector<duration_definition>& durations, problem_list& problems);

}  // namespace payloom::core::catalog
