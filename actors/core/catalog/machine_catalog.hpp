#pragma once
// All state machines of one version of the catalogue. Immutable after `compile_machines`; any thread may read it.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/event_vocabulary.hpp"
#include "actors/core/catalog/machine_definition.hpp"
#include "actors/core/catalog/state_machine.hpp"

namespace payloom::core::catalog {

using machine_index = std::uint8_t;  ///< within its kind; stands in the journal

class machine_catalog {
 public:
  using machine_lists = std::array<std::vector<state_machine>, machine_kinds>;

  /// For `compile_machines` alone, which has checked all of it.
  machine_catalog(std::array<event_vocabulary, machine_kinds> events, machine_lists machines)
      : events_(std::move(events)), machines_(std::move(machines)) {}

  const event_vocabulary& events(machine_kind kind) const { return events_[static_cast<std::size_t>(kind)]; }

  std::span<const state_machine> machines(machine_kind kind) const { return machines_[static_cast<std::size_t>(kind)]; }

  /// A number that the catalogue does not have is a bug of ours.
  const state_machine& at(machine_kind kind, machine_index index) const {
    PAYLOOM_ASSERT(index < machines(kind).size());
    return machines(kind)[index];
  }

  /// The number of a machine within its kind; nullopt when there is none. Linear: for load and for people.
  std::optional<machine_index> find(machine_kind kind, std::string_view name) const;

  /// The names of all machines of one kind, for suggestions.
  std::vector<std::string> names(machine_kind kind) const;

 private:
  std::array<event_vocabulary, machine_kinds> events_;
  machine_lists machines_;
};

/// "order" or "payment".
std::string_view to_string(machine_kind kind);

/// Checks everything in `from` and compiles it; nullopt with at least one problem when anything is wrong.
std::optional<machine_catalog> compile_machines(const machines_definition& from, problem_list& problems);

/// Numbers of machines, states and events stand in the journal, so the next version of a catalogue may only append:
/// complains about whatever `next` moves, renames, removes or turns into another kind.
void check_succession(const machine_catalog& before, const machines_definition& next, problem_list& problems);

}  // namespace payloom::core::catalog
