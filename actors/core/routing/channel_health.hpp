#pragma once
// The health of all channels by channel, operation, bank and card type (domain.md 1.4, N8): windows and a machine for
// each key. An attempt must pass its bank's key and its channel's own key. One bank's failures never open the channel's
// own key: a channel is judged by its banks that are not cut, and without the worst of them. Memory is fixed when it is
// made. One thread at a time; the same calls with the same times give the same verdicts.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "actors/core/routing/health_machine.hpp"
#include "actors/core/routing/latency_buckets.hpp"

namespace payloom::core::routing {

/// A key as people see it.
struct health_view {
  health_key key;
  health_state state = health_state::normal;
  outcome_counts half_minute, minute, five_minutes;  ///< the own key's: without what its banks' keys count
  std::uint64_t p95_ns = 0;
  u128 in_flight_minor = 0, failed_minor = 0;  ///< at risk since it was opened
  std::size_t ramp_step = 0;
  health_override forced = health_override::none;  ///< in force now
  time_ns forced_until = 0;
};

enum class override_result : std::uint8_t {
  ok = 0,
  bad_expiry = 1,  ///< not in the future, or further than override_max_ns
  no_room = 2,     ///< a new key, and there are keys_max
};

class channel_health {
 public:
  /// Own keys of channels: fixed; at the bound a channel is not watched, and lets everything through.
  static constexpr std::size_t own_keys_max = 512;
  /// Judgements in one tick at most. Longer silence changes nothing more: all windows are empty, all answers are late.
  static constexpr std::uint64_t catch_up_max = 700;

  explicit channel_health(const health_plan& plan);
  /// Other thresholds; states and counts stay. keys_max stays as it was when this was made.
  void set_plan(const health_plan& plan);
  const health_plan& plan() const { return plan_; }

  /// Judges all keys once for each second that began. Everything else but `ask` does so by itself.
  void tick(time_ns now);
  /// What an attempt would be told; changes nothing. `tick(now)` comes first. `draw` is below limits::rate_whole.
  admission ask(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now) const;
  /// The attempt that `ask` has just let through is made.
  void began(const health_key& key, const admission& a, u128 amount_minor, time_ns now);
  /// Both.
  admission allow(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now);
  /// How an attempt ended; once for each attempt. A key that is new is watched from now on.
  void report(const outcome_report& report, time_ns now);
  /// An operator's word about one key until then; a bank's is stronger than its channel's. `none` takes it back.
  override_result force(const health_key& key, health_override kind, time_ns until, time_ns now);

  /// The channels' own keys, then the banks'; as of `now`. f(const health_view&).
  template <class F>
  void each(time_ns now, F f) const {
    for (const own_key& k : own_) f(view_of(k, now));
    for (const bank_key& k : banks_) f(view_of(k, now));
  }
  std::size_t keys() const { return own_.size() + banks_.size(); }
  /// Reports that no key was there for.
  std::uint64_t unwatched() const { return unwatched_; }

 private:
  struct watched_key {
    health_key key;
    health_machine machine;
    outcome_window window;
    latency_buckets latency;
  };
  struct own_key : watched_key {
    // Of its banks that are not cut, for one judgement.
    health_evidence all, worst;
  };
  struct bank_key : watched_key {
    std::uint32_t own = 0;  ///< its place in own_
  };

  static constexpr time_ns judge_ns = second_ns;
  static constexpr std::uint32_t no_place = UINT32_MAX;

  std::size_t first_slot(const health_key& key) const;
  std::uint32_t find(const health_key& key) const;
  std::uint32_t find_or_add(const health_key& key);
  void judge(time_ns now);
  void judge_banks(time_ns now);
  void anew(own_key& own);
  health_evidence evidence_of(const watched_key& k, time_ns now) const;
  health_view view_of(const watched_key& k, time_ns now) const;
  admission joined(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now) const;

  health_plan plan_;
  std::size_t banks_max_;
  std::vector<own_key> own_;
  std::vector<bank_key> banks_;
  std::vector<std::uint32_t> index_;  ///< open addressing; a place in own_ or banks_ + 1, 0: free
  time_ns judged_at_ = 0;
  std::uint64_t unwatched_ = 0;
};

}  // namespace payloom::core::routing
