#pragma once
// Ids as an attacker makes them: the published mix can be inverted, and as many ids as one likes share one.
#include "protocol/types/shard_map.hpp"

namespace payloom::support {

/// Another id of the tenant with the mix of `id`; a different one for each `number`.
constexpr u128 twin_of(tenant_id tenant, u128 id, std::uint64_t number) {
  // mix = round(lo ^ round(hi + step)): mix_id of an id whose lower half is y gives round(y ^ round(hi + step)).
  constexpr auto unround = [](std::uint64_t x) {
    constexpr std::uint64_t factor = 0xd6e8feb86659fd93ull;
    std::uint64_t inverse = factor;  // modulo 2^64, by Newton's method
    for (int i = 0; i < 6; ++i) inverse *= 2 - factor * inverse;
    for (int i = 0; i < 2; ++i) {
      x ^= x >> 32;
      x *= inverse;
    }
    return x ^ (x >> 32);
  };
  const std::uint64_t high = hi64(id) ^ (number + 1);
  const std::uint64_t inner = unround(mix_id(tenant, id));                          // lo ^ round(hi + step) of `id`
  const std::uint64_t inner_of_zero = unround(mix_id(tenant, make_u128(high, 0)));  // the same of the twin, for lo = 0
  return make_u128(high, inner ^ inner_of_zero);
}
static_assert(mix_id(3, twin_of(3, 12345, 7)) == mix_id(3, 12345));

}  // namespace payloom::support
