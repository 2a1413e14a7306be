#pragma once
// The states of one health key: NORMAL, DEGRADED, OPEN, HALF_OPEN, RAMP (domain.md 1.4). Pure: outcomes, judgements and
// the time in; verdicts out. It sees counts, not windows: whoever owns the windows (channel_health) hands them in.
#include "actors/core/routing/health_key.hpp"
#include "actors/core/routing/health_plan.hpp"
#include "actors/core/routing/outcome_window.hpp"

namespace payloom::core::routing {

/// What the owner of the windows does after an event.
struct health_effect {
  bool counts = false;  ///< the outcome says something about the channel as it is now: it goes into the windows
  bool anew = false;    ///< what was counted before says nothing any more: clear the windows
};

/// What is judged: the samples of the key, without those that others answer for.
struct health_evidence {
  outcome_counts half_minute, minute;
  std::uint64_t p95_ns = 0;
};

class health_machine {
 public:
  /// OPEN ends by itself: then it shows as HALF_OPEN.
  health_state state(time_ns now) const;
  /// NORMAL or DEGRADED: all attempts count.
  bool is_steady() const { return state_ <= health_state::degraded; }
  bool is_forced(time_ns now) const { return forced_ != health_override::none && now < forced_until_; }

  /// May an attempt of `amount_minor` be made? `draw` is below limits::rate_whole. `round` is in the bank's place.
  admission ask(const health_plan& plan, u128 amount_minor, std::uint32_t draw, time_ns now) const;
  /// The attempt that was just admitted with `round` is made.
  void began(const health_plan& plan, std::uint32_t round, u128 amount_minor, time_ns now);
  /// How an attempt ended. `source` tells failures of different banks apart: so one bank's do not make a row at its
  /// channel's own key. 0: each counts.
  health_effect report(const health_plan& plan, attempt_outcome outcome, u128 amount_minor, std::uint32_t round,
                       std::uint32_t source, time_ns now);
  /// Frees what an attempt held without learning anything from it: the amount that was freed.
  u128 release(std::uint32_t round, u128 amount_minor);
  /// Once a second.
  health_effect judge(const health_plan& plan, const health_evidence& evidence, time_ns now);
  /// An operator's word, until then; it always wins. `none` takes an earlier one back.
  void force(health_override kind, time_ns until);

  /// Of this round: in flight, and failed. Their sum never passes the loss budget.
  u128 in_flight_minor() const { return in_flight_minor_; }
  u128 failed_minor() const { return failed_minor_; }
  std::uint32_t round() const { return round_; }
  std::size_t ramp_step() const { return step_; }
  health_override forced() const { return forced_; }
  time_ns forced_until() const { return forced_until_; }
  time_ns open_until() const { return open_until_; }

 private:
  bool is_ours(std::uint32_t round) const { return round != 0 && round == round_; }
  bool has_room(const health_plan& plan, u128 amount_minor) const;
  health_effect open(const health_plan& plan, time_ns now);
  health_effect succeeded(const health_plan& plan);
  health_effect ramp_failed(const health_plan& plan, u128 amount_minor, time_ns now);
  bool in_row(const health_plan& plan, bool failure, std::uint32_t source);

  health_state state_ = health_state::normal;
  health_override forced_ = health_override::none;
  bool probe_out_ = false;
  std::uint8_t step_ = 0;
  std::uint32_t round_ = 0;      ///< second of the opening: new for each one, also after a restart; 0 while steady
  std::uint32_t openings_ = 0;   ///< since NORMAL
  std::uint32_t successes_ = 0;  ///< of the probes, or of this step
  std::uint32_t in_row_ = 0;     ///< failures without a success between
  std::uint32_t row_source_ = 0;
  std::uint32_t in_flight_ = 0;
  time_ns open_until_ = 0;
  time_ns answer_by_ = 0;  ///< HALF_OPEN, RAMP: silence until then is a failure, when something is in flight
  time_ns forced_until_ = 0;
  u128 in_flight_minor_ = 0;
  u128 failed_minor_ = 0;
};

}  // namespace payloom::core::routing
