#pragma once
// Reads a stretch of the journal on a thread of its own while the caller looks at what was read before: a scan then
// costs the slower of disk and filter, not their sum.
#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/ports.hpp"

namespace payloom::follower {

/// Memory for scans: made once, used by one read_ahead at a time. 16 MiB.
class read_ahead_buffers {
 public:
  static constexpr std::size_t slots = 2;
  static constexpr std::size_t slot_bytes =
      2 * limits::group_bytes_max;  ///< a full group always fits beside small ones
  struct slot {
    storage::aligned_buffer bytes{slot_bytes};
    std::vector<std::size_t> groups;  ///< offsets of the groups in it
  };
  slot& at(std::size_t i) { return slots_[i]; }

 private:
  std::array<slot, slots> slots_;
};

/// Used by one thread, which owns it.
class read_ahead {
 public:
  /// Reads from the group that holds `from` to the one that holds `through`. `reader` and `buffers` must outlive it.
  read_ahead(storage::journal_reader& reader, read_ahead_buffers& buffers, commit_seq from, commit_seq through);
  /// Stops reading.
  ~read_ahead();
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;

  /// The next group; an empty view at the end of the stretch or of the journal. Lives until the next call.
  /// Throws what the reader threw.
  storage::group_view next();

 private:
  void run(commit_seq from, commit_seq through);
  /// Fills the slot; true when the stretch is complete.
  bool fill(read_ahead_buffers::slot& slot, commit_seq through, storage::group_view& pending);

  storage::journal_reader& reader_;
  read_ahead_buffers& buffers_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::uint64_t filled_ = 0, freed_ = 0;  ///< slots so far
  bool complete_ = false, stopping_ = false;
  std::exception_ptr error_;

  std::uint64_t taken_ = 0;     ///< the caller's: slots begun
  std::size_t next_group_ = 0;  ///< the caller's: within the slot
  std::thread thread_;
};

}  // namespace payloom::follower
