#pragma once
// What all connections together have in flight. One object per server, shared by the I/O threads.
#include <atomic>
#include <cstdint>

namespace payloom::net {

class total_credits {
 public:
  total_credits(std::uint64_t events_max, std::uint64_t bytes_max) : events_max_(events_max), bytes_max_(bytes_max) {
    // nop
  }

  /// Takes both or neither; false: the server is full. The bounds are never passed, whatever the threads do.
  bool take(std::uint64_t events, std::uint64_t bytes) noexcept {
    const auto had_events = events_.fetch_add(events, std::memory_order_relaxed);
    const auto had_bytes = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (had_events + events <= events_max_ && had_bytes + bytes <= bytes_max_) return true;
    give_back(events, bytes);
    return false;
  }

  void give_back(std::uint64_t events, std::uint64_t bytes) noexcept {
    events_.fetch_sub(events, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  std::uint64_t events() const noexcept { return events_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  const std::uint64_t events_max_;
  const std::uint64_t bytes_max_;
  alignas(64) std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace payloom::net
