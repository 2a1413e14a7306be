#pragma once
// Recorded traffic decided again with another plan: what would have gone elsewhere (domain.md N8). Deterministic; with
// the plan that was recorded, every decision comes out byte for byte. Not for the data path: it allocates.
//
// What is known of the world is what was recorded. An attempt that goes where it went ends as it ended; of one that
// goes elsewhere nobody knows the end: the channel's health learns nothing from it. What the channel that it went to
// did then is a sign of that channel's health all the same, and counts.
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/core/routing/router.hpp"

namespace payloom::core::routing {

/// Attempts that went from one channel to another, or (equal numbers) stayed. 0: no channel.
struct route_move {
  channel_number from = 0, to = 0;
  ledger_id ledger = 0;
  std::uint64_t attempts = 0;
  u128 amount_minor = 0;  ///< saturates, as do the costs
  u128 cost_before_minor = 0;
  u128 cost_after_minor = 0;
};

struct replay_result {
  std::uint64_t decisions = 0;
  std::uint64_t reproduced = 0;                         ///< the same in every byte but the plan's version
  std::uint64_t moved = 0;                              ///< to another channel
  std::uint64_t refused_before = 0, refused_after = 0;  ///< no channel
  std::uint64_t lost_track = 0;                         ///< attempts above in_flight_max: how they ended is not used
  std::vector<route_move> moves;                        ///< by from, to and ledger
};

class replay {
 public:
  /// Attempts without an end, and unknown ones without a settlement; more are not followed, and counted.
  static constexpr std::size_t in_flight_max = 4u << 20;
  /// Rows of the result; what finds no row is in a last one, from 0 to 0 of ledger 0.
  static constexpr std::size_t moves_max = 16'384;

  /// `plan` must outlive it.
  explicit replay(const route_plan& plan) : plan_(plan), state_(plan.health()) {}

  /// The next event of the recording.
  void step(const traffic_event& event);
  replay_result result() const;
  /// The world as it is now.
  const route_state& state() const { return state_; }

 private:
  struct attempt_key {
    u128 payment;
    std::uint32_t attempt;
    friend bool operator==(const attempt_key&, const attempt_key&) = default;
  };
  struct attempt_hash {
    std::size_t operator()(const attempt_key& k) const;
  };
  /// What was decided here about an attempt.
  struct followed {
    channel_number channel = 0;
    u128 risk_minor = 0;
    std::uint32_t round = 0, own_round = 0;
    bool as_recorded = false;  ///< it went where it went
    bool unknown = false;
  };
  using move_key = std::pair<std::pair<channel_number, channel_number>, ledger_id>;

  void decide(const route_decision& recorded);
  void count(const route_decision& before, const route_decision& after);
  void end(const attempt_report& recorded, time_ns now);
  void settle(const unknown_change& recorded);

  const route_plan& plan_;
  route_state state_;
  std::unordered_map<attempt_key, followed, attempt_hash> attempts_;
  std::map<move_key, route_move> moves_;
  replay_result result_;
};

/// All of a recording.
replay_result replay_all(std::span<const traffic_event> events, const route_plan& plan);

}  // namespace payloom::core::routing
