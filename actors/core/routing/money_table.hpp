#pragma once
// Values by channel and ledger (amounts of different ledgers are never added): open addressing over a list of fixed
// room, no allocation after it is made. Channels and ledgers come from the configuration: nobody can choose them so
// that they fall together. One thread at a time.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "actors/core/routing/health_key.hpp"

namespace payloom::core::routing {

template <class Value>
class money_table {
 public:
  struct entry {
    channel_number channel = 0;
    ledger_id ledger = 0;
    Value value{};
  };

  explicit money_table(std::size_t room) : room_(room), index_(std::bit_ceil(room * 2)) { entries_.reserve(room); }

  const Value* find(channel_number channel, ledger_id ledger) const {
    const std::uint32_t there = index_[slot_of(channel, ledger)];
    return there == 0 ? nullptr : &entries_[there - 1].value;
  }
  Value* find(channel_number channel, ledger_id ledger) {
    return const_cast<Value*>(std::as_const(*this).find(channel, ledger));
  }
  /// nullptr: it is new, and there is no room.
  Value* find_or_add(channel_number channel, ledger_id ledger) {
    const std::size_t slot = slot_of(channel, ledger);
    if (index_[slot] != 0) return &entries_[index_[slot] - 1].value;
    if (is_full()) return nullptr;
    entries_.push_back({channel, ledger, {}});
    index_[slot] = static_cast<std::uint32_t>(entries_.size());
    return &entries_.back().value;
  }
  /// In the order in which they came.
  const std::vector<entry>& all() const { return entries_; }
  bool is_full() const { return entries_.size() >= room_; }

 private:
  /// Its slot, or the free one where it would be; half of them are always free.
  std::size_t slot_of(channel_number channel, ledger_id ledger) const {
    const std::uint64_t mixed = (std::uint64_t{channel} << 32 | ledger) * 0x9e3779b97f4a7c15ull;
    const std::size_t mask = index_.size() - 1;
    std::size_t at = (mixed >> 40) & mask;
    while (index_[at] != 0) {
      const entry& e = entries_[index_[at] - 1];
      if (e.channel == channel && e.ledger == ledger) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  std::size_t room_;
  std::vector<std::uint32_t> index_;  ///< a place in entries_ + 1; 0: free
  std::vector<entry> entries_;
};

}  // namespace payloom::core::routing
