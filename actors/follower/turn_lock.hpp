#pragma once
// A mutex that is taken in the order of asking: stage 1 holds it nearly always, and a query must get its turn after one
// slice of events, not by luck.
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace payloom::follower {

/// BasicLockable. Costs one uncontended mutex operation when nobody waits.
class turn_lock {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const std::uint64_t turn = next_turn_++;
    turn_came_.wait(guard, [&] { return serving_ == turn; });
  }
  void unlock() {
    bool waiting = false;
    {
      const std::lock_guard guard(mutex_);
      ++serving_;
      waiting = next_turn_ != serving_;
    }
    if (waiting) turn_came_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_came_;
  std::uint64_t next_turn_ = 0;
  std::uint64_t serving_ = 0;
};

}  // namespace payloom::follower
