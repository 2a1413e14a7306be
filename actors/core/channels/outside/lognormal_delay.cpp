#include "actors/core/channels/outside/lognormal_delay.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "protocol/types/assert.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core {

namespace {

// Numbers with 32 bits behind the point, as said at each; 62 bits in the table of powers.
constexpr std::uint64_t one = 1ull << 32;
constexpr std::uint64_t ln_of_2 = 0xb17217f8ull;     // 0.693...
constexpr std::uint64_t log2_of_e = 0x171547653ull;  // 1.442...

constexpr std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<u128>(a) * b) >> 32);
}

/// The largest number whose square is at most `n`.
constexpr std::uint64_t root_of(u128 n) {
  u128 root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const u128 tried = root | static_cast<u128>(1) << bit;
    if (tried * tried <= n) root = tried;
  }
  return static_cast<std::uint64_t>(root);
}

/// 2 to the powers 1/2, 1/4, 1/8, ... with 62 bits behind the point.
constexpr std::array<std::uint64_t, 32> roots_of_2 = [] {
  std::array<std::uint64_t, 32> roots{};
  std::uint64_t last = root_of(static_cast<u128>(2) << 124);
  for (std::uint64_t& r : roots) {
    r = last;
    last = root_of(static_cast<u128>(last) << 62);
  }
  return roots;
}();

/// The binary logarithm of `x`, which is at least 1.
constexpr std::uint64_t log2_of(std::uint64_t x) {
  const int whole = static_cast<int>(std::bit_width(x)) - 33;
  u128 rest = static_cast<u128>(x) << 30 >> whole;  // 1 <= rest < 2, 62 bits behind the point
  std::uint64_t result = static_cast<std::uint64_t>(whole) << 32;
  for (int bit = 31; bit >= 0; --bit) {
    rest = (rest * rest) >> 62;
    if (rest >> 63 != 0) {
      rest >>= 1;
      result |= 1ull << bit;
    }
  }
  return result;
}

/// n * 2^x for a negative or positive x, 32 bits behind its point; at most `max`.
std::uint64_t scaled(std::uint64_t n, std::int64_t x, std::uint64_t max) {
  const std::int64_t whole = x >> 32;
  const auto part = static_cast<std::uint64_t>(x) & (one - 1);
  u128 factor = static_cast<u128>(1) << 62;
  for (int bit = 0; bit < 32; ++bit)
    if ((part >> (31 - bit) & 1) != 0) factor = (factor * roots_of_2[bit]) >> 62;
  const u128 grown = static_cast<u128>(n) * (factor >> 30);  // 32 bits behind the point
  if (whole >= 32) return max;
  const u128 result = whole >= 0 ? (grown << whole) >> 32 : whole > -64 ? grown >> (32 - whole) : 0;
  return static_cast<std::uint64_t>(std::min<u128>(result, max));
}

}  // namespace

lognormal_delay::lognormal_delay(std::uint32_t mean_ms, std::uint32_t sigma_ms, std::uint32_t max_ms)
    : mean_ns_(mean_ms * 1'000'000ull), max_ns_(max_ms * 1'000'000ull) {
  PAYLOOM_ASSERT(sigma_ms <= std::uint64_t{mean_ms} * 10);
  if (mean_ms == 0 || sigma_ms == 0) return;
  // Of the natural logarithm: variance = ln(1 + (sigma / mean)^2), median = mean / e^(variance / 2).
  const u128 ratio = (static_cast<u128>(sigma_ms) * sigma_ms << 32) / (static_cast<u128>(mean_ms) * mean_ms);
  const std::uint64_t variance = product(log2_of(one + static_cast<std::uint64_t>(ratio)), ln_of_2);
  deviation_ = product(root_of(static_cast<u128>(variance) << 32), log2_of_e);
  shift_ = product(variance / 2, log2_of_e);
}

std::uint64_t lognormal_delay::of(const std::array<std::uint64_t, 3>& chance) const {
  if (deviation_ == 0) return std::min(mean_ns_, max_ns_);
  std::int64_t sum = 12 * 0x8000;  // every part counts as the middle of its 16-bit step
  for (const std::uint64_t bits : chance)
    for (int part = 0; part < 64; part += 16) sum += static_cast<std::int64_t>(bits >> part & 0xffff) * 0x10000;
  const std::int64_t normal = sum - 6 * static_cast<std::int64_t>(one);
  const auto distance = static_cast<std::int64_t>(product(deviation_, static_cast<std::uint64_t>(std::abs(normal))));
  return scaled(mean_ns_, (normal < 0 ? -distance : distance) - static_cast<std::int64_t>(shift_), max_ns_);
}

}  // namespace payloom::core
