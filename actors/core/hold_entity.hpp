#pragma once
// An open hold as its order shard keeps it (the accounts keep only pending sums).
#include <cstdint>

#include "protocol/types/records.hpp"

namespace payloom::core {

struct hold_entity {
  transfer_id id;
  account_id debit_account;
  account_id credit_account;
  u128 amount_minor = 0;
  commit_seq seq = 0;
  time_ns expires_at = 0;  ///< 0 = never
  tenant_id tenant = 0;
  ledger_id ledger = 0;
  std::uint16_t code = 0;
  std::uint16_t claimed = 0;  ///< a capture, void or expiry is in flight
  std::uint32_t reserved = 0;

  u128 key_id() const { return id.value; }
  tenant_id key_tenant() const { return tenant; }
};
static_assert(sizeof(hold_entity) == 96);

}  // namespace payloom::core
