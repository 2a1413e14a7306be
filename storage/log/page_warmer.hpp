#pragma once
// Brings what the log wrote into the page cache: the log writes around the cache, and a query that meets it cold waits
// for the disk at every line.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/file.hpp"
#include "storage/log/segment_log.hpp"

namespace payloom::storage {

/// Owns a thread that reads what is durable, from the place where the log stood at the start on, once and in order, a
/// little behind the writer, when nothing else wants the core. How much stays cached is the system's decision.
/// A read error ends it silently: the readers that need those bytes report it. The log must outlive it.
class page_warmer {
 public:
  explicit page_warmer(const segment_log& log);
  ~page_warmer();
  page_warmer(const page_warmer&) = delete;
  page_warmer& operator=(const page_warmer&) = delete;

  /// Bytes read so far. Thread-safe.
  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  /// What is read at once: a synced write waits behind at most one of them. The system's own reading ahead is off, it
  /// may be megabytes, and the journal's writes then wait behind those.
  static constexpr std::size_t step_bytes = 128u << 10;

 private:
  void run();
  /// Reads one step; false when there is nothing to read yet.
  bool advance();

  std::string journal_path_;
  std::shared_ptr<const segment_table> table_;
  file file_;
  log_place place_;           ///< of the next byte to read
  std::uint32_t opened_ = 0;  ///< segment that file_ is
  aligned_buffer scratch_{step_bytes, aligned_buffer::content::undefined};
  std::atomic<std::uint64_t> bytes_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace payloom::storage
