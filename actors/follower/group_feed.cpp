#include "actors/follower/group_feed.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::follower {

bool group_feed::offer(std::shared_ptr<const std::byte> group, std::size_t bytes) {
  const auto* header = reinterpret_cast<const storage::group_header*>(group.get());
  PAYLOOM_ASSERT(header->magic == storage::group_magic && header->length <= bytes);
  if (header->event_count == 0) return false;
  const commit_seq base = header->base_sequence;
  const std::lock_guard lock(mutex_);
  if (queued_bytes_ + bytes > bytes_max_) return true;
  queued_bytes_ += bytes;
  queue_.push_back({std::move(group), bytes, base});
  return queued_bytes_ > bytes_max_ / 2;
}

storage::group_view group_feed::take(commit_seq next) {
  bool gap = false;
  {
    const std::lock_guard lock(mutex_);
    current_ = {};
    while (!queue_.empty() && queue_.front().base <= next) {
      handed front = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= front.size;
      if (front.base == next) {
        current_ = std::move(front);
        break;
      }
    }
    gap = !current_.bytes;
  }
  if (!gap) {
    const auto* header = reinterpret_cast<const storage::group_header*>(current_.bytes.get());
    return {header, {current_.bytes.get(), header->length}};
  }
  if (source_.durable_through() < next) return {};
  if (!reader_) {
    reader_ = source_.open_reader(next);
  } else if (reader_next_ != next) {
    reader_->seek(next);
  }
  reader_next_ = next;
  storage::group_view group = reader_->next();
  while (group.header != nullptr && group.header->event_count == 0) group = reader_->next();
  if (group.header == nullptr) return {};
  if (group.header->base_sequence != next) {
    throw storage::storage_failure("follower: the journal continues at event " +
                                   std::to_string(group.header->base_sequence) + " where " + std::to_string(next) +
                                   " was expected");
  }
  reader_next_ = next + group.header->event_count;
  return group;
}

}  // namespace payloom::follower
