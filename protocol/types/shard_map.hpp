#pragma once
// Which shard owns an id (architecture.md section 5). The mix is fixed and published in WIRE.md: changing it would
// move every id to another virtual shard.
#include <cstdint>

#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"

namespace payloom {

/// The published 64-bit mix of (tenant, id). The top 12 bits are the virtual shard; tables may use the other bits.
constexpr std::uint64_t mix_id(tenant_id tenant, u128 id) {
  constexpr auto round = [](std::uint64_t x) {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ull;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ull;
    return x ^ (x >> 32);
  };
  return round(lo64(id) ^ round(hi64(id) + 0x9e3779b97f4a7c15ull * (std::uint64_t{tenant} + 1)));
}

constexpr std::uint32_t virtual_shard_of_mix(std::uint64_t mix) { return static_cast<std::uint32_t>(mix >> 52); }
constexpr std::uint32_t virtual_shard(tenant_id tenant, u128 id) { return virtual_shard_of_mix(mix_id(tenant, id)); }
static_assert(limits::virtual_shards == 1u << 12);

/// The shard of `count` that serves virtual shard `vshard`.
constexpr shard_index shard_of(std::uint32_t vshard, std::uint32_t count) { return vshard % count; }

}  // namespace payloom
