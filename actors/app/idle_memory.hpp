#pragma once
// Gives free heap memory back to the system after each load: the allocator keeps what the busiest moment needed
// (batches and buffers of a dozen threads), which nobody needs while the server is idle. One thread.
#include <malloc.h>

#include <bit>
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom::app {

class idle_memory {
 public:
  /// Call at about equal intervals with how far the journal and the index are. After `quiet` calls without a change the
  /// heap is trimmed, which locks parts of it for some milliseconds, and again each time the quiet has doubled: queries
  /// may have gone on.
  void look(commit_seq durable, commit_seq indexed) {
    const bool moved = durable != durable_ || indexed != indexed_;
    durable_ = durable;
    indexed_ = indexed;
    calls_ = moved ? 0 : calls_ + 1;
    if (calls_ >= quiet && std::has_single_bit(calls_)) malloc_trim(0);
  }

 private:
  static constexpr std::uint64_t quiet = 64;
  commit_seq durable_ = 0, indexed_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace payloom::app
