#pragma once
// A flat table of entities addressed by (tenant, id): rows in fixed chunks (they never move, so a claim may keep a row
// number) and an open-addressing index of 8-byte slots (fingerprint, row). One thread at a time.
// `Entity` needs `u128 key_id() const`, `tenant_id key_tenant() const`.
#include <bit>
#include <cstdint>
#include <new>
#include <vector>

#include "actors/core/place_hash.hpp"
#include "actors/core/zeroed_array.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

template <class Entity>
class entity_table {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  /// `chunk_rows` (a power of two) is the step in which memory grows; `salt`: see place_hash.
  explicit entity_table(std::uint32_t chunk_rows, std::uint64_t salt, std::uint32_t initial_slots = 1024)
      : place_(salt),
        chunk_shift_(static_cast<std::uint32_t>(std::countr_zero(chunk_rows))),
        chunk_mask_(chunk_rows - 1) {
    PAYLOOM_ASSERT(std::has_single_bit(chunk_rows) && std::has_single_bit(initial_slots));
    index_.resize(initial_slots);
    mask_ = initial_slots - 1;
  }
  entity_table(const entity_table&) = delete;
  entity_table& operator=(const entity_table&) = delete;

  std::size_t size() const { return size_; }
  std::uint32_t rows() const { return rows_; }
  std::size_t memory_bytes() const {
    return index_.size() * sizeof(slot) + chunks_.size() * (std::size_t{chunk_mask_} + 1) * sizeof(Entity);
  }

  Entity& at(std::uint32_t row) { return chunks_[row >> chunk_shift_][row & chunk_mask_]; }
  const Entity& at(std::uint32_t row) const { return chunks_[row >> chunk_shift_][row & chunk_mask_]; }

  /// What the next two want of an id.
  std::uint64_t place_of(std::uint64_t mix, u128 id) const { return place_(mix, id); }
  void prefetch_index(std::uint64_t key) const { __builtin_prefetch(&index_[home(key)]); }

  /// The first row whose fingerprint fits, for prefetching only.
  std::uint32_t candidate(std::uint64_t key) const {
    const std::uint32_t print = fingerprint(key);
    for (std::size_t i = home(key);; i = (i + 1) & mask_) {
      if (index_[i].print == print) return index_[i].row;
      if (index_[i].print == 0) return none;
    }
  }
  void prefetch_row(std::uint32_t row) const {
    const char* p = reinterpret_cast<const char*>(&at(row));
    for (std::size_t o = 0; o < sizeof(Entity); o += 64) __builtin_prefetch(p + o, 1);
  }

  std::uint32_t find(std::uint64_t mix, tenant_id tenant, u128 id) const {
    const std::uint64_t key = place_(mix, id);
    const std::uint32_t print = fingerprint(key);
    for (std::size_t i = home(key);; i = (i + 1) & mask_) {
      const slot s = index_[i];
      if (s.print == 0) return none;
      if (s.print == print) {
        const Entity& e = at(s.row);
        if (e.key_id() == id && e.key_tenant() == tenant) return s.row;
      }
    }
  }

  /// A new row for a key that is not in the table; the caller fills the entity in.
  std::uint32_t insert(std::uint64_t mix, u128 id) {
    if ((size_ + 1) * 4 > index_.size() * 3) grow();
    std::uint32_t row;
    if (!free_.empty()) {
      row = free_.back();
      free_.pop_back();
    } else {
      row = rows_++;
      if ((row >> chunk_shift_) == chunks_.size()) add_chunk();
    }
    const std::uint64_t key = place_(mix, id);
    put({fingerprint(key), row}, key);
    ++size_;
    return row;
  }

  /// Takes a row out; its number may be given to another entity.
  void erase(std::uint32_t row) {
    std::size_t i = home(key_of(row));
    while (index_[i].print == 0 || index_[i].row != row) {
      PAYLOOM_ASSERT(index_[i].print != 0);
      i = (i + 1) & mask_;
    }
    // Close the gap: move back whatever probed past it (no tombstones, so chains stay short for ever).
    for (std::size_t j = (i + 1) & mask_; index_[j].print != 0; j = (j + 1) & mask_) {
      const std::size_t h = home(key_of(index_[j].row));
      if (((j - h) & mask_) >= ((j - i) & mask_)) {
        index_[i] = index_[j];
        i = j;
      }
    }
    index_[i] = {};
    free_.push_back(row);
    --size_;
  }

 private:
  struct slot {
    std::uint32_t print = 0;  ///< 0 = empty
    std::uint32_t row = 0;
  };
  static std::uint32_t fingerprint(std::uint64_t key) { return static_cast<std::uint32_t>(key) | 1u; }
  std::size_t home(std::uint64_t key) const { return static_cast<std::size_t>(key >> 20) & mask_; }
  std::uint64_t key_of(std::uint32_t row) const {
    const Entity& e = at(row);
    return place_(mix_id(e.key_tenant(), e.key_id()), e.key_id());
  }

  void put(slot s, std::uint64_t key) {
    std::size_t i = home(key);
    while (index_[i].print != 0) i = (i + 1) & mask_;
    index_[i] = s;
  }
  void grow() {
    std::vector<slot> old(index_.size() * 2);
    old.swap(index_);
    mask_ = index_.size() - 1;
    for (const slot& s : old)
      if (s.print != 0) put(s, key_of(s.row));
  }
  void add_chunk() {
    // Pages of their own: chunks stay for ever, and between them the heap would keep holes.
    pages_.emplace_back((std::size_t{chunk_mask_} + 1) * sizeof(Entity));
    Entity* chunk = reinterpret_cast<Entity*>(pages_.back().get());
    for (std::size_t i = 0; i <= chunk_mask_; ++i) new (chunk + i) Entity();
    chunks_.push_back(chunk);
  }

  place_hash place_;
  std::uint32_t chunk_shift_, chunk_mask_;
  std::vector<slot> index_;
  std::size_t mask_ = 0, size_ = 0;
  std::vector<Entity*> chunks_;
  std::vector<zeroed_array<std::byte>> pages_;  ///< of the chunks
  std::uint32_t rows_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace payloom::core
