#pragma once
// A flat table of entities addressed by (tenant, id): rows in fixed chunks (they never move, so a claim may keep a row
// number) and an open-addressing index of 8-byte slots (fingerprint, row). One thread at a time.
// `Entity` needs `u128 key_id() const`, `tenant_id key_tenant() const`.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

template <class Entity>
class entity_table {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  /// `chunk_rows` (a power of two) is the step in which memory grows.
  explicit entity_table(std::uint32_t chunk_rows, std::uint32_t initial_slots = 1024)
      : chunk_shift_(static_cast<std::uint32_t>(std::countr_zero(chunk_rows))), chunk_mask_(chunk_rows - 1) {
    PAYLOOM_ASSERT(std::has_single_bit(chunk_rows) && std::has_single_bit(initial_slots));
    index_.resize(initial_slots);
    mask_ = initial_slots - 1;
  }
  entity_table(const entity_table&) = delete;
  entity_table& operator=(const entity_table&) = delete;
  ~entity_table() {
    for (Entity* chunk : chunks_) std::free(chunk);
  }

  std::size_t size() const { return size_; }
  std::uint32_t rows() const { return rows_; }
  std::size_t memory_bytes() const {
    return index_.size() * sizeof(slot) + chunks_.size() * (std::size_t{chunk_mask_} + 1) * sizeof(Entity);
  }

  Entity& at(std::uint32_t row) { return chunks_[row >> chunk_shift_][row & chunk_mask_]; }
  const Entity& at(std::uint32_t row) const { return chunks_[row >> chunk_shift_][row & chunk_mask_]; }

  void prefetch_index(std::uint64_t mix) const { __builtin_prefetch(&index_[home(mix)]); }

  /// The first row whose fingerprint fits, for prefetching only.
  std::uint32_t candidate(std::uint64_t mix) const {
    const std::uint32_t print = fingerprint(mix);
    for (std::size_t i = home(mix);; i = (i + 1) & mask_) {
      if (index_[i].print == print) return index_[i].row;
      if (index_[i].print == 0) return none;
    }
  }
  void prefetch_row(std::uint32_t row) const {
    const char* p = reinterpret_cast<const char*>(&at(row));
    for (std::size_t o = 0; o < sizeof(Entity); o += 64) __builtin_prefetch(p + o, 1);
  }

  std::uint32_t find(std::uint64_t mix, tenant_id tenant, u128 id) const {
    const std::uint32_t print = fingerprint(mix);
    for (std::size_t i = home(mix);; i = (i + 1) & mask_) {
      const slot s = index_[i];
      if (s.print == 0) return none;
      if (s.print == print) {
        const Entity& e = at(s.row);
        if (e.key_id() == id && e.key_tenant() == tenant) return s.row;
      }
    }
  }

  /// True when another key of the table has the same mix.
  bool has_twin(std::uint32_t row, std::uint64_t mix) const {
    const std::uint32_t print = fingerprint(mix);
    for (std::size_t i = home(mix); index_[i].print != 0; i = (i + 1) & mask_) {
      if (index_[i].print != print || index_[i].row == row) continue;
      const Entity& e = at(index_[i].row);
      if (mix_id(e.key_tenant(), e.key_id()) == mix) return true;
    }
    return false;
  }

  /// A new row for a key that is not in the table; the caller fills the entity in.
  std::uint32_t insert(std::uint64_t mix) {
    if ((size_ + 1) * 4 > index_.size() * 3) grow();
    std::uint32_t row;
    if (!free_.empty()) {
      row = free_.back();
      free_.pop_back();
    } else {
      row = rows_++;
      if ((row >> chunk_shift_) == chunks_.size()) add_chunk();
    }
    place({fingerprint(mix), row}, mix);
    ++size_;
    return row;
  }

  /// Takes a row out; its number may be given to another entity.
  void erase(std::uint32_t row, std::uint64_t mix) {
    std::size_t i = home(mix);
    while (index_[i].print == 0 || index_[i].row != row) {
      PAYLOOM_ASSERT(index_[i].print != 0);
      i = (i + 1) & mask_;
    }
    // Close the gap: move back whatever probed past it (no tombstones, so chains stay short for ever).
    for (std::size_t j = (i + 1) & mask_; index_[j].print != 0; j = (j + 1) & mask_) {
      const Entity& e = at(index_[j].row);
      const std::size_t h = home(mix_id(e.key_tenant(), e.key_id()));
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
  static std::uint32_t fingerprint(std::uint64_t mix) { return static_cast<std::uint32_t>(mix) | 1u; }
  std::size_t home(std::uint64_t mix) const { return static_cast<std::size_t>(mix >> 20) & mask_; }

  void place(slot s, std::uint64_t mix) {
    std::size_t i = home(mix);
    while (index_[i].print != 0) i = (i + 1) & mask_;
    index_[i] = s;
  }
  void grow() {
    std::vector<slot> old(index_.size() * 2);
    old.swap(index_);
    mask_ = index_.size() - 1;
    for (const slot& s : old)
      if (s.print != 0) place(s, mix_id(at(s.row).key_tenant(), at(s.row).key_id()));
  }
  void add_chunk() {
    const std::size_t bytes = (std::size_t{chunk_mask_} + 1) * sizeof(Entity);
    void* p = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (p == nullptr) throw std::bad_alloc();
    Entity* chunk = static_cast<Entity*>(p);
    for (std::size_t i = 0; i <= chunk_mask_; ++i) new (chunk + i) Entity();
    chunks_.push_back(chunk);
  }

  std::uint32_t chunk_shift_, chunk_mask_;
  std::vector<slot> index_;
  std::size_t mask_ = 0, size_ = 0;
  std::vector<Entity*> chunks_;
  std::uint32_t rows_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace payloom::core
