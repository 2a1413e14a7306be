#pragma once
// What one I/O thread counts. One writer (the thread), any number of readers: plain loads and stores, no locked adds.
#include <array>
#include <atomic>
#include <cstdint>

#include "protocol/types/result_code.hpp"

namespace payloom::net {

class counter {
 public:
  void add(std::uint64_t n) noexcept { value_.store(get() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) noexcept { value_.store(get() - n, std::memory_order_relaxed); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) gateway_counters {
  static constexpr std::size_t codes = result_codes_end;  ///< result code numbers are below this

  counter connections;  ///< open now
  counter accepted;     ///< ever
  counter frames_in;    ///< whole frames read, also refused ones
  counter frames_out;
  counter bytes_in;
  counter bytes_out;
  counter requests_in_flight;  ///< with the sink now
  counter events_in_flight;    ///< with the sink now
  counter events_in;           ///< handed to the sink, ever
  counter connection_bytes;    ///< connections, their unfinished frames and unsent replies; as of the last tick
  counter pool_bytes;          ///< address space of frames in use and kept; as of the last tick
  counter rounds;              ///< poll rounds
  counter reads;               ///< read system calls
  counter writes;              ///< write system calls
  std::array<counter, codes> refusals;  ///< frames answered by the gateway itself, by frame-level code

  void refused(result_code code) noexcept { refusals[static_cast<std::size_t>(code) % codes].add(1); }
};

}  // namespace payloom::net
