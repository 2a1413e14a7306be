#pragma once
// The thresholds of channel health, as data (domain.md 1.4). Immutable after load; any thread may read it.
#include <array>
#include <cstdint>

#include "actors/core/catalog/definition.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core::routing {

inline constexpr time_ns second_ns = 1'000'000'000;
inline constexpr std::size_t ramp_steps = 5;
inline constexpr std::uint32_t keys_bound = 65'536;               ///< of keys_max
inline constexpr time_ns answer_timeout_bound = 300 * second_ns;  ///< of answer_timeout_ns
inline constexpr time_ns open_bound = 3'600 * second_ns;          ///< of open_ns and open_max_ns

/// Shares are per mille of the samples; business refusals are samples and no failures.
struct health_plan {
  bool label_only = false;              ///< decides and marks what it would do, and lets everything through
  std::uint32_t samples_min = 20;       ///< fewer in 30 s: shares say nothing
  std::uint32_t open_share = 500;       ///< more failures in 30 s than this: OPEN
  std::uint32_t failures_in_row = 10;   ///< so many without a success between: OPEN at once
  std::uint32_t degraded_share = 200;   ///< more failures in one minute than this: DEGRADED
  std::uint32_t recovered_share = 100;  ///< DEGRADED until the minute's failures are not more than this
  time_ns slow_ns = 0;                  ///< p95 of the latency above this: DEGRADED; 0: never
  time_ns open_ns = 30 * second_ns;     ///< OPEN for so long, the first time; then twice as long each time
  time_ns open_max_ns = 240 * second_ns;
  time_ns answer_timeout_ns = 60 * second_ns;  ///< a probe that is not answered by then has failed
  std::uint32_t probes_needed = 3;             ///< successes in HALF_OPEN before the ramp
  u128 probe_max_minor = u128_max;             ///< larger attempts are no probes
  /// What each step lets through, in millionths of the attempts.
  std::array<std::uint32_t, ramp_steps> ramp_share{10'000, 50'000, 200'000, 500'000, limits::rate_whole};
  std::uint32_t ramp_successes = 20;  ///< of each step before the next
  /// Money that may be lost from one opening to the next NORMAL or OPEN: what is in flight and what has failed in
  /// HALF_OPEN and RAMP is never more. Once more than half of it has failed, the key opens again. In the unit of
  /// `route_plan::valued`.
  u128 loss_budget_minor = 1'000'000;
  std::uint32_t keys_max = 1'024;  ///< banks' keys; at the bound a new bank falls under its channel's own key
  time_ns override_max_ns = 7 * 86'400 * second_ns;  ///< for how long an operator may force a state
};

/// Adds everything that is wrong with a plan; then it must not be used.
void check_health_plan(const health_plan& plan, catalog::source_place at, catalog::problem_list& problems);

}  // namespace payloom::core::routing
