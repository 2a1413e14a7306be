#pragma once
// One state machine of the catalogue, compiled: a flat array of states x events. Nothing is implicit: every state has a
// step for every event of its kind, a move or an answer. Immutable after load, any thread may read it; `next` neither
// allocates nor branches on anything but the table. Made by `compile_machine` (machine_compiler.hpp).
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/event_vocabulary.hpp"
#include "actors/core/catalog/machine_definition.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {

using state_index = std::uint8_t;
using duration_index = std::uint8_t;

/// What one event does in one state; `to` is the state itself unless `what` is `move`.
struct machine_step {
  verdict what = verdict::refuse;
  state_index to = 0;
  friend bool operator==(const machine_step&, const machine_step&) = default;
};
static_assert(sizeof(machine_step) == 2);

/// The timeout of a waiting state.
struct machine_timeout {
  std::chrono::seconds after{0};  ///< unless the entity brings its own (an order's expiry)
  duration_index key = 0;         ///< which named duration that is
  event_index event = 0;          ///< raised every `after`
  std::uint32_t times = 0;        ///< so often in a row; 0: without end
  event_index then = 0;           ///< raised after that; equal to `event` when `times` is 0
};

class state_machine {
 public:
  struct state {
    std::string name;
    state_kind kind = state_kind::waiting;
    bool fact_only = false;
    std::optional<machine_timeout> timeout;  ///< waiting states have one, others none
  };

  /// `steps` has states x events entries, state by state. For `compile_machine` alone, which has checked all of it.
  state_machine(std::string name, machine_kind kind, std::size_t events, std::vector<state> states,
                std::vector<machine_step> steps);

  const std::string& name() const { return name_; }
  machine_kind kind() const { return kind_; }
  std::size_t state_count() const { return states_.size(); }
  std::size_t event_count() const { return events_; }

  /// The state before the first event.
  state_index initial() const { return initial_; }

  /// What `event` does in `at`. Numbers that the machine does not have are a bug of ours.
  machine_step next(state_index at, event_index event) const {
    PAYLOOM_ASSERT(at < states_.size() && event < events_);
    return steps_[at * events_ + event];
  }

  /// A state's name, kind, mark and timeout. A number that the machine does not have is a bug of ours.
  const state& at(state_index index) const {
    PAYLOOM_ASSERT(index < states_.size());
    return states_[index];
  }

  /// The number of a state; nullopt when there is none of this name. Linear: for load and for people.
  std::optional<state_index> find_state(std::string_view name) const;

  /// True when some state moves on this event.
  bool moves_on(event_index event) const;

  /// True when what became of the money can be unknown in one of its states: such a form may use external tools.
  bool has_fact_only() const;

 private:
  std::string name_;
  machine_kind kind_;
  std::size_t events_;  // columns of steps_
  state_index initial_ = 0;
  std::vector<state> states_;
  std::vector<machine_step> steps_;
};

}  // namespace payloom::core::catalog
