#pragma once
// Which shard serves which id, and in which order a route visits accounts. Immutable after start; shared by all shards.
#include <array>
#include <cstdint>

#include "protocol/types/shard_map.hpp"

namespace payloom::core {

class topology {
 public:
  topology(std::uint32_t order_shards, std::uint32_t account_shards)
      : order_shards_(order_shards), account_shards_(account_shards) {
    for (std::uint32_t v = 0; v < limits::virtual_shards; ++v) {
      order_of_[v] = static_cast<std::uint16_t>(shard_of(v, order_shards));
      account_of_[v] = static_cast<std::uint16_t>(shard_of(v, account_shards));
    }
  }
  std::uint32_t order_shards() const { return order_shards_; }
  std::uint32_t account_shards() const { return account_shards_; }
  shard_index order_shard(std::uint64_t mix) const { return order_of_[virtual_shard_of_mix(mix)]; }
  shard_index account_shard(std::uint64_t mix) const { return account_of_[virtual_shard_of_mix(mix)]; }

 private:
  std::uint32_t order_shards_, account_shards_;
  std::array<std::uint16_t, limits::virtual_shards> order_of_{}, account_of_{};
};

/// Routes visit ids in ascending (virtual shard, id) order, so waiting never forms a cycle.
constexpr bool route_before(std::uint64_t mix_a, u128 id_a, std::uint64_t mix_b, u128 id_b) {
  const auto va = virtual_shard_of_mix(mix_a), vb = virtual_shard_of_mix(mix_b);
  return va != vb ? va < vb : id_a < id_b;
}

}  // namespace payloom::core
