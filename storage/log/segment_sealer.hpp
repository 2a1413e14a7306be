#pragma once
// Hashes closed segments in the background, only while a processor is idle; reading them also brings them into the
// page cache, where look-ups want them.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "storage/log/io_faults.hpp"
#include "storage/log/segment_hash.hpp"

namespace payloom::storage {

/// Owned by the log. closed() is the appending thread's, the rest anyone's.
class segment_sealer {
 public:
  struct options {
    std::string journal_path;
    std::chrono::milliseconds space_retry{500};  ///< after a full disk
    io_faults* faults = nullptr;
  };

  /// Segments 1 .. `closed_segments` are closed; those without a hash get one, in order.
  segment_sealer(options o, std::uint32_t closed_segments);
  ~segment_sealer();  ///< stops between two reads; the rest is done after the next start

  /// Segment `number` is closed now: it will not be written any more.
  void closed(std::uint32_t number);

  /// Waits until every closed segment has its hash, or hashing failed. For tests and tools.
  void wait_done();

  /// True after a read or write failed for another reason than a full disk; failure() says which.
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  std::string failure() const;

 private:
  void run();
  /// Hashes the next segment; false when it must be tried again later.
  bool hash_next(std::uint32_t number);

  options options_;
  mutable std::mutex mutex_;  ///< guards closed_, done_, stopping_, failure_
  std::condition_variable changed_;
  std::uint32_t closed_ = 0;
  std::uint32_t done_ = 0;  ///< segments 1 .. done_ have hashes
  bool stopping_ = false;
  std::string failure_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> stop_{false};
  sha256_digest chain_{};  ///< of segment done_; the thread's own
  std::thread thread_;
};

}  // namespace payloom::storage
