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
  combined = 7,    ///< one payment for several orders
  settlement = 8,  ///< the batch that took the order's account's day
};

enum class relation_kind : std::uint8_t {
  none = 0,
  roots = 1,     ///< root -> order
  pays = 2,      ///< payment -> order; the amounts of those that succeeded are the order's `paid`
  refunds = 3,   ///< refund -> order; likewise `refunded`
  combines = 4,  ///< combined -> payment; what each brings of it: together the combined payment
  attempts = 5,  ///< payment or refund -> attempt
  posts = 6,     ///< payment, refund, attempt or order -> posting
  settles = 7,   ///< settlement -> posting
  reverses = 8,  ///< refund -> the attempt whose money goes back
};

/// Which relations are wanted. 128 bytes.
struct graph_query {
  u128 id;                    // 0   any of: root, order, command, attempt, posting
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
  commit_seq sequence;        // 48  of the event that made it
  time_ns timestamp;          // 56
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
