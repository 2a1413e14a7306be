#pragma once
// The bytes of the journal (architecture.md sections 4 and 5; storage/codec/README.md has the prose).
// A group is one synced write: header, runs, then the context table (at the end, so that a group is built without
// moving anything). Every event in it has one commit sequence: base_sequence + its position in the group.
// Units that span several events (linked chains) are runs of kind `chain`;
// a group holds whole runs only, so it holds whole units only.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::storage {

inline constexpr std::uint32_t group_magic = 0x47594150;  ///< "PAYG"
inline constexpr std::uint16_t journal_version = 1;
inline constexpr std::size_t sector_bytes = 4096;  ///< groups start and end on this boundary

struct group_header {
  std::uint32_t magic;          // 0
  std::uint32_t crc;            // 4   CRC32C of bytes 8 .. length (rest of the header and body; padding excluded)
  std::uint16_t version;        // 8
  std::uint16_t flags;          // 10  group_flags
  std::uint32_t segment;        // 12  number of the segment it was written to
  commit_seq base_sequence;     // 16  sequence of its first event (an empty group: the next sequence)
  time_ns base_time;            // 24  timestamp of its first event; event i has base_time + i
  std::uint32_t length;         // 32  bytes without padding
  std::uint32_t event_count;    // 36
  std::uint32_t previous_crc;   // 40  crc of the group before it (0 for the first ever)
  std::uint16_t context_count;  // 44
  std::uint16_t run_count;      // 46
  commit_seq synced_through;    // 48  last sequence known durable when this group was written
  std::uint64_t segment_salt;   // 56  random, the segment's: neither recycled bytes nor a client's pass for groups
};
static_assert(sizeof(group_header) == 64 && std::is_trivially_copyable_v<group_header>);

namespace group_flags {
inline constexpr std::uint16_t idle_mark = 1 << 0;  ///< empty group that only says synced_through
}

/// What the events of a run have in common. 64 bytes.
struct context_entry {
  u128 context_id;            // 0
  tenant_id tenant;           // 16
  std::uint8_t priority;      // 20
  std::uint8_t shadow;        // 21
  std::uint16_t hop;          // 22
  std::uint64_t reserved0;    // 24
  u128 root_id;               // 32
  std::uint64_t reserved[2];  // 48
};
static_assert(sizeof(context_entry) == 64);

enum class run_kind : std::uint16_t {
  transfers = 1,    ///< transfer_event: single-phase transfers and new holds
  resolutions = 2,  ///< resolution_event: captures, voids, expiries, reversals
  chain = 3,        ///< resolution_event: the members of ONE unit, all or nothing
  refusals = 4,     ///< refusal_event
  accounts = 5,     ///< account_record
  changes = 6,      ///< change_event
  seals = 7,        ///< seal_event
  orders = 8,       ///< order_event; the `legs` postings of each follow as a run of kind chain in the same group
  payments = 9,     ///< payment_row, behind the postings of the order_event that has the flag for it
};

/// Header of a run; `count` entries of the kind's fixed size follow. 32 bytes.
struct run_header {
  run_kind kind;              // 0
  std::uint16_t context;      // 2   index into the context table, which starts at length - 64 * context_count
  std::uint32_t count;        // 4
  std::uint32_t body_bytes;   // 8
  std::uint32_t first;        // 12  index of its first event within the group
  std::uint64_t reserved[2];  // 16
};
static_assert(sizeof(run_header) == 32);

/// transfers: the record alone, accounts and amount final.
using transfer_event = transfer_record;

/// resolutions and chain members.
struct resolution_event {
  transfer_record record;      // 0   completed: accounts, ledger, code, final amount
  u128 target_amount_minor;    // 128 the whole amount of the hold or original, 0 for plain chain members
  commit_seq target_sequence;  // 144 the hold's or original's own sequence, 0 for plain chain members
  std::uint64_t reserved;      // 152
};
static_assert(sizeof(resolution_event) == 160);

/// A remembered refusal with the request as it came.
struct refusal_event {
  std::byte request[128];      // 0   the command's record, as it came: begins with its id
  result_code code;            // 128
  std::uint16_t request_type;  // 130 frame_type: create_transfers, change_accounts, create_orders, act_on_orders
  std::uint32_t reserved0;     // 132
  commit_seq as_of;            // 136
  std::uint64_t reserved[6];   // 144
};
static_assert(sizeof(refusal_event) == 192);

/// An executed account change with its outcome.
struct change_event {
  account_change_record record;  // 0
  std::uint16_t flags_after;     // 128
  std::uint16_t reserved0;       // 130
  std::uint32_t reserved1;       // 132
  std::uint64_t reserved2;       // 136
  u128 overdraft_limit_after;    // 144
};
static_assert(sizeof(change_event) == 160);

/// A sealed id: it was not executed and never will be.
struct seal_event {
  transfer_id id;             // 0
  std::uint64_t reserved[2];  // 16
};
static_assert(sizeof(seal_event) == 32);

/// Size of one event of the kind; 0 for a kind that does not exist.
constexpr std::uint32_t event_bytes(run_kind kind) {
  switch (kind) {
    case run_kind::transfers:
      return sizeof(transfer_event);
    case run_kind::resolutions:
    case run_kind::chain:
      return sizeof(resolution_event);
    case run_kind::refusals:
      return sizeof(refusal_event);
    case run_kind::accounts:
      return sizeof(account_record);
    case run_kind::changes:
      return sizeof(change_event);
    case run_kind::seals:
      return sizeof(seal_event);
    case run_kind::orders:
      return sizeof(order_event);
    case run_kind::payments:
      return sizeof(payment_row);
  }
  return 0;
}
/// No event is larger.
inline constexpr std::uint32_t event_bytes_max = event_bytes(run_kind::payments);
static_assert(event_bytes(run_kind::orders) <= event_bytes_max);

}  // namespace payloom::storage
