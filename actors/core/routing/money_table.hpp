#pragma once
// Values by channel and ledger (amounts of different ledgers are never added): a sorted list of fixed room, no
// allocation after it is made. One thread at a time.
#include <algorithm>
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

  explicit money_table(std::size_t room) : room_(room) { entries_.reserve(room); }

  const Value* find(channel_number channel, ledger_id ledger) const {
    const auto at = place(channel, ledger);
    return is_at(at, channel, ledger) ? &at->value : nullptr;
  }
  Value* find(channel_number channel, ledger_id ledger) {
    return const_cast<Value*>(std::as_const(*this).find(channel, ledger));
  }
  /// nullptr: it is new, and there is no room.
  Value* find_or_add(channel_number channel, ledger_id ledger) {
    const auto at = place(channel, ledger);
    if (!is_at(at, channel, ledger) && entries_.size() >= room_) return nullptr;
    const auto there = entries_.begin() + (at - entries_.begin());
    return is_at(at, channel, ledger) ? &there->value : &entries_.insert(there, {channel, ledger, {}})->value;
  }
  const std::vector<entry>& all() const { return entries_; }
  bool is_full() const { return entries_.size() >= room_; }

 private:
  using iterator = typename std::vector<entry>::const_iterator;
  iterator place(channel_number channel, ledger_id ledger) const {
    return std::lower_bound(entries_.begin(), entries_.end(), entry{channel, ledger, {}},
                            [](const entry& a, const entry& b) {
                              return a.channel != b.channel ? a.channel < b.channel : a.ledger < b.ledger;
                            });
  }
  bool is_at(iterator at, channel_number channel, ledger_id ledger) const {
    return at != entries_.end() && at->channel == channel && at->ledger == ledger;
  }

  std::size_t room_;
  std::vector<entry> entries_;
};

}  // namespace payloom::core::routing
