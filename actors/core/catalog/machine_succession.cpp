// What the next version of a catalogue may do to the machines of this one (declared in machine_catalog.hpp).
#include <algorithm>
#include <string>

#include "actors/core/catalog/machine_catalog.hpp"

namespace payloom::core::catalog {
namespace {

bool has_same_name(const std::string& what, std::string_view before, const placed_name& now, problem_list& problems) {
  if (now.text == before) return true;
  problems.add(now.at, what + " " + now.text + " stands where " + std::string(before) +
                           " stood: numbers are positions and stand in the journal, so only append");
  return false;
}

// What is gone has no place of its own: its owner's is shown.
void check_not_fewer(const std::string& what, std::size_t before, std::size_t now, source_place at,
                     problem_list& problems) {
  if (now >= before) return;
  problems.add(at, std::to_string(before - now) + " " + what + " fewer than before: keep them, the journal has them");
}

void check_events(const std::string& what, const event_vocabulary& before, const std::vector<event_definition>& now,
                  problem_list& problems) {
  for (std::size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
    const event_index event = static_cast<event_index>(i);
    if (!has_same_name(what, before.name(event), now[i].name, problems)) continue;
    if (now[i].source != before.source(event)) {
      problems.add(now[i].name.at, what + " " + now[i].name.text + " has another source than before: add a new event");
    }
  }
  check_not_fewer(what + "s", before.size(), now.size(), {}, problems);
}

void check_states(const state_machine& before, const machine_definition& now, problem_list& problems) {
  const std::string what = "machine " + before.name() + ": state";
  for (std::size_t i = 0; i < std::min(before.state_count(), now.states.size()); ++i) {
    const state_machine::state& was = before.at(static_cast<state_index>(i));
    const state_definition& is = now.states[i];
    if (!has_same_name(what, was.name, is.name, problems)) continue;
    if (is.kind != was.kind) {
      problems.add(is.name.at, what + " " + was.name + " has another kind than before: add a new state");
    }
  }
  check_not_fewer("states of machine " + before.name(), before.state_count(), now.states.size(), now.name.at, problems);
}

}  // namespace

void check_succession(const machine_catalog& before, const machines_definition& next, problem_list& problems) {
  for (const machine_kind kind : {machine_kind::order, machine_kind::payment}) {
    const std::string what(to_string(kind));
    check_events(what + " event", before.events(kind), next.events[static_cast<std::size_t>(kind)], problems);
    const std::span<const state_machine> were = before.machines(kind);
    const std::vector<machine_definition>& now = next.machines[static_cast<std::size_t>(kind)];
    for (std::size_t i = 0; i < std::min(were.size(), now.size()); ++i) {
      if (has_same_name(what + " machine", were[i].name(), now[i].name, problems)) {
        check_states(were[i], now[i], problems);
      }
    }
    check_not_fewer(what + " machines", were.size(), now.size(), {}, problems);
  }
}

}  // namespace payloom::core::catalog
