#include "actors/core/routing/health_machine.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::core::routing {

using enum health_state;

health_state health_machine::state(time_ns now) const {
  return state_ == health_state::open && now >= open_until_ ? half_open : state_;
}

bool health_machine::has_room(const health_plan& plan, u128 amount_minor) const {
  u128 at_risk = 0;
  return checked_add(in_flight_minor_, failed_minor_, at_risk) && checked_add(at_risk, amount_minor, at_risk) &&
         at_risk <= plan.loss_budget_minor;
}

admission health_machine::ask(const health_plan& plan, u128 amount_minor, std::uint32_t draw, time_ns now) const {
  PAYLOOM_ASSERT(draw < limits::rate_whole);
  admission a;
  a.state = state(now);
  const auto refuse = [&](health_refusal why) {
    a.verdict = a.marked = health_verdict::refuse;
    a.refusal = why;
    return a;
  };
  if (is_forced(now)) return forced_ == health_override::forced_open ? refuse(health_refusal::forced_open) : a;
  if (is_steady()) return a;
  if (a.state == health_state::open) return refuse(health_refusal::open);
  if (a.state == half_open) {
    if (probe_out_) return refuse(health_refusal::probe_out);
    if (amount_minor > plan.probe_max_minor) return refuse(health_refusal::probe_too_large);
  } else if (draw >= plan.ramp_share[step_]) {
    return refuse(health_refusal::ramp_share);
  }
  if (!has_room(plan, amount_minor)) return refuse(health_refusal::loss_budget);
  if (a.state == half_open) a.verdict = a.marked = health_verdict::probe;
  a.round = round_;
  return a;
}

void health_machine::began(const health_plan& plan, std::uint32_t round, u128 amount_minor, time_ns now) {
  if (!is_ours(round)) return;
  PAYLOOM_ASSERT(has_room(plan, amount_minor));
  state_ = state(now);
  PAYLOOM_ASSERT(state_ == ramp || (state_ == half_open && !probe_out_));
  if (state_ == half_open) probe_out_ = true;
  if (in_flight_ == 0 || state_ == half_open) answer_by_ = now + plan.answer_timeout_ns;
  in_flight_minor_ += amount_minor;
  ++in_flight_;
}

u128 health_machine::release(std::uint32_t round, u128 amount_minor) {
  if (!is_ours(round) || in_flight_ == 0) return 0;
  // Told twice of one attempt, the sums end at nothing instead of below it.
  const u128 freed = std::min(in_flight_minor_, amount_minor);
  in_flight_minor_ -= freed;
  if (--in_flight_ == 0) in_flight_minor_ = 0;
  probe_out_ = false;
  return freed;
}

/// Is this failure one too many in a row?
bool health_machine::in_row(const health_plan& plan, bool failure, std::uint32_t source) {
  if (!failure) {
    in_row_ = row_source_ = 0;
    return false;
  }
  if (source == 0 || source != row_source_) ++in_row_;
  row_source_ = source;
  return in_row_ >= plan.failures_in_row;
}

health_effect health_machine::report(const health_plan& plan, attempt_outcome outcome, u128 amount_minor,
                                     std::uint32_t round, std::uint32_t source, time_ns now) {
  const bool ours = is_ours(round) && in_flight_ != 0;
  u128 freed = 0;
  if (ours) {
    freed = release(round, amount_minor);
    answer_by_ = now + plan.answer_timeout_ns;
  }
  if (outcome == attempt_outcome::withdrawn) return {};
  const bool failure = is_failure(outcome);
  if (is_steady()) {
    if (in_row(plan, failure, source)) return open(plan, now);
    return {true, false};
  }
  if (!ours) return {};  // from before it was cut
  if (state_ == half_open) return failure ? open(plan, now) : succeeded(plan);
  if (failure) return in_row(plan, true, source) ? open(plan, now) : ramp_failed(plan, freed, now);
  in_row(plan, false, source);
  return succeeded(plan);
}

health_effect health_machine::ramp_failed(const health_plan& plan, u128 amount_minor, time_ns now) {
  failed_minor_ += amount_minor;  // it was in flight, and both together fit
  if (failed_minor_ > plan.loss_budget_minor / 2) return open(plan, now);
  return {true, false};
}

health_effect health_machine::succeeded(const health_plan& plan) {
  ++successes_;
  if (state_ == half_open) {
    if (successes_ < plan.probes_needed) return {true, false};
    state_ = ramp;
    step_ = 0;
  } else {
    if (successes_ < plan.ramp_successes) return {true, false};
    successes_ = 0;
    if (step_ + 1u < ramp_steps) {
      ++step_;
      return {true, false};
    }
    state_ = normal;
    round_ = openings_ = in_flight_ = 0;
    in_flight_minor_ = failed_minor_ = 0;
  }
  successes_ = in_row_ = row_source_ = 0;
  return {true, true};
}

health_effect health_machine::open(const health_plan& plan, time_ns now) {
  state_ = health_state::open;
  const std::uint32_t doublings = std::min<std::uint32_t>(openings_, 12);  // 1 s becomes more than open_bound
  open_until_ = now + std::min(plan.open_ns << doublings, plan.open_max_ns);
  ++openings_;
  const auto this_second = static_cast<std::uint32_t>(now / second_ns);
  round_ = std::max<std::uint32_t>(std::max(this_second, round_ + 1), 1);
  probe_out_ = false;
  step_ = 0;
  successes_ = in_row_ = row_source_ = in_flight_ = 0;
  in_flight_minor_ = failed_minor_ = 0;
  return {true, true};
}

health_effect health_machine::judge(const health_plan& plan, const health_evidence& e, time_ns now) {
  const auto fails = [&](const outcome_counts& c, std::uint32_t share) {
    return c.samples() >= plan.samples_min && c.fails_more_than(share);
  };
  state_ = state(now);
  if (state_ == half_open || state_ == ramp) {
    if (in_flight_ != 0 && now >= answer_by_) return open(plan, now);
    return state_ == ramp && fails(e.half_minute, plan.open_share) ? open(plan, now) : health_effect{};
  }
  if (state_ == health_state::open) return {};
  if (fails(e.half_minute, plan.open_share)) return open(plan, now);
  const bool slow = plan.slow_ns != 0 && e.p95_ns > plan.slow_ns && e.minute.samples() >= plan.samples_min;
  if (state_ == normal) {
    if (slow || fails(e.minute, plan.degraded_share)) state_ = degraded;
  } else if (!slow && !fails(e.minute, plan.recovered_share)) {
    state_ = normal;
  }
  return {};
}

void health_machine::force(health_override kind, time_ns until) {
  forced_ = kind;
  forced_until_ = kind == health_override::none ? 0 : until;
}

}  // namespace payloom::core::routing
