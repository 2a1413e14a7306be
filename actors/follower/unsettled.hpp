#pragma once
// What merchants have earned and not got yet, by accounting date: for every merchant_pending account the sums of its
// postings that no settlement batch has taken. Part of the second computation of the books: a batch takes what stands
// here, and `verify` compares it with the accounts' balances.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/types/limits.hpp"
#include "protocol/types/settlement.hpp"
#include "storage/rocksdb/index_types.hpp"

namespace payloom::follower {

using storage::unsettled_day;

/// One account's sums. A posting counts to the accounting date of its order's event; a transfer without an order to
/// the day (UTC) of its commit. At most limits::unsettled_days_max days: when one more comes, the two oldest become
/// one under the younger's date, so that a merchant who is never settled costs no more memory.
class unsettled_account {
 public:
  void credit(day_number day, u128 amount_minor) { at(day).credits_minor += amount_minor; }
  void debit(day_number day, u128 amount_minor) { at(day).debits_minor += amount_minor; }
  /// A posting of a batch through `day`: everything up to there becomes one sum, less the amount. What is left (it came
  /// between the adding up and the batch) is due with the next batch.
  void settle(day_number day, u128 amount_minor);

  /// The day of the newest batch; 0 = none yet. Batches only go forward.
  day_number settled_through() const { return settled_through_; }
  const std::vector<unsettled_day>& days() const { return days_; }  ///< ascending

  /// The sum of the days up to and including `through`.
  struct net {
    u128 minor = 0;
    bool negative = false;  ///< more was taken back than earned
  };
  net net_through(day_number through) const;

  /// From the index.
  void load(day_number settled_through, std::vector<unsettled_day> days) {
    settled_through_ = settled_through;
    days_ = std::move(days);
  }

 private:
  unsettled_day& at(day_number day);

  day_number settled_through_ = 0;
  std::vector<unsettled_day> days_;
};

/// All of them, in the order in which they were first posted to. Written by one thread; readers need the owner's lock.
class unsettled_table {
 public:
  struct entry {
    std::uint32_t ordinal = 0;  ///< of the account
    unsettled_account sums;
  };
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  const entry& at(std::uint32_t place) const { return entries_[place]; }
  entry& at(std::uint32_t place) { return entries_[place]; }
  std::uint32_t add(std::uint32_t ordinal) {
    entries_.push_back({ordinal, {}});
    return size() - 1;
  }
  std::size_t memory_bytes() const;

 private:
  std::vector<entry> entries_;
};

}  // namespace payloom::follower
