#pragma once
// What server, journal and clients share about settlement: merchants' money goes from "pending" to "available" in
// batches. A batch is an order of the product `settlement` that only the server makes; which batch it is (merchant,
// ledger, through-date) is its business id, so that there is one of each for ever (`order_id_of`). WIRE.md, "Settlement".
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
constexpr bool id_is_reserved_for_settlement(u128 business_id) {
  return hi64(business_id) >> 32 == settlement_id_tag;
}

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

}  // namespace payloom
