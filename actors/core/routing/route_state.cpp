#include "actors/core/routing/route_state.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::core::routing {

namespace {

outcome_report outcome_of(const attempt_report& r, attempt_outcome outcome) {
  return {{r.channel, r.bank, r.operation, r.card}, outcome, r.latency_ns, r.risk_minor, r.round, r.own_round};
}

time_ns began_at(const attempt_report& r, time_ns now) { return r.latency_ns < now ? now - r.latency_ns : 0; }

}  // namespace

void route_state::apply(const route_decision& d) {
  if (d.channel == 0) return;
  PAYLOOM_ASSERT(d.verdict != health_verdict::refuse);
  const admission a{d.verdict, d.marked, d.refusal, d.state, d.round, d.own_round};
  health_.began(key_of(question_of(d), d.channel), a, d.risk_minor, d.at);
  days_.add(d.channel, d.ledger, d.amount_minor, d.at);
}

void route_state::report(const attempt_report& r, time_ns now) {
  health_.report(outcome_of(r, r.outcome), now);
  if (is_unknown(r.outcome)) unknown_.opened(r.channel, r.ledger, r.amount_minor);
  if (!may_move(r.outcome)) days_.give_back(r.channel, r.ledger, r.amount_minor, began_at(r, now));
}

void route_state::observe(const attempt_report& r, time_ns now) { health_.report(outcome_of(r, r.outcome), now); }

void route_state::forget(const attempt_report& r, bool moved, time_ns now) {
  health_.report(outcome_of(r, attempt_outcome::withdrawn), now);
  if (!moved) days_.give_back(r.channel, r.ledger, r.amount_minor, began_at(r, now));
}

}  // namespace payloom::core::routing
