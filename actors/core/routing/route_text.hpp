#pragma once
// A decision in words, for people: `payloom route explain`. Not for the data path.
#include <string>
#include <string_view>

#include "actors/core/routing/replay.hpp"
#include "actors/core/routing/route_plan.hpp"

namespace payloom::core::routing {

std::string_view to_string(health_state state);
std::string_view to_string(health_refusal refusal);
std::string_view to_string(attempt_outcome outcome);
std::string_view to_string(drop_reason reason);
std::string_view to_string(route_step step);

/// Some lines without a last line's end: what was asked, what was chosen and why, then each candidate. Numbers that the
/// plan has no name for (it may be a later one than the decision's) are shown as numbers.
std::string route_text(const route_decision& d, const route_plan& plan);
/// What another plan would have changed, a line for each pair of channels.
std::string replay_text(const replay_result& r, const route_plan& plan);

}  // namespace payloom::core::routing
