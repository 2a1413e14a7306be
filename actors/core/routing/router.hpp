#pragma once
// Which channel an attempt takes (domain.md "Routing inside orchestration"), in this order: the channel that the
// payment names; else what can do it (operation, ledger, amount, windows, the day's and the unknown money's limits),
// the first rule that holds, health, least cost, the first of the plan. Pure: the same in, the same out; allocates
// nothing.
#include "actors/core/routing/route_plan.hpp"
#include "actors/core/routing/route_state.hpp"

namespace payloom::core::routing {

/// `state` must have been ticked at `now`; `draw` is below limits::rate_whole, fresh for each attempt. Whoever makes
/// the attempt applies the decision to the state before the next one is asked for.
route_decision route(const route_question& q, const route_plan& plan, const route_state& state, std::uint32_t draw,
                     time_ns now);

}  // namespace payloom::core::routing
