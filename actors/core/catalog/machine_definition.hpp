#pragma once
// State machines as they are written down (config/payments/machines.yaml): plain data with places, not checked yet.
// `compile_machines` (machine_catalog.hpp) checks all of it and makes the tables that run.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "actors/core/catalog/definition.hpp"

namespace payloom::core::catalog {

/// Orders and payments have a vocabulary of events each: all machines of one kind understand the same events.
enum class machine_kind : std::uint8_t { order, payment };
inline constexpr std::size_t machine_kinds = 2;

enum class state_kind : std::uint8_t {
  initial,  ///< before the first event; left in the commit unit that makes the entity, so it never waits
  waiting,  ///< rests in the journal until an event; always has a timeout
  terminal  ///< nothing leads out of it
};

/// Who raises an event. A timer may only ask, never decide what became of money (domain OV-1: no layer moves by
/// guessing).
enum class event_source : std::uint8_t { command, fact, timer };
inline constexpr std::size_t event_sources = 3;

/// What happens to an event in a state.
enum class verdict : std::uint8_t {
  move,      ///< the next state is taken (it may be the same one: the event counts, e.g. it has postings)
  ignore,    ///< idempotent: answered as done, nothing changes
  refuse,    ///< final conflict: a numbered refusal
  open_case  ///< contradicts what is known: a case with an owner is opened, the state stays
};

struct event_definition {
  placed_name name;
  event_source source = event_source::command;
};

struct transition_definition {
  placed_name event;
  placed_name to;
};

/// An event that moves nothing in a state, and how it is answered.
struct answer_definition {
  placed_name event;
  verdict answer = verdict::refuse;
};

/// After `after` (a named duration) without another move `event` is raised; after `times` in a row `then` instead.
struct timeout_definition {
  placed_name after;
  placed_name event;
  std::uint32_t times = 0;  ///< 0: without end
  std::optional<placed_name> then;
};

struct state_definition {
  placed_name name;
  state_kind kind = state_kind::waiting;
  /// What became of the money is not known here: only facts lead out to states without this mark. Timers and commands
  /// stay among the states that have it, so nothing unknown ever times out into a failure (domain 1.3).
  bool fact_only = false;
  std::optional<timeout_definition> timeout;
  std::vector<transition_definition> moves;
  std::vector<answer_definition> answers;
};

struct machine_definition {
  placed_name name;
  machine_kind kind = machine_kind::order;
  /// The answer to an event that a state does not mention, by the event's source; never `move`.
  std::array<verdict, event_sources> otherwise = {verdict::refuse, verdict::open_case, verdict::ignore};
  std::vector<state_definition> states;  ///< a state's number is its position here: append only
};

struct duration_definition {
  placed_name name;
  std::chrono::seconds value{0};
};

/// Everything that machines.yaml holds.
struct machines_definition {
  std::vector<duration_definition> durations;
  std::array<std::vector<event_definition>, machine_kinds>
      events;  ///< an event's number is its position here: append only
  /// By kind; a machine's number is its position here: append only.
  std::array<std::vector<machine_definition>, machine_kinds> machines;
};

}  // namespace payloom::core::catalog
