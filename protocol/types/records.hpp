#pragma once
// The plain records of the protocol and the journal: fixed layout, little-endian, no padding, offsets checked here
// and listed in protocol/wire/WIRE.md. A record on the wire is the record in the journal.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom {

// ---------------------------------------------------------------------------------------------------- transfers

namespace transfer_flags {
inline constexpr std::uint16_t linked = 1 << 0;            ///< this event and the next succeed or fail together
inline constexpr std::uint16_t hold = 1 << 1;              ///< two-phase: reserve the amount, resolve later
inline constexpr std::uint16_t capture = 1 << 2;           ///< post a hold (target_id), in full or in part
inline constexpr std::uint16_t void_hold = 1 << 3;         ///< release a hold (target_id)
inline constexpr std::uint16_t balancing_debit = 1 << 4;   ///< amount is a maximum: as much as the debit account has
inline constexpr std::uint16_t balancing_credit = 1 << 5;  ///< amount is a maximum: as much as the credit account owes
inline constexpr std::uint16_t reversal = 1 << 6;          ///< move (part of) a posted transfer (target_id) back
inline constexpr std::uint16_t imported = 1 << 7;          ///< effective_at says when it happened elsewhere
inline constexpr std::uint16_t expiry = 1 << 15;           ///< server only: the void that an expired hold causes
inline constexpr std::uint16_t client_mask = 0x00ff;
inline constexpr std::uint16_t resolving = capture | void_hold;
inline constexpr std::uint16_t targeting = capture | void_hold | reversal;
inline constexpr std::uint16_t balancing = balancing_debit | balancing_credit;
}  // namespace transfer_flags

/// One transfer, hold, capture, void or reversal. In requests of the targeting kinds the accounts, ledger and code may
/// be zero ("as the target") and amount `u128_max` means "all that is left"; the journal has them filled in.
struct transfer_record {
  transfer_id id;              // 0
  account_id debit_account;    // 16
  account_id credit_account;   // 32
  u128 amount_minor;           // 48  minor units of the ledger's currency
  transfer_id target_id;       // 64  the hold (capture, void) or the original (reversal), else 0
  u128 user_data_128;          // 80
  std::uint64_t user_data_64;  // 96
  std::uint32_t user_data_32;  // 104
  std::uint32_t timeout_s;     // 108 holds: seconds until expiry, 0 = never
  ledger_id ledger;            // 112
  std::uint16_t code;          // 116 the caller's own meaning, not 0
  std::uint16_t flags;         // 118 transfer_flags
  time_ns effective_at;        // 120 imported events only, else 0
};
static_assert(sizeof(transfer_record) == limits::record_bytes && std::is_trivially_copyable_v<transfer_record>);
static_assert(offsetof(transfer_record, amount_minor) == 48 && offsetof(transfer_record, target_id) == 64);
static_assert(offsetof(transfer_record, ledger) == 112 && offsetof(transfer_record, effective_at) == 120);

// ----------------------------------------------------------------------------------------------------- accounts

namespace account_flags {
inline constexpr std::uint16_t debits_must_not_exceed_credits = 1 << 0;
inline constexpr std::uint16_t credits_must_not_exceed_debits = 1 << 1;
inline constexpr std::uint16_t history = 1 << 2;   ///< statements carry running balances
inline constexpr std::uint16_t closed = 1 << 3;    ///< nothing moves; reopen possible
inline constexpr std::uint16_t stop_in = 1 << 4;   ///< no new credits (captures and voids of older holds pass)
inline constexpr std::uint16_t stop_out = 1 << 5;  ///< no new debits (captures and voids of older holds pass)
inline constexpr std::uint16_t hot = 1 << 6;       ///< postings are batched by the hot-account shards
inline constexpr std::uint16_t imported = 1 << 7;  ///< effective_at says when it was opened elsewhere
inline constexpr std::uint16_t client_mask = 0x00ff;
inline constexpr std::uint16_t limited = debits_must_not_exceed_credits | credits_must_not_exceed_debits;
}  // namespace account_flags

