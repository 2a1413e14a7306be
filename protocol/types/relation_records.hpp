#pragma once
// How orders, payments, refunds, attempts and postings belong together (domain.md 1.2, TC-2): typed edges with amounts,
// read off the events of the orders, never a truth of their own. Listed in protocol/wire/WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/order_records.hpp"

namespace payloom {

/// What an end of a relation is. Numbers stand on the wire.
enum class node_kind : std::uint8_t {
  none = 0,
  root = 1,        ///< a root business: id of the context
  order = 2,       ///< id of the order
  payment = 3,     ///< id of the command that paid
  refund = 4,      ///< id of the command (or timer) that gave back
  attempt = 5,     ///< number at the channel
  posting = 6,     ///< id of the transfer
  combined = 7,    ///< one payment for several orders: id of the first one's payment
  settlement = 8,  ///< order of the batch that took what the posting earned
};

/// Of one event, or one posting, there is at most one relation of a kind.
enum class relation_kind : std::uint8_t {
  none = 0,
  roots = 1,     ///< root -> order
  pays = 2,      ///< payment -> order; the amounts of those that stand are the order's `paid`
  refunds = 3,   ///< refund -> order; likewise `refunded`
  combines = 4,  ///< combined -> payment; the part of the channel's amount that is this order's: together all of it
  attempts = 5,  ///< payment or refund -> attempt; the part from the channel
  posts = 6,     ///< payment, refund or order -> posting
  settles = 7,   ///< settlement -> posting
  reverses = 8,  ///< refund -> the attempt whose money goes back
};
inline constexpr std::uint8_t relation_kinds = 9;

/// A root of more orders than this is shown without the orders outside of it that are combined with its own.
inline constexpr std::uint32_t graph_orders_max = 1'024;
/// A batch so many days behind the accounting date of what it took is still found.
inline constexpr int graph_settle_days_max = 62;

/// Which relations are wanted. 128 bytes.
struct graph_query {
  u128 id;                    // 0   any of: root, order, command, attempt, channel's own number, posting
  std::uint64_t cursor;       // 16  0 first page; then the cursor of the last reply
  std::uint32_t limit;        // 24  rows wanted, 1 .. graph_rows_max
  std::uint32_t flags;        // 28  zero
  std::uint8_t reserved[96];  // 32  zero
};
static_assert(sizeof(graph_query) == limits::record_bytes && std::is_trivially_copyable_v<graph_query>);

/// One relation. 128 bytes.
struct relation_row {
  u128 from;                  // 0
  u128 to;                    // 16
  u128 amount_minor;          // 32  that it stands for; 0: roots
  commit_seq sequence;        // 48  of the order's event that made it; posts, settles: of the posting
  time_ns timestamp;          // 56  of that commit
  owner_number merchant;      // 64  of the order
  std::uint64_t reserved0;    // 72
  order_id order;             // 80  that it belongs to
  ledger_id ledger;           // 96
  relation_kind kind;         // 100
  node_kind from_kind;        // 101
  node_kind to_kind;          // 102
  std::uint8_t state;         // 103 1: it stands; 0: it came to nothing, or is not known yet
  std::uint8_t reserved[24];  // 104
};
static_assert(sizeof(relation_row) == 128 && offsetof(relation_row, order) == 80);

}  // namespace payloom
