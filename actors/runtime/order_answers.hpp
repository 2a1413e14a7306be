#pragma once
// The answers to commands that the server makes itself: whoever submitted them waits here, or is called.
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "protocol/types/records.hpp"

namespace payloom::actors {

/// One writer per place; one that waits, or `then`, which is called once with all of them on the thread of the last.
/// Thread-safe.
class order_answers {
 public:
  using called = std::function<void(std::vector<result_record>)>;
  explicit order_answers(std::size_t count, called then = nullptr)
      : results_(count), missing_(count), then_(std::move(then)) {}

  void put(std::size_t first, const result_record* results, std::size_t count) {
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < count; ++i) results_[first + i] = results[i];
    missing_ -= count;
    if (missing_ != 0) return;
    all_.notify_all();
    if (!then_) return;
    lock.unlock();  // nobody waits where somebody is called
    then_(std::move(results_));
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
  called then_;
};

}  // namespace payloom::actors