/// Opens an account. Idempotent by id.
struct account_record {
  account_id id;               // 0
  u128 user_data_128;          // 16
  u128 overdraft_limit_minor;  // 32  how far a limited account may pass zero
  std::uint64_t user_data_64;  // 48
  std::uint32_t user_data_32;  // 56
  ledger_id ledger;            // 60
  std::uint16_t code;          // 64  chart of accounts, not 0
  std::uint16_t flags;         // 66  account_flags
  std::uint8_t reserved[52];   // 68  zero
  time_ns effective_at;        // 120 imported accounts only, else 0
};
static_assert(sizeof(account_record) == limits::record_bytes && std::is_trivially_copyable_v<account_record>);
static_assert(offsetof(account_record, effective_at) == 120);

/// What an account change does; one per record.
enum class account_change_kind : std::uint16_t {
  set_flags = 1,    ///< set the bits in `flags` (history, stop_in, stop_out, hot, the two limit flags)
  clear_flags = 2,  ///< clear the bits in `flags`
  set_limit = 3,    ///< set the overdraft limit
  close = 4,        ///< refused while holds are open
  reopen = 5,
};

/// Changes an account. `id` is the command's own id (same id space as transfers): a repeat gets the stored result.
struct account_change_record {
  transfer_id id;              // 0
  account_id account;          // 16
  u128 overdraft_limit_minor;  // 32  set_limit only
  account_change_kind kind;    // 48
  std::uint16_t flags;         // 50  set_flags, clear_flags only
  std::uint32_t reason;        // 52  the caller's own meaning
  std::uint64_t user_data_64;  // 56
  u128 user_data_128;          // 64
  std::uint8_t reserved[48];   // 80  zero
};
static_assert(sizeof(account_change_record) == limits::record_bytes);
static_assert(offsetof(account_change_record, user_data_128) == 64);

/// A bare id: look-ups, balances and seals. 16 bytes.
struct id_record {
  u128 id;
};
static_assert(sizeof(id_record) == 16);

// ------------------------------------------------------------------------------------------------------ results

namespace result_flags {
inline constexpr std::uint16_t replayed = 1 << 0;    ///< the stored result of an earlier command with this id
inline constexpr std::uint16_t balances = 1 << 1;    ///< the balances of a `balances_result` are filled in
inline constexpr std::uint16_t processing = 1 << 2;  ///< ok, but the payment is outside: later events tell how it ends
}  // namespace result_flags

/// The result of one event, in the order of the request's records. 32 bytes.
struct result_record {
  commit_seq sequence;           // 0   ok: the event's commit; refusal: as_of, the commit at which it was true
  time_ns timestamp;             // 8   ok: when it was committed, else 0
  result_code code;              // 16
  std::uint16_t flags;           // 18  result_flags
  std::uint32_t retry_after_ms;  // 20  overloaded, busy, unavailable
  std::uint16_t rule;            // 24  rule_refused, rule_review: the rule's id, not in a repeat; else 0
  std::uint16_t rule_version;    // 26
  std::uint32_t reserved;        // 28
};
static_assert(sizeof(result_record) == 32 && std::is_trivially_copyable_v<result_record>);

/// The four sums of an account, in minor units.
struct account_counters {
  u128 debits_posted = 0;
  u128 credits_posted = 0;
  u128 debits_pending = 0;
  u128 credits_pending = 0;
  friend bool operator==(const account_counters&, const account_counters&) = default;
};
static_assert(sizeof(account_counters) == 64);

/// The result of one event when the frame asked for balances: the sums right after its commit. 192 bytes.
struct balances_result {
  result_record result;       // 0
  u128 amount_minor;          // 32  the amount that moved (balancing, capture of the rest)
  account_counters debit;     // 48
  account_counters credit;    // 112
  std::uint8_t reserved[16];  // 176
};
static_assert(sizeof(balances_result) == 192);

// -------------------------------------------------------------------------------------------------- query rows

