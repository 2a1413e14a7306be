#pragma once
// The books added up once more in the plainest way, straight from the journal, for `verify`: nothing of the projection
// or the core is used. Not for speed.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/follower/order_audit.hpp"
#include "actors/follower/problem_list.hpp"
#include "actors/follower/settlement_audit.hpp"
#include "storage/codec/group_reader.hpp"
#include "storage/rocksdb/index_types.hpp"

namespace payloom::follower {

struct audited_account {
  account_counters counters{};
  u128 overdraft_limit_minor = 0;
  ledger_id ledger = 0;
  std::uint16_t flags = 0;
  std::uint32_t ordinal = 0;
  u128 held_debit = 0, held_credit = 0;  ///< sums of its open holds
};

class ledger_audit {
 public:
  struct key {
    tenant_id tenant = 0;
    u128 id = 0;
    friend bool operator==(const key&, const key&) = default;
  };
  struct key_hash {
    std::size_t operator()(const key& k) const {
      return (lo64(k.id) ^ hi64(k.id) * 31 ^ k.tenant) * 0x9e3779b97f4a7c15ull >> 7;
    }
  };

  explicit ledger_audit(problem_list& problems) : problems_(problems), orders_(problems), settlements_(problems) {}

  /// Adds one event of a run. Contradictions become problems.
  void apply(const storage::run_view& run, std::uint32_t index);
  /// After the last event: sums per ledger are even, pending sums are those of open holds, no posting is missing.
  void finish();

  const audited_account* account(tenant_id tenant, u128 id) const;
  const std::unordered_map<key, audited_account, key_hash>& accounts() const { return accounts_; }
  const std::unordered_map<commit_seq, storage::open_hold>& open_holds() const { return holds_; }
  const order_audit& orders() const { return orders_; }
  const settlement_audit& settlements() const { return settlements_; }

 private:
  void transfer(const transfer_record& record, tenant_id tenant, commit_seq sequence, time_ns timestamp,
                u128 target_amount, commit_seq target);
  void resolve(const transfer_record& record, tenant_id tenant, commit_seq sequence, commit_seq target,
               u128 target_amount, audited_account& debit, audited_account& credit);

  problem_list& problems_;
  order_audit orders_;
  settlement_audit settlements_;
  std::unordered_map<key, audited_account, key_hash> accounts_;
  std::unordered_map<commit_seq, storage::open_hold> holds_;
  std::unordered_map<commit_seq, u128> reversed_;
};

}  // namespace payloom::follower
