#pragma once
// Which shard serves which id, and in which order a route visits accounts. Shared by all shards; fixed after start but
// for the hosts of hot accounts, which move while nobody has a claim on them (architecture.md section 2).
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "actors/core/place_hash.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

class topology {
 public:
  static constexpr std::uint32_t hot_slots = 4096;         ///< accounts that were ever hot since the start
  static constexpr std::uint32_t hot_max = hot_slots / 2;  ///< beyond it an account stays with its home shard

  /// `salt`: see place_hash.
  topology(std::uint32_t order_shards, std::uint32_t home_shards, std::uint32_t hot_shards = 0, std::uint64_t salt = 0)
      : order_shards_(order_shards), home_shards_(home_shards), hot_shards_(hot_shards), place_(salt), hot_(hot_slots) {
    PAYLOOM_ASSERT(order_shards >= 1 && home_shards >= 1);
    for (std::uint32_t v = 0; v < limits::virtual_shards; ++v) {
      order_of_[v] = static_cast<std::uint16_t>(shard_of(v, order_shards));
      home_of_[v].store(static_cast<std::uint16_t>(shard_of(v, home_shards)), std::memory_order_relaxed);
    }
  }
  std::uint32_t order_shards() const { return order_shards_; }
  /// All shards that hold accounts: home shards first, then hot-account shards.
  std::uint32_t account_shards() const { return home_shards_ + hot_shards_; }
  std::uint32_t home_shards() const { return home_shards_; }
  std::uint32_t hot_shards() const { return hot_shards_; }

  shard_index order_shard(std::uint64_t mix) const { return order_of_[virtual_shard_of_mix(mix)]; }
  /// The shard that holds the account now, or would hold it if it existed. `mix` is that of (tenant, id).
  shard_index account_shard(std::uint64_t mix, tenant_id tenant, u128 id) const {
    const std::uint16_t home = home_of_[virtual_shard_of_mix(mix)].load(std::memory_order_acquire);
    if ((home & near_hot) == 0) [[likely]]
      return home;
    return host_of(mix, tenant, id, home & static_cast<std::uint16_t>(~near_hot));
  }
  shard_index home_shard(std::uint64_t mix) const { return shard_of(virtual_shard_of_mix(mix), home_shards_); }
  /// The hot-account shard that takes the account when it is marked hot.
  shard_index hot_shard(std::uint64_t mix) const { return home_shards_ + static_cast<shard_index>(mix % hot_shards_); }

  /// Moves an account that nobody has a claim on. Called by the shard that holds it, after it sent the account on its
  /// way. False when the table of hot accounts is full (nothing changed).
  bool set_host(std::uint64_t mix, tenant_id tenant, u128 id, shard_index host) {
    for (std::uint32_t i = slot_of(mix, id);; i = (i + 1) % hot_slots) {
      hot_slot& s = hot_[i];
      if (!s.taken.load(std::memory_order_acquire)) {
        // Only the account's holder moves it, so nobody else looks for a place for this one.
        if (hot_used_.fetch_add(1, std::memory_order_relaxed) >= hot_max) {
          hot_used_.fetch_sub(1, std::memory_order_relaxed);
          return false;
        }
        bool expected = false;
        if (!s.taken.compare_exchange_strong(expected, true, std::memory_order_acq_rel)) {
          hot_used_.fetch_sub(1, std::memory_order_relaxed);
          continue;  // another account was faster
        }
        s.tenant = tenant;
        s.id = id;
      } else if (!s.is(tenant, id)) {
        continue;
      }
      s.host_plus_one.store(host + 1, std::memory_order_release);
      home_of_[virtual_shard_of_mix(mix)].fetch_or(near_hot, std::memory_order_acq_rel);
      moves_.fetch_add(1, std::memory_order_acq_rel);
      return true;
    }
  }
  /// How often an account moved so far.
  std::uint64_t moves() const { return moves_.load(std::memory_order_acquire); }

 private:
  static constexpr std::uint16_t near_hot = 0x8000;  ///< some account of this virtual shard is or was hot
  struct hot_slot {
    std::atomic<bool> taken{false};
    std::atomic<std::uint32_t> host_plus_one{0};  ///< 0: taken a moment ago, its account still at home
    tenant_id tenant = 0;                         ///< as the id: written before the first host, then fixed
    u128 id = 0;
    bool is(tenant_id t, u128 i) const {
      return host_plus_one.load(std::memory_order_acquire) != 0 && id == i && tenant == t;
    }
  };
  std::uint32_t slot_of(std::uint64_t mix, u128 id) const {
    return static_cast<std::uint32_t>(place_(mix, id)) % hot_slots;
  }
  shard_index host_of(std::uint64_t mix, tenant_id tenant, u128 id, shard_index home) const {
    for (std::uint32_t i = slot_of(mix, id);; i = (i + 1) % hot_slots) {
      const hot_slot& s = hot_[i];
      if (!s.taken.load(std::memory_order_acquire)) return home;
      if (s.is(tenant, id)) return s.host_plus_one.load(std::memory_order_acquire) - 1;
    }
  }

  std::uint32_t order_shards_, home_shards_, hot_shards_;
  place_hash place_;
  std::array<std::uint16_t, limits::virtual_shards> order_of_{};
  std::array<std::atomic<std::uint16_t>, limits::virtual_shards> home_of_{};
  std::vector<hot_slot> hot_;
  std::atomic<std::uint32_t> hot_used_{0};
  std::atomic<std::uint64_t> moves_{0};
};

/// Routes visit ids in ascending (virtual shard, id) order, so waiting never forms a cycle.
constexpr bool route_before(std::uint64_t mix_a, u128 id_a, std::uint64_t mix_b, u128 id_b) {
  const auto va = virtual_shard_of_mix(mix_a), vb = virtual_shard_of_mix(mix_b);
  return va != vb ? va < vb : id_a < id_b;
}

}  // namespace payloom::core
