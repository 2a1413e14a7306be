#pragma once
// Where stage 1 gets its groups: handed over by the writer in memory, or, where those have a gap, read from the
// journal.
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "storage/ports.hpp"

namespace payloom::follower {

/// `offer` from the writer's thread; the rest from stage 1's.
class group_feed {
 public:
  group_feed(storage::journal_source& source, std::size_t bytes_max) : source_(source), bytes_max_(bytes_max) {}

  /// A durable group (header, runs, contexts; `length` bytes at least). Never blocks: a full queue drops it, and stage
  /// 1 reads it from the journal. True when the queue is more than half full and stage 1 should be woken.
  bool offer(std::shared_ptr<const std::byte> group, std::size_t bytes);

  /// The next group with events from `next` on; an empty view when there is none yet. Lives until the next call.
  /// Throws storage_failure.
  storage::group_view take(commit_seq next);

 private:
  struct handed {
    std::shared_ptr<const std::byte> bytes;
    std::size_t size = 0;
    commit_seq base = 0;
  };

  storage::journal_source& source_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::deque<handed> queue_;
  std::size_t queued_bytes_ = 0;

  handed current_;                                   ///< stage 1's
  std::unique_ptr<storage::journal_reader> reader_;  ///< stage 1's; positioned at reader_next_
  commit_seq reader_next_ = 0;
};

}  // namespace payloom::follower
