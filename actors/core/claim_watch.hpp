#pragma once
// "A claim older than its deadline + 10 s stops the process" (architecture.md section 6): what was waiting ended at its
// deadline, so such a claim was lost, and nobody will ever give it back. Counted in patience, not in time: patience
// passes only while the process runs and every actor, the journal's write included, keeps up (see advance).
#include <algorithm>
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom::core {

/// What is remembered of a claim: at first the deadline of its frame (~0: none, never too old), later since when it has
/// been seen late.
class claim_age {
 public:
  static constexpr std::uint64_t patience_max = 10'000'000'000u;  ///< ns behind the deadline

  /// True when the claim is too old. `now` is the clock that deadlines are in.
  static constexpr bool too_old(std::uint64_t& note, time_ns now, std::uint64_t patience) {
    if (note == ~std::uint64_t{0}) return false;
    if ((note & late) == 0) {
      if (note <= now) note = late | patience;
      return false;
    }
    return patience - (note & ~late) > patience_max;
  }

 private:
  static constexpr std::uint64_t late = std::uint64_t{1} << 63;
};

/// Time as it counts for claims. A stopped or starved process, a clock that jumps, a write that hangs and mailboxes
/// that are not worked off do not make a claim older: each round of ticks counts at most `step_max`, and only once
/// every actor has worked off the round before, so that whatever was on its way has come further.
class patience_clock {
 public:
  static constexpr std::uint64_t step_max = 50'000'000u;  ///< ns

  /// At each tick, on the ticker's thread. `monotonic` in ns. `kept_up`: all actors have worked off all earlier ticks.
  std::uint64_t advance(std::uint64_t monotonic, bool kept_up) {
    if (last_ != 0 && kept_up) patience_ += std::min(monotonic - last_, step_max);
    last_ = monotonic;
    return patience_;
  }

 private:
  std::uint64_t last_ = 0, patience_ = 0;
};

/// A claim that is too old, for the last line in the log.
struct overdue_claim {
  tenant_id tenant = 0;
  u128 id = 0;
  bool found = false;
};

}  // namespace payloom::core
