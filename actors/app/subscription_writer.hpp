#pragma once
// The thread that makes acknowledgements durable. While one batch is written the next gathers, so one sync serves all
// that came meanwhile, however many.
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/app/subscription_store.hpp"

namespace payloom::app {

class subscription_writer {
 public:
  /// What became of changes: the numbers under which they were handed in.
  struct outcome {
    std::vector<std::uint64_t> tickets;
    bool durable = false;
  };

  /// `store` is loaded, and this thread's from now on. `on_outcome` is called after each batch, on that thread.
  subscription_writer(subscription_store& store, std::function<void()> on_outcome);
  /// As `stop`.
  ~subscription_writer();

  /// Takes a change; `ticket` 0: nobody waits for it. Any thread.
  void submit(const stored_subscription& change, std::uint64_t ticket);
  /// What ended since the last call. Any thread.
  std::vector<outcome> take_outcomes();
  /// Writes what was submitted, then ends the thread. Idempotent.
  void stop();

  std::uint64_t writes() const { return writes_.load(std::memory_order_relaxed); }

 private:
  void run();

  subscription_store& store_;
  std::function<void()> on_outcome_;
  std::atomic<std::uint64_t> writes_{0};
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable wake_;
  std::map<subscription_key, stored_subscription> changes_;  ///< the newest of each
  std::vector<std::uint64_t> tickets_;
  std::vector<outcome> outcomes_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace payloom::app
