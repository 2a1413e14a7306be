#pragma once
// The follower's own rows of all accounts in pages of 4,096 that never move, found by (tenant, id) through a flat table
// of 5 bytes a slot, kept at most nine tenths full and grown by 15 %. About 91 bytes an account, and 64 more for those
// among which one ever had a hold or user data.
// Shares nothing with actors/core on purpose: it is the second computation of every balance.
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "protocol/types/records.hpp"
#include "protocol/types/shard_map.hpp"
#include "storage/rocksdb/page_array.hpp"

namespace payloom::follower {

inline constexpr std::uint32_t no_account = ~std::uint32_t{0};

/// An account's row: what a single-phase transfer touches is one cache line.
struct alignas(64) account_slot {
  u128 id;
  u128 debits_posted;
  u128 credits_posted;
  tenant_id tenant;
  ledger_id ledger;
  std::uint32_t user_data_32;
  std::uint16_t code;
  std::uint16_t flags;
};
static_assert(sizeof(account_slot) == 64);

/// The rest of it, zero for most accounts. Only written where it is not zero: pages of the system that were never
/// written take no memory.
struct alignas(64) account_rest {
  u128 debits_pending;
  u128 credits_pending;
  u128 user_data_128;
  std::uint64_t user_data_64;
  std::uint32_t unsettled;  ///< merchants' pending accounts: place in the unsettled_table + 1
};
static_assert(sizeof(account_rest) == 64);

/// What few accounts have: limits, an effective time, or flags and limit that differ from those at creation.
struct account_extra {
  u128 overdraft_limit_minor = 0;
  u128 created_limit_minor = 0;
  time_ns effective_at = 0;
  std::uint16_t created_flags = 0;
};

/// Written by one thread; readers need the owner's lock.
class account_table {
 public:
  account_table();
  account_table(const account_table&) = delete;
  account_table& operator=(const account_table&) = delete;
  ~account_table();

  std::uint32_t size() const { return size_; }
  static std::uint64_t hash(tenant_id tenant, u128 id) { return mix_id(tenant, id); }
  std::uint32_t find(tenant_id tenant, u128 id) const { return find(hash(tenant, id), tenant, id); }
  std::uint32_t find(std::uint64_t hash, tenant_id tenant, u128 id) const;
  /// Adds an account (not there yet) with zero sums; returns its ordinal. Accounts are numbered from 0.
  std::uint32_t add(tenant_id tenant, const account_record& record, time_ns timestamp, commit_seq created_seq);

  account_slot& row(std::uint32_t ordinal) { return pages_[ordinal / page_rows]->rows[ordinal % page_rows]; }
  const account_slot& row(std::uint32_t ordinal) const {
    return pages_[ordinal / page_rows]->rows[ordinal % page_rows];
  }
  account_rest& rest(std::uint32_t ordinal) { return pages_[ordinal / page_rows]->rests[ordinal % page_rows]; }
  const account_rest& rest(std::uint32_t ordinal) const {
    return pages_[ordinal / page_rows]->rests[ordinal % page_rows];
  }
  account_counters counters(std::uint32_t ordinal) const {
    const account_slot& s = row(ordinal);
    const account_rest& r = rest(ordinal);
    return {s.debits_posted, s.credits_posted, r.debits_pending, r.credits_pending};
  }
  time_ns timestamp(std::uint32_t ordinal) const {
    return pages_[ordinal / page_rows]->timestamps[ordinal % page_rows];
  }
  commit_seq created_seq(std::uint32_t ordinal) const {
    return pages_[ordinal / page_rows]->created[ordinal % page_rows];
  }
  /// Position of the account's newest line in the tail; the tail's own.
  std::uint32_t& head(std::uint32_t ordinal) { return pages_[ordinal / page_rows]->heads[ordinal % page_rows]; }
  std::uint32_t head(std::uint32_t ordinal) const { return pages_[ordinal / page_rows]->heads[ordinal % page_rows]; }

  /// nullptr: nothing unusual.
  const account_extra* extra(std::uint32_t ordinal) const;
  u128 overdraft_limit(std::uint32_t ordinal) const;
  /// Sets what a change left behind.
  void set_terms(std::uint32_t ordinal, std::uint16_t flags, u128 overdraft_limit_minor);

  /// Marks the row as touched since the last take_dirty.
  void touch(std::uint32_t ordinal) {
    page& p = *pages_[ordinal / page_rows];
    std::uint64_t& word = p.dirty[ordinal % page_rows / 64];
    const std::uint64_t bit = std::uint64_t{1} << (ordinal % 64);
    dirty_ += (word & bit) == 0;
    word |= bit;
  }
  std::uint32_t dirty() const { return dirty_; }
  /// Calls `visit(ordinal)` for every touched row, ascending, and forgets the marks.
  template <class Visit>
  void take_dirty(Visit&& visit);

  // In three steps so that many look-ups overlap their cache misses: prefetch_slot, candidate (prefetches the row),
  // find.
  void prefetch_slot(std::uint64_t hash) const {
    const std::size_t home = home_of(hash);
    __builtin_prefetch(&tags_[home]);
    __builtin_prefetch(&ordinals_[home]);
  }
  /// The row that probably is it, prefetched; no_account when there is none.
  std::uint32_t candidate(std::uint64_t hash) const;
  /// `guess` from candidate(); the account's ordinal or no_account.
  std::uint32_t confirm(std::uint32_t guess, std::uint64_t hash, tenant_id tenant, u128 id) const {
    if (guess == no_account) return no_account;
    const account_slot& slot = row(guess);
    return slot.id == id && slot.tenant == tenant ? guess : find(hash, tenant, id);
  }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::uint32_t page_rows = 4096;
  struct page {
    account_slot rows[page_rows];
    account_rest rests[page_rows];
    commit_seq created[page_rows];
    time_ns timestamps[page_rows];
    std::uint32_t heads[page_rows];
    std::uint64_t dirty[page_rows / 64];
  };
  struct page_deleter {
    void operator()(page* p) const;
  };

  std::size_t home_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(static_cast<u128>(hash) * tags_.size() >> 64);
  }
  static std::uint8_t tag_of(std::uint64_t hash) { return static_cast<std::uint8_t>(hash | 0x80); }
  void place(std::uint64_t hash, std::uint32_t ordinal);
  void grow();

  std::vector<std::unique_ptr<page, page_deleter>> pages_;
  storage::page_array<std::uint8_t> tags_;  ///< 0 = empty
  storage::page_array<std::uint32_t> ordinals_;
  std::uint32_t size_ = 0;
  std::uint32_t dirty_ = 0;
  std::unordered_map<std::uint32_t, account_extra> extras_;
};

/// The row as queries show it.
account_row show(const account_table& accounts, std::uint32_t ordinal, commit_seq as_of);

template <class Visit>
void account_table::take_dirty(Visit&& visit) {
  for (std::uint32_t p = 0; p < pages_.size(); ++p) {
    for (std::uint32_t w = 0; w < page_rows / 64; ++w) {
      std::uint64_t word = std::exchange(pages_[p]->dirty[w], 0);
      for (; word != 0; word &= word - 1) {
        visit(p * page_rows + w * 64 + static_cast<std::uint32_t>(__builtin_ctzll(word)));
      }
    }
  }
  dirty_ = 0;
}

}  // namespace payloom::follower
