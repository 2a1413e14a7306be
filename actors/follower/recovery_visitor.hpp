#pragma once
// What recovery tells the owner, from which the shards are filled.
#include <cstdint>
#include <span>

#include "protocol/types/records.hpp"
#include "storage/rocksdb/index_types.hpp"

namespace payloom::follower {

/// An account at the journal's durable end.
struct recovered_account {
  tenant_id tenant = 0;
  account_row row{};                ///< counters, flags and limit now; as_of = the end
  std::uint16_t created_flags = 0;  ///< as created: what a repeat of create_accounts is compared with
  u128 created_limit_minor = 0;
};

/// Called on the recovering thread, in this order: expect_ids, every on_ids (by several threads at once), on_recent_id
/// in journal order, accounts in order of creation, open holds by sequence, open orders by the sequence of their first
/// event. Ids of payments' postings are not told: no shard knows them, and no command may use them.
class recovery_visitor {
 public:
  virtual ~recovery_visitor() = default;
  /// About so many ids will come; may be wrong.
  virtual void expect_ids(std::uint64_t) {}
  /// Ids that the index holds (any kind: transfers, holds, refusals, changes, seals, orders). Order is arbitrary.
  virtual void on_ids(std::span<const storage::id_query> ids) = 0;
  /// An id that the index did not hold yet when recovery began.
  virtual void on_recent_id(tenant_id tenant, u128 id, commit_seq sequence, storage::run_kind kind) = 0;
  virtual void on_account(const recovered_account& account) = 0;
  virtual void on_open_hold(const storage::open_hold& hold) = 0;
  /// An order that is resident: its newest event, with that event's sequence, timestamp and tenant.
  virtual void on_open_order(const storage::open_order&) {}
};

struct recovery_report {
  commit_seq snapshot_seq = 0;  ///< account states were loaded at
  commit_seq indexed_seq = 0;   ///< the index stood at
  commit_seq end = 0;           ///< durable end, applied
  time_ns last_time = 0;        ///< timestamp of `end`
  std::uint64_t events_replayed = 0, accounts = 0, open_holds = 0, open_orders = 0, ids_indexed = 0, ids_recent = 0;
  std::uint64_t ids_ns = 0;  ///< time that telling the indexed ids took
};

}  // namespace payloom::follower
