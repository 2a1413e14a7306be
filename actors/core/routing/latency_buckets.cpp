#include "actors/core/routing/latency_buckets.hpp"

#include <bit>

#include "protocol/types/assert.hpp"

namespace payloom::core::routing {

std::size_t latency_buckets::bucket_of(std::uint64_t ns) {
  if (ns < (std::uint64_t{1} << least_bits)) return 0;
  if (ns >= (std::uint64_t{1} << most_bits)) return buckets - 1;
  const auto power = static_cast<unsigned>(std::bit_width(ns)) - 1;
  return 1 + (power - least_bits) * 4 + ((ns >> (power - 2)) & 3);
}

std::uint64_t latency_buckets::end_of(std::size_t bucket) {
  PAYLOOM_ASSERT(bucket < buckets);
  if (bucket == 0) return std::uint64_t{1} << least_bits;
  const auto power = static_cast<unsigned>(least_bits + (bucket - 1) / 4);
  return (std::uint64_t{5} + (bucket - 1) % 4) << (power - 2);
}

void latency_buckets::add(std::uint64_t latency_ns, time_ns now) {
  const std::uint64_t block = now / block_ns;
  if (block > block_) {
    before_ = block == block_ + 1 ? newest_ : counts{};
    newest_ = {};
    block_ = block;
  }
  std::uint32_t& count = newest_[bucket_of(latency_ns)];
  if (count != UINT32_MAX) ++count;
}

std::uint64_t latency_buckets::p95_ns(time_ns now) const {
  const std::uint64_t block = now / block_ns;
  const bool has_newest = block <= block_ + 1, has_before = block <= block_;
  const auto of = [&](std::size_t i) {
    return std::uint64_t{has_newest ? newest_[i] : 0} + (has_before ? before_[i] : 0);
  };
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < buckets; ++i) all += of(i);
  if (all == 0) return 0;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    below += of(i);
    if (below * 20 >= all * 19) return end_of(i);
  }
  PAYLOOM_ASSERT(!"all of them are below the last bucket's end");
  return 0;
}

}  // namespace payloom::core::routing
