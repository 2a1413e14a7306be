#pragma once
// The answers to orders that the server makes itself: whoever submitted them waits here.
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "protocol/types/records.hpp"

namespace payloom::actors {

/// One writer per place, one that waits. Thread-safe.
class order_answers {
 public:
  explicit order_answers(std::size_t count) : results_(count), missing_(count) {}

  void put(std::size_t first, const result_record* results, std::size_t count) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < count; ++i) results_[first + i] = results[i];
    missing_ -= count;
    if (missing_ == 0) all_.notify_all();
  }
  /// All of them, in the order of the submission: every command is answered, at the latest at its deadline.
  std::vector<result_record> wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [this] { return missing_ == 0; });
    return std::move(results_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  std::vector<result_record> results_;
  std::size_t missing_;
};

}  // namespace payloom::actors
