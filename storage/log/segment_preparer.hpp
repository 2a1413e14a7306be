#pragma once
// Prepares the next segment file ahead of the writer, on a thread of its own with low priority: reserved, zeroed (a
// pre-written file halves the time of a synced write), synced.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "storage/log/file.hpp"
#include "storage/log/io_faults.hpp"

namespace payloom::storage {

enum class prepare_status { ready, no_space };

/// The writer calls request() and take() from one thread; out_of_space() is for anyone.
class segment_preparer {
 public:
  struct options {
    std::string journal_path;
    std::uint64_t segment_bytes = 0;
    bool prewrite = true;
    std::chrono::milliseconds space_retry{500};  ///< how often a refused reservation is tried again
    io_faults* faults = nullptr;
  };

  explicit segment_preparer(options o);
  ~segment_preparer();  ///< stops the thread; an unfinished .prep file is left for the next start to remove

  /// Starts preparing segment `number`. One at a time: the one before must have been taken.
  void request(std::uint32_t number);

  /// Waits until the requested segment is completely prepared, or cannot be.
  void wait_prepared();

  /// Gets the requested segment's .prep file path. Waits while its space is being reserved; if only zeroing is under
  /// way, stops that and uses the file as it is. no_space: try again later, a retry is under way. Any other failure
  /// throws storage_failure.
  prepare_status take(std::string& path);

  /// True while the requested segment could not be prepared for lack of space.
  bool out_of_space() const { return out_of_space_.load(std::memory_order_relaxed); }

 private:
  enum class state { idle, reserving, zeroing, ready, no_space, failed };

  void run();
  /// 0 or errno; goes through reserving and zeroing.
  int prepare(const std::string& path);
  int zero(const file& out, std::unique_lock<std::mutex>& lock);

  options options_;
  mutable std::mutex mutex_;  ///< guards everything below
  std::condition_variable changed_;
  state state_ = state::idle;
  std::uint32_t number_ = 0;
  bool hurry_ = false;  ///< the writer waits
  bool stopping_ = false;
  int error_ = 0;
  std::atomic<bool> out_of_space_{false};  ///< state_ is no_space; asked on every admission, so without the lock
  std::thread thread_;
};

}  // namespace payloom::storage
