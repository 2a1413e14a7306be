#pragma once
// What the index keeps, as plain values. Keys and encodings are index_keys.hpp's; nothing here knows RocksDB.
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types/calendar.hpp"
#include "protocol/types/records.hpp"
#include "protocol/types/shard_map.hpp"
#include "storage/codec/format.hpp"

namespace payloom::storage {

/// Where an id stands in the journal. `kind` says which sort of event it is there.
struct id_position {
  commit_seq sequence = 0;  ///< 0 = the id is unknown
  run_kind kind = run_kind::transfers;
};

/// One id of a chunk, as the indexer collected it.
struct id_entry {
  u128 id = 0;
  tenant_id tenant = 0;
  std::uint32_t offset = 0;  ///< sequence - first sequence of the chunk
  run_kind kind = run_kind::transfers;
};

/// What a later event did to an earlier one.
/// order_step: a later event of an order; the target is the event that created it.
/// named_root, named_reference: the event names a root business, or a channel's own number of an attempt; the target is
/// the name (`name_target`).
enum class link_kind : std::uint8_t {
  captured = 2,
  voided = 3,
  expired = 4,
  reversed = 5,
  order_step = 6,
  named_root = 7,
  named_reference = 8,
};

/// What a name that orders share is found by: above all sequences. Somebody may choose a name that has another's, so
/// the link carries the name itself.
constexpr commit_seq name_target(link_kind kind, tenant_id tenant, u128 name) {
  const std::uint64_t mixed = mix_id(tenant, name ^ make_u128(static_cast<std::uint64_t>(kind) << 56, 0));
  return (mixed | std::uint64_t{1} << 63) & ~std::uint64_t{1};
}

/// One event that resolved a hold, reversed (part of) a transfer, was a step of an order or named something.
struct link_entry {
  commit_seq target = 0;    ///< the hold, the original, the order's first event or the name
  commit_seq sequence = 0;  ///< the later event
  u128 amount_minor = 0;    ///< of captures and reversals; of a name the name
  link_kind kind = link_kind::captured;
};

/// Summary of the links of one event.
struct link_state {
  commit_seq resolved_by = 0;  ///< holds: capture, void or expiry, else 0
  link_kind resolved_how = link_kind::captured;
  u128 reversed_minor = 0;     ///< sum of the reversals
  commit_seq newest_step = 0;  ///< orders: the newest later event, else 0
  void add(const link_entry& link) {
    if (link.kind == link_kind::order_step) {
      if (link.sequence > newest_step) newest_step = link.sequence;
    } else if (link.kind == link_kind::named_root || link.kind == link_kind::named_reference) {
      return;
    } else if (link.kind == link_kind::reversed) {
      reversed_minor += link.amount_minor;
    } else {
      resolved_by = link.sequence;
      resolved_how = link.kind;
    }
  }
};

/// A hold that nothing has resolved yet.
struct open_hold {
  transfer_record record{};  ///< as in the journal
  tenant_id tenant = 0;
  commit_seq sequence = 0;
  time_ns timestamp = 0;
  /// When it may be expired; 0 = never.
  time_ns expires_at() const {
    return record.timeout_s == 0 ? 0 : timestamp + std::uint64_t{record.timeout_s} * 1'000'000'000u;
  }
};

/// An order to which something can still happen by time: shards keep it in memory.
struct open_order {
  order_event event{};      ///< its newest
  commit_seq sequence = 0;  ///< of that event
  time_ns timestamp = 0;
  tenant_id tenant = 0;
  bool has_payment() const { return (event.flags & order_event_flags::payment) != 0; }
  payment_row payment{};  ///< its newest, when it has one
  /// Sequence of its first event: what it is found by.
  commit_seq created() const { return event.order.created_seq != 0 ? event.order.created_seq : sequence; }
  bool resident() const { return (event.order.flags & order_row_flags::resident) != 0; }
};

/// What never changes about an account.
struct account_birth {
  std::uint32_t ordinal = 0;  ///< accounts are numbered in journal order from 0
  tenant_id tenant = 0;
  account_record record{};  ///< as created
  time_ns timestamp = 0;
  commit_seq created_seq = 0;
};

/// What a merchant's pending account got and gave for one accounting date, and no settlement batch has taken.
struct unsettled_day {
  day_number day = 0;
  u128 credits_minor = 0;
  u128 debits_minor = 0;
  friend bool operator==(const unsettled_day&, const unsettled_day&) = default;
};

/// What changes about an account, as of the snapshot.
struct account_state {
  std::uint32_t ordinal = 0;
  account_counters counters{};
  u128 overdraft_limit_minor = 0;
  std::uint16_t flags = 0;
  day_number settled_through = 0;        ///< merchants' pending accounts: day of the newest batch, 0 = none
  std::vector<unsettled_day> unsettled;  ///< ... and what came beside the batches; ascending
};

/// One line of an account within a chunk: 2 bits and the offset.
struct entry_mark {
  std::uint32_t offset = 0;  ///< sequence - first sequence of the chunk
  bool credit = false;       ///< the account is the credit side
  bool posted = false;       ///< the event changed the posted sums (singles, captures, reversals)
};

/// How far the index reaches.
struct index_position {
  commit_seq indexed_seq = 0;    ///< everything up to here is in the index
  commit_seq snapshot_seq = 0;   ///< account states stand here (<= indexed_seq)
  std::uint32_t next_chunk = 0;  ///< number of the next chunk
  std::uint32_t accounts = 0;    ///< accounts that exist at indexed_seq
  time_ns last_time = 0;         ///< timestamp of indexed_seq
};

/// One id asked for.
struct id_query {
  tenant_id tenant = 0;
  u128 id = 0;
};

}  // namespace payloom::storage
