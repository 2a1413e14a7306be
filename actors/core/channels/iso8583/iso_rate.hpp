#pragma once
// A token bucket in whole nanoseconds (GW: concurrency). Pure; one thread.
#include <algorithm>
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom::core {

class iso_rate {
 public:
  /// `per_second` 0: everything passes. `burst` at least 1.
  iso_rate(std::uint32_t per_second, std::uint32_t burst)
      : interval_ns_(per_second == 0 ? 0 : (1'000'000'000 + per_second - 1) / per_second),
        slack_ns_(interval_ns_ * (burst - 1)) {}

  /// Whether one more may pass now; if so it has passed.
  bool take(time_ns now) {
    if (interval_ns_ == 0) return true;
    if (full_at_ > now + slack_ns_) return false;
    full_at_ = std::max(full_at_, now) + interval_ns_;
    return true;
  }

 private:
  std::uint64_t interval_ns_;
  std::uint64_t slack_ns_;
  time_ns full_at_ = 0;  ///< when all tokens are there again
};

}  // namespace payloom::core
