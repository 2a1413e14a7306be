#pragma once
// The exact table of recent ids: those in flight (claimed) and those committed that a look-up may not find yet.
// Generations are filled one after the other and dropped whole once a look-up finds all their commits, so nothing is
// ever deleted one by one, and the same few generations are used again and again. One thread at a time.
#include <cstdint>
#include <memory>
#include <vector>

#include "actors/core/place_hash.hpp"
#include "actors/core/zeroed_array.hpp"
#include "protocol/types/ids.hpp"

namespace payloom::core {

class recent_ids {
 public:
  using handle = std::uint32_t;  ///< names a slot until its generation is dropped; a claimed slot is never dropped
  static constexpr handle none = 0xffffffff;

  enum class state : std::uint32_t {
    empty = 0,
    claimed = 1,    ///< in flight; `value` is the note of who claimed it
    committed = 2,  ///< `value` is the commit sequence of the stored result
    vacant = 3,     ///< was claimed, nothing happened: known to be unused
    doubtful = 4,   ///< was claimed to look the id up, and nobody waited for the answer: ask the index
  };

  struct slot {
    u128 id = 0;
    tenant_id tenant = 0;
    state st = state::empty;
    std::uint64_t value = 0;
  };
  static_assert(sizeof(slot) == 32);

  /// `generation_slots` must be a power of two; a generation is full at 3/4 of them. `salt`: see place_hash.
  explicit recent_ids(std::uint32_t generation_slots, std::uint64_t salt = 0);
  ~recent_ids();

  void prefetch(std::uint64_t mix, u128 id) const { __builtin_prefetch(&current_->slots[first_slot(mix, id)], 1); }

  /// The slot of the id, or none. Looks through all generations: only for ids that the filter may contain.
  handle find(std::uint64_t mix, tenant_id tenant, u128 id) const;
  /// Claims an id that is in no generation.
  handle claim(std::uint64_t mix, tenant_id tenant, u128 id, std::uint64_t note = 0);
  /// Claims a vacant or doubtful slot again.
  void reclaim(handle h, std::uint64_t note = 0);
  /// Calls `f(slot)` for the claimed ones among the next `slots` slots; comes round to every one by and by.
  template <class F>
  void visit_claims(std::uint32_t slots, F&& f);

  slot& at(handle h) { return generations_[h >> slot_bits_]->slots[h & slot_mask_]; }
  /// The claim's event was stored (executed, refused for good, or sealed) at `seq`.
  void commit(handle h, commit_seq seq);
  /// The claim ended and nothing happened.
  void vacate(handle h);
  /// The claim ended before it was known whether the id is used.
  void doubt(handle h);

  /// Drops generations whose commits are all at or below `readable`.
  void drop_through(commit_seq readable);

  std::uint64_t live_slots() const;
  std::size_t memory_bytes() const;

  /// Dropped generations that keep their memory: fresh pages cost more than all the rest of a claim on some machines.
  static constexpr std::size_t spares_max = 3;

 private:
  struct generation {
    zeroed_array<slot> slots;
    std::uint32_t used = 0;
    std::uint32_t claims = 0;
    commit_seq max_seq = 0;
  };
  std::uint32_t first_slot(std::uint64_t mix, u128 id) const {
    return static_cast<std::uint32_t>(place_(mix, id) >> 16) & slot_mask_;
  }
  void open_generation();

  place_hash place_;
  std::uint32_t slot_bits_, slot_mask_, capacity_;
  std::vector<std::unique_ptr<generation>> generations_;  ///< index = upper bits of a handle; dropped ones are reused
  std::vector<std::uint32_t> live_;                       ///< oldest first; the last is current
  std::vector<std::uint32_t> spare_;                      ///< dropped generations that keep their memory for reuse
  std::vector<std::uint32_t> holes_;                      ///< dropped generations without memory
  generation* current_ = nullptr;
  std::uint32_t current_index_ = 0;
  std::size_t visited_ = 0;     ///< position in live_ of the generation being visited
  std::uint32_t visit_at_ = 0;  ///< and the next slot of it
};

template <class F>
void recent_ids::visit_claims(std::uint32_t slots, F&& f) {
  for (std::size_t skipped = 0; skipped <= live_.size() && slots > 0;) {
    if (visited_ >= live_.size()) visited_ = 0;
    generation& g = *generations_[live_[visited_]];
    if (g.claims == 0 || visit_at_ > slot_mask_) {
      ++visited_;
      ++skipped;
      visit_at_ = 0;
      continue;
    }
    for (; slots > 0 && visit_at_ <= slot_mask_; --slots, ++visit_at_)
      if (g.slots[visit_at_].st == state::claimed) f(g.slots[visit_at_]);
  }
}

}  // namespace payloom::core
