#include "storage/memory/memory_journal.hpp"

#include <algorithm>
#include <utility>

#include "protocol/types/assert.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/codec/group_seal.hpp"
#include "storage/memory/memory_reader.hpp"

namespace payloom::storage {

memory_journal::memory_journal() = default;
memory_journal::~memory_journal() = default;

journal_position memory_journal::position() const { return position_; }
journal_stats memory_journal::stats() const { return stats_; }
bool memory_journal::has_space() const { return space_; }

append_status memory_journal::append(std::span<std::byte> group) {
  const auto& header = *reinterpret_cast<const group_header*>(group.data());
  PAYLOOM_ASSERT(group.size() % sector_bytes == 0 && header.event_count > 0);
  PAYLOOM_ASSERT(header.base_sequence == position_.next_sequence && header.base_time > position_.last_time);
  return store(group);
}

append_status memory_journal::mark_idle() {
  if (groups_.empty() || groups_.back()->idle) return append_status::ok;
  aligned_buffer mark(sector_bytes);
  make_idle_mark(mark.first(sector_bytes), position_.next_sequence, position_.last_time);
  return store(mark.first(sector_bytes));
}

append_status memory_journal::store(std::span<std::byte> group) {
  const append_fault fault = fault_times_ > 0 ? fault_ : append_fault::none;
  if (fault_times_ > 0) --fault_times_;
  if (fault == append_fault::no_space) return append_status::no_space;
  if (delay_) delay_(group.size());
  if (fault == append_fault::lost) throw storage_failure("memory journal: injected write error");

  const group_seal seal{.segment = 1,
                        .segment_salt = 0,
                        .previous_crc = groups_.empty() ? 0 : groups_.back()->crc,
                        .synced_through = position_.next_sequence - 1};
  auto stored = std::make_shared<stored_group>();
  stored->crc = seal_group(group, seal);
  stored->bytes = aligned_buffer(group.size());
  std::copy(group.begin(), group.end(), stored->bytes.data());
  const auto& header = *reinterpret_cast<const group_header*>(group.data());
  stored->base_sequence = header.base_sequence;
  stored->event_count = header.event_count;
  stored->idle = header.event_count == 0;
  position_.next_sequence += header.event_count;
  if (header.event_count > 0) position_.last_time = header.base_time + header.event_count - 1;
  stored->last_time = position_.last_time;
  stats_.groups += 1;
  stats_.bytes += group.size();
  stats_.events += header.event_count;
  {
    const std::lock_guard lock(mutex_);
    groups_.push_back(std::move(stored));
  }
  if (fault == append_fault::kept) throw storage_failure("memory journal: injected error after the write");
  return append_status::ok;
}

std::unique_ptr<journal_reader> memory_journal::open_reader(commit_seq from) {
  return std::make_unique<memory_reader>(*this, from);
}

commit_seq memory_journal::durable_through() const {
  const std::lock_guard lock(mutex_);
  return groups_.empty() ? 0 : groups_.back()->base_sequence + groups_.back()->event_count - 1;
}

std::size_t memory_journal::group_count() const {
  const std::lock_guard lock(mutex_);
  return groups_.size();
}

commit_seq memory_journal::next_sequence_after(std::size_t groups) const {
  const std::lock_guard lock(mutex_);
  PAYLOOM_ASSERT(groups <= groups_.size());
  return groups == 0 ? 1 : groups_[groups - 1]->base_sequence + groups_[groups - 1]->event_count;
}

void memory_journal::crash(std::size_t keep_groups) {
  position_.next_sequence = next_sequence_after(keep_groups);
  const std::lock_guard lock(mutex_);
  groups_.resize(keep_groups);
  position_.last_time = keep_groups == 0 ? 0 : groups_.back()->last_time;
  fault_times_ = 0;
  space_ = true;
}

void memory_journal::inject(append_fault fault, std::uint32_t times) {
  fault_ = fault;
  fault_times_ = times;
}

void memory_journal::set_space(bool available) { space_ = available; }

void memory_journal::set_delay(std::function<void(std::size_t)> delay) { delay_ = std::move(delay); }

void memory_journal::corrupt(std::size_t group, std::size_t bit) {
  const std::lock_guard lock(mutex_);
  aligned_buffer& bytes = groups_.at(group)->bytes;
  PAYLOOM_ASSERT(bit / 8 < bytes.size());
  bytes.data()[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
}

std::shared_ptr<const memory_journal::stored_group> memory_journal::group(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < groups_.size() ? groups_[index] : nullptr;
}

std::size_t memory_journal::find(commit_seq sequence) const {
  const std::lock_guard lock(mutex_);
  const auto holds_or_after = [sequence](const std::shared_ptr<stored_group>& g) {
    return g->base_sequence + g->event_count > sequence;
  };
  const auto found =
      std::partition_point(groups_.begin(), groups_.end(), [&](const auto& g) { return !holds_or_after(g); });
  return static_cast<std::size_t>(found - groups_.begin());
}

}  // namespace payloom::storage
