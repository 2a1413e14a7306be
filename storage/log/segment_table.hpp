#pragma once
// What readers know about the log while it grows: the segments, where the durable part ends, and a sparse index from
// sequences to places.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/codec/format.hpp"

namespace payloom::storage {

/// A place in the log. Offsets are multiples of sector_bytes.
struct log_place {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const log_place&, const log_place&) = default;
};

struct segment_info {
  std::uint32_t number = 0;
  commit_seq base_sequence = 0;
  std::uint64_t salt = 0;
  std::uint32_t previous_crc = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t end = 0;  ///< where its last group ends; of the newest segment unused: see segment_table::end
};

/// One writer (the appending thread, or recovery before it), any number of readers on other threads.
class segment_table {
 public:
  static constexpr std::uint64_t index_step_bytes = 64 * 1024;  ///< at most one index entry per so many bytes

  // ---- the writer's side

  /// A new newest segment. The one before it ends at `previous_end`.
  void add_segment(const segment_info& info, std::uint64_t previous_end);
  /// A group of `event_count` events from `base_sequence` on lies at `place` and ends at `end`: durable from now on.
  void add_group(log_place place, std::uint64_t end, commit_seq base_sequence, std::uint32_t event_count);

  // ---- the readers' side

  /// Last durable sequence. A reader that looks here first and at end() afterwards finds at least that much.
  commit_seq durable_through() const { return durable_.load(std::memory_order_acquire); }
  /// End of the durable bytes; segment 0 when there is no segment.
  log_place end() const;
  std::optional<segment_info> segment(std::uint32_t number) const;
  std::vector<segment_info> segments() const;
  /// A place at or before the group that holds `sequence`, less than index_step_bytes plus one group before it; the
  /// first segment's start when the log is empty.
  log_place find(commit_seq sequence) const;

 private:
  struct index_entry {
    commit_seq base_sequence;
    log_place place;
  };

  mutable std::mutex mutex_;  ///< guards segments_ and index_
  std::vector<segment_info> segments_;
  std::vector<index_entry> index_;
  std::uint64_t indexed_to_ = 0;       ///< offset in the newest segment from which the next group gets an entry
  std::atomic<std::uint64_t> end_{0};  ///< segment in the upper, sector in the lower half
  std::atomic<commit_seq> durable_{0};
};

}  // namespace payloom::storage
