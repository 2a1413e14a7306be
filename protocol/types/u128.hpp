#pragma once
// Unsigned 128-bit integers: amounts in minor units and client-made ids. Money never overflows silently:
// every sum that can grow goes through `checked_add` / `checked_sub` (architecture.md section 5).
#include <cstdint>

namespace payloom {

__extension__ typedef unsigned __int128 u128;

/// Builds a 128-bit value from its two halves.
constexpr u128 make_u128(std::uint64_t hi, std::uint64_t lo) { return (static_cast<u128>(hi) << 64) | lo; }
constexpr std::uint64_t lo64(u128 v) { return static_cast<std::uint64_t>(v); }
constexpr std::uint64_t hi64(u128 v) { return static_cast<std::uint64_t>(v >> 64); }

/// The largest amount; as the amount of a capture or a reversal it means "all that is left".
constexpr u128 u128_max = ~static_cast<u128>(0);

/// `a + b` into `out`; false (and `out` unspecified) on overflow.
[[nodiscard]] constexpr bool checked_add(u128 a, u128 b, u128& out) {
  out = a + b;
  return out >= a;
}

/// `a - b` into `out`; false (and `out` unspecified) when b > a.
[[nodiscard]] constexpr bool checked_sub(u128 a, u128 b, u128& out) {
  out = a - b;
  return a >= b;
}

}  // namespace payloom
