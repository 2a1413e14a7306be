#include "actors/core/routing/health_plan.hpp"

#include <string>

namespace payloom::core::routing {

void check_health_plan(const health_plan& p, catalog::source_place at, catalog::problem_list& problems) {
  const auto need = [&](bool holds, const char* what) {
    if (!holds) problems.add(at, std::string("health: ") + what);
  };
  need(p.samples_min >= 1, "samples_min is 0: one sample is the least that says something");
  need(p.open_share <= 1000 && p.degraded_share <= 1000, "a share is above 1,000 per mille: lower it");
  need(p.recovered_share <= p.degraded_share, "recovered_share is above degraded_share: it would never be left");
  need(p.degraded_share <= p.open_share, "degraded_share is above open_share: swap them");
  need(p.failures_in_row >= 1, "failures_in_row is 0: one failure is the least");
  need(p.open_ns >= second_ns && p.open_ns <= open_bound, "open_ns is out of bounds: 1 s .. 1 h");
  need(p.open_max_ns >= p.open_ns && p.open_max_ns <= open_bound, "open_max_ns is out of bounds: open_ns .. 1 h");
  need(p.answer_timeout_ns >= second_ns && p.answer_timeout_ns <= answer_timeout_bound,
       "answer_timeout_ns is out of bounds: 1 s .. 5 min");
  need(p.probes_needed >= 1, "probes_needed is 0: one probe is the least");
  need(p.ramp_successes >= 1, "ramp_successes is 0: one success is the least");
  need(p.loss_budget_minor >= 1, "loss_budget_minor is 0: no probe could ever be sent");
  need(p.keys_max <= keys_bound, "keys_max is above 65,536: lower it");
  need(p.override_max_ns >= second_ns, "override_max_ns is below one second");
  bool rises = p.ramp_share.front() > 0 && p.ramp_share.back() == limits::rate_whole;
  for (std::size_t i = 1; i < ramp_steps; ++i) rises = rises && p.ramp_share[i] > p.ramp_share[i - 1];
  need(rises, "ramp_share must rise from step to step up to the whole");
}

}  // namespace payloom::core::routing
