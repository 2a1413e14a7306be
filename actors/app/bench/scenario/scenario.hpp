#pragma once
// What a scenario file says: a mix of business operations, how they arrive, and who takes part. A value.
#include <array>
#include <cstdint>
#include <string>

#include "actors/app/bench/scenario/operation_kinds.hpp"

namespace payloom::bench {

struct scenario {
  std::uint64_t seed = 0;  ///< 0: drawn anew
  double seconds = 10;
  double rate = 0;       ///< operations a second of the open loop; 0: closed loop
  bool poisson = false;  ///< open loop: random gaps instead of even ones
  std::uint32_t connections = 1;
  std::uint32_t window = 4;   ///< frames in flight on each connection
  std::uint32_t frame = 100;  ///< most operations in a frame
  std::uint64_t users = 10'000;
  std::uint64_t merchants = 100;
  double users_skew = 0;  ///< exponent of Zipf's law, 0: all alike
  double merchants_skew = 0;
  double top_merchant_percent = 0;  ///< of the orders: to the first merchant, before the law
  double duplicates_percent = 0;    ///< of the commands: one that was acknowledged before, once more
  std::uint64_t amount_min = 1'000, amount_max = 10'000;  ///< minor units
  std::array<std::uint64_t, kind_count> mix{};            ///< weight of each kind of operation_kinds
};

}  // namespace payloom::bench
