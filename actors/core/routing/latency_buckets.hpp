#pragma once
// The p95 of latencies in fixed memory: buckets that grow by a quarter of a power of two (an answer is at most 25 % too
// high), over the last 30 to 60 s. No allocation. One thread at a time.
#include <array>
#include <cstdint>

#include "actors/core/routing/health_plan.hpp"

namespace payloom::core::routing {

class latency_buckets {
 public:
  static constexpr time_ns block_ns = 30 * second_ns;
  static constexpr unsigned least_bits = 10;  ///< all below 2^10 ns are one bucket
  static constexpr unsigned most_bits = 37;   ///< all from 2^37 ns (137 s) on are the last one
  static constexpr std::size_t buckets = 1 + (most_bits - least_bits) * 4;

  void add(std::uint64_t latency_ns, time_ns now);
  /// The upper end of the bucket below which at least 95 % lie; 0 when nothing is known.
  std::uint64_t p95_ns(time_ns now) const;
  static std::size_t bucket_of(std::uint64_t latency_ns);
  /// The smallest latency that is above all of a bucket.
  static std::uint64_t end_of(std::size_t bucket);

 private:
  using counts = std::array<std::uint32_t, buckets>;

  std::uint64_t block_ = 0;  ///< number of the newest one since 1970
  counts newest_{}, before_{};
};

}  // namespace payloom::core::routing
