#pragma once
// What routing knows of the world: health, unknown money, the day's amounts. It changes by traffic alone, so recorded
// traffic makes it again (`replay`). One thread at a time; nothing of it survives a restart: unknown money is found
// again by whoever keeps the attempts, health begins as NORMAL.
#include "actors/core/routing/channel_health.hpp"
#include "actors/core/routing/day_amounts.hpp"
#include "actors/core/routing/exposure.hpp"
#include "actors/core/routing/traffic_event.hpp"

namespace payloom::core::routing {

/// It may have moved money, or still may.
constexpr bool may_move(attempt_outcome o) { return o == attempt_outcome::ok || is_unknown(o); }

class route_state {
 public:
  explicit route_state(const health_plan& plan) : health_(plan) {}

  const channel_health& health() const { return health_; }
  const exposure& unknown() const { return unknown_; }
  const day_amounts& days() const { return days_; }
  void set_plan(const health_plan& plan) { health_.set_plan(plan); }

  /// Before a `route` at `now`.
  void tick(time_ns now) { health_.tick(now); }
  /// The attempt that was just decided is made. Without a channel: nothing.
  void apply(const route_decision& d);
  /// How it ended; once for each attempt.
  void report(const attempt_report& r, time_ns now);
  /// The attempt was made elsewhere, or its end here will never be told: health learns nothing. `moved`: the day's
  /// amount stays.
  void forget(const attempt_report& r, bool moved, time_ns now);
  /// An attempt that was made by somebody else ended: a sign of health alone.
  void observe(const attempt_report& r, time_ns now);
  void unknown_found(const unknown_change& c) { unknown_.opened(c.channel, c.ledger, c.amount_minor); }
  bool unknown_settled(const unknown_change& c) { return unknown_.settled(c.channel, c.ledger, c.amount_minor); }
  override_result force(const forced_change& c, time_ns now) { return health_.force(c.key(), c.kind, c.until, now); }

 private:
  channel_health health_;
  exposure unknown_;
  day_amounts days_;
};

}  // namespace payloom::core::routing
