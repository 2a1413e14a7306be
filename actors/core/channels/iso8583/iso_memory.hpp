#pragma once
// The newest attempts whose end is known, so that a response that comes twice is not taken for one that nobody waits
// for, and a question that crossed the answer is answered again instead of undoing what succeeded. Pure; one thread.
#include <cstdint>
#include <vector>

#include "actors/core/channels/iso8583/attempt_index.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::core {

struct iso_end {
  u128 attempt_id = 0;
  u128 amount_minor = 0;
  u128 reference = 0;
  channel_outcome outcome = channel_outcome::none;
  std::uint16_t code = 0;
};

class iso_memory {
 public:
  /// At `ends_max` the oldest is forgotten.
  explicit iso_memory(std::uint32_t ends_max) : ends_(ends_max), index_(ends_max) {}

  const iso_end* find(u128 attempt_id) const {
    const std::uint32_t at = index_.find(attempt_id);
    return at == attempt_index::none ? nullptr : &ends_[at];
  }

  /// The newest end of an attempt replaces the one before.
  void remember(const iso_end& end) {
    if (const std::uint32_t at = index_.find(end.attempt_id); at != attempt_index::none) {
      ends_[at] = end;
      return;
    }
    iso_end& place = ends_[next_];
    if (place.outcome != channel_outcome::none) index_.erase(place.attempt_id);
    place = end;
    index_.insert(end.attempt_id, next_);
    next_ = next_ + 1 == ends_.size() ? 0 : next_ + 1;
  }

 private:
  std::vector<iso_end> ends_;  ///< a ring; outcome none: free
  attempt_index index_;
  std::uint32_t next_ = 0;
};

}  // namespace payloom::core
