#pragma once
// One account as its shard keeps it: durable sums, and what is claimed by work in flight. 128 bytes, two cache lines.
#include <cstdint>

#include "protocol/types/records.hpp"

namespace payloom::core {

struct alignas(64) account_entity {
  account_id id;
  tenant_id tenant = 0;
  ledger_id ledger = 0;
  std::uint16_t flags = 0;    ///< account_flags
  std::uint16_t marks = 0;    ///< account_marks
  std::uint32_t claims = 0;   ///< slips in flight that touch this account
  account_counters sums;      ///< durable only: moved by `apply`, never before the commit
  u128 debits_reserved = 0;   ///< claimed by debits in flight (only where debits_must_not_exceed_credits)
  u128 credits_reserved = 0;  ///< claimed headroom of credits in flight (only where credits_must_not_exceed_debits)

  u128 key_id() const { return id.value; }
  tenant_id key_tenant() const { return tenant; }
};
static_assert(sizeof(account_entity) == 128);

namespace account_marks {
inline constexpr std::uint16_t live = 1 << 0;       ///< durable; a row without it is being created
inline constexpr std::uint16_t exclusive = 1 << 1;  ///< claimed by a change (or its creation): others wait
inline constexpr std::uint16_t waiters = 1 << 2;    ///< slips are parked at this account
inline constexpr std::uint16_t has_limit = 1 << 3;  ///< an overdraft limit stands in the side table
}  // namespace account_marks

}  // namespace payloom::core
