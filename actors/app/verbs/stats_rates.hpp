#pragma once
// What two readings of the statistics, some seconds apart, say about the time between them.
#include "actors/app/verbs/table.hpp"

namespace payloom::verbs {

/// `now` with rates beside its counters: `busy_percent` for `busy_ns`, `events_per_second` for `events`, and
/// `events_per_batch` (`events_per_group`) over the interval instead of since the start.
json with_rates(const json& before, const json& now, double seconds);

}  // namespace payloom::verbs
