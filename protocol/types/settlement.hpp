#pragma once
// What server, journal and clients share about settlement: merchants' money goes from "pending" to "available" in
// batches. A batch is an order of the product `settlement` that only the server makes; which batch it is (merchant,
// ledger, through-date) is its business id, so that there is one of each for ever (`order_id_of`). WIRE.md, "settle".
#include <cstddef>
#include <cstdint>

#include "protocol/types/calendar.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom {

/// Code of the business product whose orders are settlement batches (config/payments/business_map.yaml). In journals
/// for ever.
inline constexpr std::uint16_t settlement_product = 401;
/// Code of the chart's role whose accounts hold what merchants have earned and not got (config/payments/chart.yaml).
inline constexpr std::uint16_t merchant_pending_code = 211;

/// Clients cannot give an order a business id that begins so.
inline constexpr std::uint32_t settlement_id_tag = 0x5e771ed0;
constexpr bool id_is_reserved_for_settlement(u128 business_id) { return hi64(business_id) >> 32 == settlement_id_tag; }

/// The business id of the batch of a ledger through a date: what was earned up to and on that date.
constexpr u128 settlement_business_id(ledger_id ledger, day_number through) {
  return make_u128((std::uint64_t{settlement_id_tag} << 32) | ledger, through);
}
constexpr day_number settlement_through(u128 business_id) { return static_cast<day_number>(lo64(business_id)); }
constexpr order_id settlement_id_of(owner_number merchant, ledger_id ledger, day_number through) {
  return order_id_of(merchant, settlement_business_id(ledger, through));
}

/// Ids of the accounts of one role in one ledger begin with the same 64 bits; the rest is the owner's number
/// (WIRE.md, "Accounts of payments").
constexpr std::uint64_t pending_account_prefix(ledger_id ledger) {
  return (std::uint64_t{0xfa1d} << 48) | (std::uint64_t{merchant_pending_code} << 32) | ledger;
}
constexpr account_id pending_account(owner_number merchant, ledger_id ledger) {
  return {make_u128(pending_account_prefix(ledger), merchant)};
}

// --------------------------------------------------------------------------------------------------- the records

namespace settle_flags {
inline constexpr std::uint16_t dry_run = 1 << 0;  ///< only say what would be settled
inline constexpr std::uint16_t mask = 0x0001;
}  // namespace settle_flags

/// Settles what is due: one batch for every merchant and ledger that has something. Again is the same: a batch exists
/// once. 128 bytes.
struct settle_request {
  owner_number merchant;      // 0   0 = all
  ledger_id ledger;           // 8   0 = all
  day_number through_date;    // 12  yyyymmdd, at most today; 0 = by each merchant's plan and the server's clock
  std::uint64_t cursor;       // 16  of the page before, 0 = from the beginning
  std::uint32_t limit;        // 24  rows wanted, 1 .. settlement_rows_max
  std::uint16_t flags;        // 28  settle_flags
  std::uint8_t reserved[98];  // 30  zero
};
static_assert(sizeof(settle_request) == 128 && offsetof(settle_request, reserved) == 30);

/// What a query of settlements wants.
enum class settlement_view : std::uint32_t {
  batches = 0,  ///< of one merchant and ledger, newest first
  days = 1,     ///< what is not settled, one row for every account and accounting date
};

/// 128 bytes.
struct settlement_query {
  owner_number merchant;       // 0   batches: not 0; days: 0 = all
  ledger_id ledger;            // 8   batches: not 0; days: 0 = all
  settlement_view view;        // 12
  std::uint64_t cursor;        // 16  of the page before, 0 = from the beginning
  std::uint32_t limit;         // 24  rows wanted, 1 .. settlement_rows_max; days: at least unsettled_days_max
  std::uint8_t reserved[100];  // 28  zero
};
static_assert(sizeof(settlement_query) == 128 && offsetof(settlement_query, reserved) == 28);

namespace settlement_row_flags {
inline constexpr std::uint16_t replayed = 1 << 0;  ///< the batch existed before
inline constexpr std::uint16_t negative = 1 << 1;  ///< gross is what is missing: more was taken back than earned
inline constexpr std::uint16_t dry_run = 1 << 2;   ///< nothing was made
}  // namespace settlement_row_flags

/// A batch, what would be one, or what stands for a day. fee + reserve + available = gross where there is a batch. 128
/// bytes.
struct settlement_row {
  owner_number merchant;      // 0
  ledger_id ledger;           // 8
  day_number through_date;    // 12  days: the accounting date
  u128 gross_minor;           // 16
  u128 fee_minor;             // 32
  u128 reserve_minor;         // 48
  u128 available_minor;       // 64
  order_id order;             // 80  of the batch
  commit_seq sequence;        // 96  of the batch, 0 = there is none
  commit_seq as_of;           // 104 the commit at which gross was added up
  time_ns timestamp;          // 112 of the batch, 0 = there is none
  result_code code;           // 120 ok, or why there is no batch
  std::uint16_t flags;        // 122 settlement_row_flags
  day_number settled_before;  // 124 day of the merchant's batch before, 0 = none
};
static_assert(sizeof(settlement_row) == 128 && offsetof(settlement_row, code) == 120);

}  // namespace payloom
