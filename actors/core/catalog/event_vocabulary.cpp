#include "actors/core/catalog/event_vocabulary.hpp"

#include <algorithm>

#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

event_vocabulary::event_vocabulary(const std::vector<event_definition>& defined, problem_list& problems) {
  for (const event_definition& event : defined) {
    if (events_.size() == limits::machine_events_max) {
      problems.add(event.name.at, "event " + event.name.text + " is one more than the " +
                                      std::to_string(limits::machine_events_max) + " allowed: join some");
      return;
    }
    if (find(event.name.text)) {
      problems.add(event.name.at, "event " + event.name.text + " stands twice: remove one");
    } else {
      events_.push_back({event.name.text, event.source});
    }
  }
}

std::optional<event_index> event_vocabulary::find(std::string_view name) const {
  const auto at = std::ranges::find(events_, name, &entry::name);
  if (at == events_.end()) return std::nullopt;
  return static_cast<event_index>(at - events_.begin());
}

std::vector<std::string> event_vocabulary::names() const {
  std::vector<std::string> out;
  for (const entry& e : events_) out.push_back(e.name);
  return out;
}

}  // namespace payloom::core::catalog
