#pragma once
// Attempt id -> number: a flat table of a size that is fixed at the start. Pure; one thread.
#include <bit>
#include <cstdint>
#include <vector>

#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core {

/// Attempt ids are the server's own hashes: nobody outside can choose them, so no secret is needed.
class attempt_index {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  explicit attempt_index(std::uint32_t entries_max)
      : places_(std::bit_ceil(std::size_t{entries_max} * 2)), entries_max_(entries_max) {}

  std::uint32_t find(u128 id) const {
    for (std::size_t at = home(id); places_[at].value != none; at = next(at))
      if (places_[at].id == id) return places_[at].value;
    return none;
  }

  /// `id` must not be there, and there must be room.
  void insert(u128 id, std::uint32_t value) {
    PAYLOOM_ASSERT(size_ < entries_max_ && value != none);
    std::size_t at = home(id);
    for (; places_[at].value != none; at = next(at)) PAYLOOM_ASSERT(places_[at].id != id);
    places_[at] = {id, value};
    ++size_;
  }

  /// `id` must be there. Those behind it move up, so that no marks of erased ones gather.
  void erase(u128 id) {
    std::size_t hole = home(id);
    while (places_[hole].id != id || places_[hole].value == none) {
      PAYLOOM_ASSERT(places_[hole].value != none);
      hole = next(hole);
    }
    for (std::size_t at = next(hole); places_[at].value != none; at = next(at)) {
      const std::size_t distance = (at - home(places_[at].id)) & (places_.size() - 1);
      if (distance < ((at - hole) & (places_.size() - 1))) continue;
      places_[hole] = places_[at];
      hole = at;
    }
    places_[hole] = {};
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  struct place {
    u128 id = 0;
    std::uint32_t value = none;
  };
  std::size_t home(u128 id) const { return mix_id(0, id) & (places_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (places_.size() - 1); }

  std::vector<place> places_;
  std::uint32_t entries_max_;
  std::size_t size_ = 0;
};

}  // namespace payloom::core
