#pragma once
// Numbers by Zipf's law: i of 0 .. n-1 with a probability proportional to 1 / (i+1)^exponent; 0 makes all alike.
// Drawing is two look-ups (alias method). Immutable; any thread may draw.
#include <cstdint>
#include <vector>

namespace payloom::bench {

class zipf {
 public:
  /// 1 <= n < 2^32; 8 bytes of memory for each.
  zipf(std::uint64_t n, double exponent);

  /// `random`: 64 random bits.
  std::uint64_t draw(std::uint64_t random) const {
    const auto at = static_cast<std::uint32_t>((random >> 32) * columns_.size() >> 32);
    return static_cast<std::uint32_t>(random) < columns_[at].keep ? at : columns_[at].other;
  }

 private:
  struct column {
    std::uint32_t keep;   ///< share of 2^32 that stays here
    std::uint32_t other;  ///< where the rest goes
  };
  std::vector<column> columns_;
};

}  // namespace payloom::bench
