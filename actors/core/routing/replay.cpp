#include "actors/core/routing/replay.hpp"

#include "protocol/types/shard_map.hpp"

namespace payloom::core::routing {

namespace {

void add_saturating(u128& sum, u128 value) {
  if (!checked_add(sum, value, sum)) sum = u128_max;
}

}  // namespace

std::size_t replay::attempt_hash::operator()(const attempt_key& k) const { return mix_id(k.attempt, k.payment); }

void replay::step(const traffic_event& e) {
  state_.tick(e.at);
  switch (e.kind) {
    case traffic_kind::started:
      state_ = route_state(plan_.health());
      attempts_.clear();
      break;
    case traffic_kind::decision:
      decide(e.decision);
      break;
    case traffic_kind::report:
      end(e.report, e.at);
      break;
    case traffic_kind::unknown_found:
      state_.unknown_found(e.unknown);
      break;
    case traffic_kind::unknown_settled:
      settle(e.unknown);
      break;
    case traffic_kind::forced:
      state_.force(e.forced, e.at);
      break;
  }
}

void replay::decide(const route_decision& recorded) {
  const route_decision d = route(question_of(recorded), plan_, state_, recorded.draw, recorded.at);
  state_.apply(d);
  count(recorded, d);
  if (recorded.channel == 0 && d.channel == 0) return;
  if (attempts_.size() >= in_flight_max) {
    ++result_.lost_track;
    return;
  }
  attempts_[{d.payment, d.attempt}] = {d.channel, d.risk_minor, d.round, d.own_round, d.channel == recorded.channel,
                                       false};
}

void replay::count(const route_decision& before, const route_decision& after) {
  route_decision same = after;
  same.plan_version = before.plan_version;
  ++result_.decisions;
  result_.reproduced += same == before;
  result_.moved += before.channel != after.channel;
  result_.refused_before += before.channel == 0;
  result_.refused_after += after.channel == 0;
  move_key key{{before.channel, after.channel}, before.ledger};
  if (moves_.size() + 1 >= moves_max && !moves_.contains(key)) key = {};
  route_move& m = moves_[key];
  m.from = key.first.first;
  m.to = key.first.second;
  m.ledger = key.second;
  ++m.attempts;
  add_saturating(m.amount_minor, before.amount_minor);
  add_saturating(m.cost_before_minor, before.cost_minor);
  add_saturating(m.cost_after_minor, after.cost_minor);
}

void replay::end(const attempt_report& recorded, time_ns now) {
  attempt_report here = recorded;
  const auto at = attempts_.find({recorded.payment, recorded.attempt});
  if (at != attempts_.end() && at->second.as_recorded) {
    here.risk_minor = at->second.risk_minor;
    here.round = at->second.round;
    here.own_round = at->second.own_round;
    state_.report(here, now);
    at->second.unknown = is_unknown(here.outcome);
    if (!at->second.unknown) attempts_.erase(at);
    return;
  }
  // It was not made here, or began before the recording: a sign of the recorded channel's health, at nobody's risk.
  here.round = here.own_round = 0;
  state_.observe(here, now);
  if (at == attempts_.end()) return;
  if (at->second.channel != 0) {
    here.channel = at->second.channel;
    here.risk_minor = at->second.risk_minor;
    here.round = at->second.round;
    here.own_round = at->second.own_round;
    state_.forget(here, may_move(here.outcome), now);
  }
  attempts_.erase(at);
}

void replay::settle(const unknown_change& recorded) {
  const auto at = attempts_.find({recorded.payment, recorded.attempt});
  if (at == attempts_.end()) {
    state_.unknown_settled(recorded);  // found at the start, or none: then nothing changes
  } else if (at->second.unknown) {
    state_.unknown_settled(recorded);
    attempts_.erase(at);
  }
}

replay_result replay::result() const {
  replay_result out = result_;
  for (const auto& [key, move] : moves_) out.moves.push_back(move);
  return out;
}

replay_result replay_all(std::span<const traffic_event> events, const route_plan& plan) {
  replay all(plan);
  for (const traffic_event& e : events) all.step(e);
  return all.result();
}

}  // namespace payloom::core::routing