/// An account as queries show it. 192 bytes.
struct account_row {
  account_id id;               // 0
  account_counters counters;   // 16
  u128 overdraft_limit_minor;  // 80
  u128 user_data_128;          // 96
  std::uint64_t user_data_64;  // 112
  std::uint32_t user_data_32;  // 120
  ledger_id ledger;            // 124
  std::uint16_t code;          // 128
  std::uint16_t flags;         // 130
  std::uint32_t reserved0;     // 132
  time_ns timestamp;           // 136 when it was created
  time_ns effective_at;        // 144
  commit_seq created_seq;      // 152
  commit_seq as_of;            // 160 the commit at which the counters stood so
  std::uint8_t reserved[24];   // 168
};
static_assert(sizeof(account_row) == 192);

/// A transfer as queries show it. 192 bytes.
struct transfer_row {
  transfer_record record;     // 0   accounts, ledger, code and amount filled in
  commit_seq sequence;        // 128
  time_ns timestamp;          // 136
  commit_seq resolved_by;     // 144 holds: the commit that captured, voided or expired it, else 0
  result_code code;           // 152 ok, or the remembered refusal
  std::uint16_t state;        // 154 transfer_state
  std::uint32_t reserved0;    // 156
  u128 reversed_minor;        // 160 sum of its reversals
  std::uint8_t reserved[16];  // 176
};
static_assert(sizeof(transfer_row) == 192);

enum class transfer_state : std::uint16_t {
  posted = 0,
  held = 1,
  captured = 2,
  voided = 3,
  expired = 4,
  refused = 5,
  sealed = 6
};

/// One line of an account statement. 192 bytes.
struct statement_row {
  transfer_record record;     // 0
  commit_seq sequence;        // 128
  time_ns timestamp;          // 136
  u128 debits_posted_after;   // 144 where `history` is set, else 0
  u128 credits_posted_after;  // 160
  std::uint64_t cursor;       // 176 pass as `cursor` to continue after this line
  std::uint64_t reserved;     // 184
};
static_assert(sizeof(statement_row) == 192);

/// A ledger that the server's configuration names, beside the ISO 4217 currencies. 32 bytes.
struct ledger_row {
  ledger_id ledger;         // 0   1000 or more
  std::uint8_t exponent;    // 4   decimals: an amount of 10^exponent minor units is one whole
  std::uint8_t reserved0;   // 5
  std::uint16_t reserved1;  // 6
  char name[24];            // 8   text, zero padded
};
static_assert(sizeof(ledger_row) == 32);

/// One query: list accounts, list transfers or an account's statement. Zero fields do not filter; set ones are ANDed.
/// 256 bytes.
struct query_record {
  account_id account;                // 0   statement: required; transfers: debit or credit side
  account_id debit_account;          // 16
  account_id credit_account;         // 32
  u128 user_data_128;                // 48
  std::uint64_t user_data_64;        // 64
  std::uint32_t user_data_32;        // 72
  ledger_id ledger;                  // 76
  time_ns time_from;                 // 80  inclusive, by commit timestamp
  time_ns time_to;                   // 88  inclusive, 0 = open
  commit_seq sequence_from;          // 96  inclusive
  commit_seq sequence_to;            // 104 inclusive, 0 = open
  std::uint64_t cursor;              // 112 0 = first page
  std::uint32_t limit;               // 120 rows wanted, 1 .. query_rows_max
  std::uint16_t code;                // 124
  std::uint16_t flags;               // 126 query_flags
  std::uint16_t transfer_flags_set;  // 128 transfers with all these flags
  std::uint8_t reserved[126];        // 130
};
static_assert(sizeof(query_record) == 256);

namespace query_flags {
inline constexpr std::uint16_t backward = 1 << 0;  ///< newest first
inline constexpr std::uint16_t debits = 1 << 1;    ///< statement: debit lines only
inline constexpr std::uint16_t credits = 1 << 2;   ///< statement: credit lines only
}  // namespace query_flags

}  // namespace payloom
