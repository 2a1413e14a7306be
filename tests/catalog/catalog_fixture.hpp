#pragma once
// Loads machines and business maps from texts and files, and shows problems as text, one per line.
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "actors/core/catalog/business_map.hpp"
#include "actors/core/catalog/machine_catalog.hpp"
#include "config/catalog/business_map_reader.hpp"
#include "config/catalog/machine_reader.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::catalog_test {

using namespace core::catalog;

inline std::string lines_of(const config::yaml_reader& reader) {
  std::string out;
  for (const config::problem& p : reader.problems()) out += config::to_string(p) + "\n";
  return out;
}

/// What a text or a file was compiled to, or the problems.
template <class Made>
struct loaded {
  std::optional<Made> made;
  std::string problems;
};

inline loaded<machine_catalog> compile_root(config::yaml_reader& reader, const std::optional<YAML::Node>& root) {
  std::optional<machine_catalog> made;
  if (root) made = config::load_machines(reader, *root);
  return {std::move(made), lines_of(reader)};
}

inline loaded<machine_catalog> load_machines(std::string_view text) {
  config::yaml_reader reader("f");
  return compile_root(reader, reader.parse(text));
}

inline loaded<machine_catalog> shipped_machines() {
  config::yaml_reader reader("machines.yaml");
  return compile_root(reader, reader.parse_file(PAYLOOM_SOURCE_DIR "/config/payments/machines.yaml"));
}

/// The definition in a text without problems of form.
inline machines_definition define_machines(std::string_view text) {
  config::yaml_reader reader("f");
  return config::read_machines(reader, *reader.parse(text));
}

inline loaded<business_map> compile_map(config::yaml_reader& reader, const std::optional<YAML::Node>& root,
                                        const map_references& others) {
  std::optional<business_map> made;
  if (root) made = config::load_business_map(reader, *root, config::ledger_directory(), others);
  return {std::move(made), lines_of(reader)};
}

/// The step of a machine, all by name: "PAID", or "ignore", "refuse", "case" when it stays.
inline std::string step_of(const machine_catalog& all, const state_machine& machine, std::string_view state,
                           std::string_view event) {
  const std::optional<state_index> at = machine.find_state(state);
  const std::optional<event_index> what = all.events(machine.kind()).find(event);
  if (!at || !what) return "no such state or event";
  const machine_step step = machine.next(*at, *what);
  switch (step.what) {
    case verdict::move:
      return machine.at(step.to).name;
    case verdict::ignore:
      return "ignore";
    case verdict::refuse:
      return "refuse";
    case verdict::open_case:
      return "case";
  }
  return "no verdict";
}

/// A small catalogue of one order and one payment machine; tests change one line of it.
inline constexpr std::string_view small_machines = R"(durations: {soon: 5s, later: 2h}
order_events: {pay: command, cancel: command, paid: fact, failed: fact, ask: timer, expire: timer}
payment_events: {start: command, done: fact, failed: fact, query: timer, spent: timer}
orders:
  sale:
    otherwise: {command: refuse, fact: case, timer: ignore}
    states:
      NEW: {kind: initial, moves: {pay: PAYING}}
      PAYING:
        fact_only: true
        timeout: {after: soon, event: ask}
        moves: {paid: PAID, failed: OPEN, ask: PAYING}
      OPEN:
        timeout: {after: later, event: expire}
        moves: {pay: PAYING, cancel: CLOSED, expire: CLOSED}
        ignore: [failed]
      PAID: {kind: final, ignore: [paid], refuse: [failed]}
      CLOSED: {kind: final, case: [cancel]}
payments:
  in:
    otherwise: {command: refuse, fact: case, timer: ignore}
    states:
      INIT: {kind: initial, moves: {start: SENT}}
      SENT:
        fact_only: true
        timeout: {after: soon, event: query, times: 3, then: spent}
        moves: {done: DONE, failed: FAILED, query: SENT, spent: MANUAL}
      MANUAL:
        fact_only: true
        timeout: {after: later, event: query}
        moves: {done: DONE, failed: FAILED, query: MANUAL}
      DONE: {kind: final}
      FAILED: {kind: final}
)";

/// `text` with the one place of `from` replaced by `to`; throws when it is not there exactly once.
inline std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  if (at == std::string::npos || out.find(from, at + 1) != std::string::npos) {
    throw std::logic_error("not there exactly once: " + std::string(from));
  }
  return out.replace(at, from.size(), to);
}

}  // namespace payloom::catalog_test
