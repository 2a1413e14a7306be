#include "actors/core/recent_ids.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "protocol/types/assert.hpp"

namespace payloom::core {

recent_ids::recent_ids(std::uint32_t generation_slots, std::uint64_t salt)
    : place_(salt),
      slot_bits_(static_cast<std::uint32_t>(std::countr_zero(generation_slots))),
      slot_mask_(generation_slots - 1),
      capacity_(generation_slots / 4 * 3) {
  PAYLOOM_ASSERT(std::has_single_bit(generation_slots) && generation_slots >= 64);
  open_generation();
}

recent_ids::~recent_ids() = default;

void recent_ids::open_generation() {
  std::uint32_t index;
  if (!spare_.empty()) {
    index = spare_.back();
    spare_.pop_back();
    generation& g = *generations_[index];
    std::memset(static_cast<void*>(g.slots.get()), 0, (std::size_t{slot_mask_} + 1) * sizeof(slot));
    g.used = g.claims = 0;
    g.max_seq = 0;
  } else {
    if (!holes_.empty()) {
      index = holes_.back();
      holes_.pop_back();
    } else {
      index = static_cast<std::uint32_t>(generations_.size());
      generations_.emplace_back();
    }
    generations_[index] = std::make_unique<generation>();
    generations_[index]->slots = zeroed_array<slot>(slot_mask_ + 1);
  }
  // A handle is generation and slot in 32 bits; none must stay free.
  PAYLOOM_ASSERT((std::uint64_t{index} << slot_bits_) + slot_mask_ < none);
  current_ = generations_[index].get();
  current_index_ = index;
  live_.push_back(index);
}

recent_ids::handle recent_ids::find(std::uint64_t mix, tenant_id tenant, u128 id) const {
  const std::uint32_t first = first_slot(mix, id);
  for (auto it = live_.rbegin(); it != live_.rend(); ++it) {
    const slot* slots = generations_[*it]->slots.get();
    for (std::uint32_t i = first; slots[i].st != state::empty; i = (i + 1) & slot_mask_)
      if (slots[i].id == id && slots[i].tenant == tenant) return (*it << slot_bits_) | i;
  }
  return none;
}

recent_ids::handle recent_ids::claim(std::uint64_t mix, tenant_id tenant, u128 id, std::uint64_t note) {
  if (current_->used == capacity_) open_generation();
  std::uint32_t i = first_slot(mix, id);
  while (current_->slots[i].st != state::empty) i = (i + 1) & slot_mask_;
  current_->slots[i] = {id, tenant, state::claimed, note};
  ++current_->used;
  ++current_->claims;
  return (current_index_ << slot_bits_) | i;
}

void recent_ids::reclaim(handle h, std::uint64_t note) {
  slot& s = at(h);
  PAYLOOM_ASSERT(s.st == state::vacant || s.st == state::doubtful);
  s.st = state::claimed;
  s.value = note;
  ++generations_[h >> slot_bits_]->claims;
}

void recent_ids::commit(handle h, commit_seq seq) {
  slot& s = at(h);
  PAYLOOM_ASSERT(s.st == state::claimed && seq != 0);
  s.st = state::committed;
  s.value = seq;
  generation& g = *generations_[h >> slot_bits_];
  --g.claims;
  g.max_seq = std::max(g.max_seq, seq);
}

void recent_ids::vacate(handle h) {
  slot& s = at(h);
  PAYLOOM_ASSERT(s.st == state::claimed);
  s.st = state::vacant;
  --generations_[h >> slot_bits_]->claims;
}

void recent_ids::doubt(handle h) {
  slot& s = at(h);
  PAYLOOM_ASSERT(s.st == state::claimed);
  s.st = state::doubtful;
  --generations_[h >> slot_bits_]->claims;
}

void recent_ids::drop_through(commit_seq readable) {
  auto dropped = [&](std::uint32_t index) {
    generation& g = *generations_[index];
    if (index == current_index_ || g.claims != 0 || g.max_seq > readable) return false;
    if (spare_.size() < spares_max) {
      spare_.push_back(index);
    } else {
      generations_[index].reset();
      holes_.push_back(index);
    }
    return true;
  };
  std::erase_if(live_, dropped);
}

std::uint64_t recent_ids::live_slots() const {
  std::uint64_t n = 0;
  for (std::uint32_t index : live_) n += generations_[index]->used;
  return n;
}

std::size_t recent_ids::memory_bytes() const {
  return (live_.size() + spare_.size()) * (std::size_t{slot_mask_} + 1) * sizeof(slot);
}

}  // namespace payloom::core
