#pragma once
// What the I/O threads of one server share.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "protocol/net/server_options.hpp"
#include "protocol/net/total_credits.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom::net {

struct shared_state {
  explicit shared_state(server_options given)
      : options(std::move(given)), credits(options.total_events, options.total_bytes) {
    // nop
  }

  commit_seq durable() const noexcept {
    return options.durable_sequence == nullptr ? 0 : options.durable_sequence->load(std::memory_order_acquire);
  }

  void connection_opened() noexcept { connections_.fetch_add(1); }
  void connection_closed() noexcept {
    if (connections_.fetch_sub(1) != 1) return;
    const std::lock_guard lock(mutex_);
    all_closed_.notify_all();
  }
  std::uint32_t connections() const noexcept { return connections_.load(); }
  /// False: some were still open when the time was over.
  bool wait_until_all_closed(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return all_closed_.wait_for(lock, at_most, [this] { return connections_.load() == 0; });
  }

  const server_options options;
  total_credits credits;
  /// ok, draining (all requests are refused), or what commands are refused with while queries go on.
  std::atomic<result_code> admission{result_code::ok};

 private:
  std::atomic<std::uint32_t> connections_{0};
  std::mutex mutex_;
  std::condition_variable all_closed_;
};

}  // namespace payloom::net
