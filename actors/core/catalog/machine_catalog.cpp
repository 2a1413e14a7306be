#include "actors/core/catalog/machine_catalog.hpp"

#include <algorithm>

#include "actors/core/catalog/machine_compiler.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {
namespace {

constexpr std::array kinds = {machine_kind::order, machine_kind::payment};

bool uses(const machine_definition& machine, const std::string& duration) {
  return std::ranges::any_of(machine.states, [&](const state_definition& state) {
    return state.timeout && state.timeout->after.text == duration;
  });
}

void check_durations(const machines_definition& from, problem_list& problems) {
  if (from.durations.size() > limits::machine_durations_max) {
    problems.add(from.durations[limits::machine_durations_max].name.at,
                 "more than " + std::to_string(limits::machine_durations_max) + " durations: join some");
  }
  for (std::size_t i = 0; i < from.durations.size(); ++i) {
    const placed_name& name = from.durations[i].name;
    for (std::size_t k = 0; k < i; ++k) {
      if (from.durations[k].name.text != name.text) continue;
      problems.add(name.at, "duration " + name.text + " stands twice: remove one");
    }
    const bool used = std::ranges::any_of(from.machines, [&](const std::vector<machine_definition>& machines) {
      return std::ranges::any_of(machines, [&](const machine_definition& m) { return uses(m, name.text); });
    });
    if (!used) problems.add(name.at, "no timeout uses the duration " + name.text + ": remove it");
  }
}

std::vector<state_machine> compile_kind(machine_kind kind, const machines_definition& from,
                                        const event_vocabulary& events, problem_list& problems) {
  const std::vector<machine_definition>& machines = from.machines[static_cast<std::size_t>(kind)];
  if (machines.empty()) problems.add({}, "no " + std::string(to_string(kind)) + " machine: define at least one");
  if (machines.size() > limits::machines_max) {
    problems.add(machines[limits::machines_max].name.at,
                 "more than " + std::to_string(limits::machines_max) + " machines of a kind: remove some");
  }
  std::vector<state_machine> made;
  for (std::size_t i = 0; i < machines.size(); ++i) {
    PAYLOOM_ASSERT(machines[i].kind == kind);
    for (std::size_t k = 0; k < i; ++k) {
      if (machines[k].name.text != machines[i].name.text) continue;
      problems.add(machines[i].name.at, "machine " + machines[i].name.text + " stands twice: rename one");
    }
    std::optional<state_machine> machine = compile_machine(machines[i], events, from.durations, problems);
    if (machine) made.push_back(std::move(*machine));
  }
  return made;
}

// An event on which no machine moves is a mistake in a name, or left over.
void check_events_used(const machines_definition& from, const machine_catalog& made, problem_list& problems) {
  for (const machine_kind kind : kinds) {
    for (const event_definition& event : from.events[static_cast<std::size_t>(kind)]) {
      const event_index index = *made.events(kind).find(event.name.text);
      if (std::ranges::any_of(made.machines(kind), [&](const state_machine& m) { return m.moves_on(index); })) continue;
      problems.add(event.name.at,
                   "no " + std::string(to_string(kind)) + " moves on the event " + event.name.text + ": remove it");
    }
  }
}

}  // namespace

std::string_view to_string(machine_kind kind) { return kind == machine_kind::order ? "order" : "payment"; }

std::optional<machine_index> machine_catalog::find(machine_kind kind, std::string_view name) const {
  const std::span<const state_machine> all = machines(kind);
  const auto at = std::ranges::find_if(all, [&](const state_machine& m) { return m.name() == name; });
  if (at == all.end()) return std::nullopt;
  return static_cast<machine_index>(at - all.begin());
}

std::vector<std::string> machine_catalog::names(machine_kind kind) const {
  std::vector<std::string> out;
  for (const state_machine& m : machines(kind)) out.push_back(m.name());
  return out;
}

std::optional<machine_catalog> compile_machines(const machines_definition& from, problem_list& problems) {
  const std::size_t before = problems.size();
  check_durations(from, problems);
  std::array<event_vocabulary, machine_kinds> events;
  machine_catalog::machine_lists machines;
  for (const machine_kind kind : kinds) {
    const std::size_t k = static_cast<std::size_t>(kind);
    events[k] = event_vocabulary(from.events[k], problems);
    machines[k] = compile_kind(kind, from, events[k], problems);
  }
  if (problems.size() != before) return std::nullopt;
  machine_catalog made(std::move(events), std::move(machines));
  check_events_used(from, made, problems);
  if (problems.size() != before) return std::nullopt;
  return made;
}

}  // namespace payloom::core::catalog
