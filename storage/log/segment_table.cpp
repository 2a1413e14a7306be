#include "storage/log/segment_table.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::storage {

namespace {

std::uint64_t pack(log_place place) { return (std::uint64_t{place.segment} << 32) | (place.offset / sector_bytes); }

}  // namespace

void segment_table::add_segment(const segment_info& info, std::uint64_t previous_end) {
  {
    const std::lock_guard lock(mutex_);
    PAYLOOM_ASSERT(segments_.empty() || segments_.back().number + 1 == info.number);
    if (!segments_.empty()) segments_.back().end = previous_end;
    segments_.push_back(info);
    indexed_to_ = 0;
  }
  end_.store(pack({info.number, sector_bytes}), std::memory_order_release);
}

void segment_table::add_group(log_place place, std::uint64_t end, commit_seq base_sequence, std::uint32_t event_count) {
  if (event_count > 0 && place.offset >= indexed_to_) {
    const std::lock_guard lock(mutex_);
    index_.push_back({base_sequence, place});
    indexed_to_ = place.offset + index_step_bytes;
  }
  end_.store(pack({place.segment, end}), std::memory_order_release);
  durable_.store(base_sequence + event_count - 1, std::memory_order_release);
}

log_place segment_table::end() const {
  const std::uint64_t packed = end_.load(std::memory_order_acquire);
  return {static_cast<std::uint32_t>(packed >> 32), (packed & 0xffffffffu) * sector_bytes};
}

std::optional<segment_info> segment_table::segment(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  if (segments_.empty() || number < segments_.front().number || number > segments_.back().number) return std::nullopt;
  return segments_[number - segments_.front().number];
}

std::vector<segment_info> segment_table::segments() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

log_place segment_table::find(commit_seq sequence) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::partition_point(index_.begin(), index_.end(),
                                          [sequence](const index_entry& e) { return e.base_sequence <= sequence; });
  if (after != index_.begin()) return std::prev(after)->place;
  return {segments_.empty() ? 1 : segments_.front().number, sector_bytes};
}

}  // namespace payloom::storage
