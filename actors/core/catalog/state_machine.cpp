#include "actors/core/catalog/state_machine.hpp"

#include <algorithm>

namespace payloom::core::catalog {

state_machine::state_machine(std::string name, machine_kind kind, std::size_t events, std::vector<state> states,
                             std::vector<machine_step> steps)
    : name_(std::move(name)), kind_(kind), events_(events), states_(std::move(states)), steps_(std::move(steps)) {
  PAYLOOM_ASSERT(steps_.size() == states_.size() * events_);
  const auto first = std::ranges::find(states_, state_kind::initial, &state::kind);
  PAYLOOM_ASSERT(first != states_.end());
  initial_ = static_cast<state_index>(first - states_.begin());
}

std::optional<state_index> state_machine::find_state(std::string_view name) const {
  const auto at = std::ranges::find(states_, name, &state::name);
  if (at == states_.end()) return std::nullopt;
  return static_cast<state_index>(at - states_.begin());
}

bool state_machine::moves_on(event_index event) const {
  for (std::size_t at = 0; at < states_.size(); ++at) {
    if (next(static_cast<state_index>(at), event).what == verdict::move) return true;
  }
  return false;
}

bool state_machine::has_fact_only() const { return std::ranges::any_of(states_, &state::fact_only); }

}  // namespace payloom::core::catalog
