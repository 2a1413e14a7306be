#pragma once
// What an operator tuning shards wants to see. Each is written by one actor at a time and read relaxed by anyone.
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "protocol/types/ids.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom::actors {

/// For counters that several threads add to.
inline void bump_shared(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  if (by != 0) counter.fetch_add(by, std::memory_order_acq_rel);
}

/// Adds without a locked instruction: there is one writer at a time.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

struct alignas(64) shard_counters {
  std::atomic<std::uint64_t> batches{0}, events{0}, busy_ns{0}, mails{0};
  std::atomic<std::uint64_t> parked{0}, entities{0}, memory_bytes{0}, deferred{0};
  std::atomic<time_ns> deferred_since{0};
};

/// What a channel's gateway counts; written by it alone.
struct alignas(64) channel_counters {
  std::atomic<std::uint64_t> calls{0}, facts{0}, in_flight{0};
};

/// What the checks' gateway counts of one check; written by it alone.
struct alignas(64) check_counters {
  std::atomic<bool> served{false};
  std::atomic<std::uint64_t> asked{0}, passed{0}, refused{0}, missed{0}, late{0}, in_flight{0};
};

/// Payments that wait for checks; written by the gateway.
struct alignas(64) check_backlog {
  std::atomic<std::uint64_t> payments{0};
  std::atomic<time_ns> since{0};  ///< the oldest of them; 0: there is none
};

struct alignas(64) writer_counters {
  std::atomic<std::uint64_t> groups{0}, events{0}, bytes{0}, inline_groups{0}, sync_ns{0}, queue_events{0}, refusals{0};
  static constexpr std::size_t codes = result_codes_end;    ///< result code numbers are below this
  std::array<std::atomic<std::uint64_t>, codes> refused{};  ///< remembered refusals by code
};

}  // namespace payloom::actors
