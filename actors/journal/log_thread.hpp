#pragma once
// The writer's own thread: appends one group at a time and says when it is durable. A write or sync error stops the
// process: nothing was answered, recovery decides (architecture.md section 4).
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "storage/ports.hpp"

namespace payloom::actors {

class log_thread {
 public:
  /// `done(status)` runs on the log thread.
  log_thread(storage::journal& journal, std::function<void(storage::append_status)> done);
  ~log_thread();

  /// Hands a group over; one at a time, the bytes stay put until `done`.
  void append(std::span<std::byte> group);

 private:
  void run();

  storage::journal& journal_;
  std::function<void(storage::append_status)> done_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::span<std::byte> group_;
  bool has_group_ = false, stop_ = false;
  std::thread thread_;
};

/// Appends and turns a storage failure into the end of the process.
storage::append_status append_or_stop(storage::journal& journal, std::span<std::byte> group);

}  // namespace payloom::actors
