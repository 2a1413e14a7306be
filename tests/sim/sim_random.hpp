#pragma once
// The simulation's own random numbers: the same everywhere for the same seed (the standard's distributions are not).
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "protocol/types/u128.hpp"

namespace payloom::sim {

class sim_random {
 public:
  explicit sim_random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  /// 0 .. n-1; n must not be 0. (The bias of the remainder does not matter here.)
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  u128 id() { return make_u128(next(), next() | 1) & ~(static_cast<u128>(1) << 127); }
  template <class List>
  auto& pick(List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace payloom::sim
