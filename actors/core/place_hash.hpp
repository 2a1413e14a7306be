#pragma once
// Where an id goes in a table: a hash of the whole id with a secret. The published mix alone would let a client choose
// ids that all fall into one place: it can be inverted, and as many ids as one likes share one mix.
#include <cstdint>

#include "protocol/types/ids.hpp"

namespace payloom::core {

class place_hash {
 public:
  /// `salt` is secret: drawn at each start. 0 in tests.
  explicit constexpr place_hash(std::uint64_t salt) : a_(salt), b_(fold(salt ^ 0x9e3779b97f4a7c15ull, ~salt)) {}

  /// `mix` is the published mix of (tenant, id): with the lower half of the id it stands for both.
  constexpr std::uint64_t operator()(std::uint64_t mix, u128 id) const { return fold(mix ^ a_, lo64(id) ^ b_); }

 private:
  static constexpr std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
    const u128 product = u128{x} * y;
    return lo64(product) ^ hi64(product);
  }

  std::uint64_t a_, b_;
};

}  // namespace payloom::core
