#pragma once
// The events that all machines of one kind understand. Immutable after load; any thread may read it. An event's number
// is its position and stands in the journal, so a later version of a catalogue may only append.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/machine_definition.hpp"

namespace payloom::core::catalog {

using event_index = std::uint8_t;

class event_vocabulary {
 public:
  event_vocabulary() = default;

  /// Takes every event of `defined`; complains about names that stand twice and about too many events (the rest is
  /// left out).
  event_vocabulary(const std::vector<event_definition>& defined, problem_list& problems);

  std::size_t size() const { return events_.size(); }

  /// The number of an event; nullopt when there is none of this name. Linear: for load and for people.
  std::optional<event_index> find(std::string_view name) const;

  /// `event` must be below `size()`.
  std::string_view name(event_index event) const { return events_[event].name; }
  event_source source(event_index event) const { return events_[event].source; }

  /// All names, for suggestions.
  std::vector<std::string> names() const;

 private:
  struct entry {
    std::string name;
    event_source source;
  };
  std::vector<entry> events_;
};

}  // namespace payloom::core::catalog
