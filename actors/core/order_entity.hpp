#pragma once
// An order as its shard keeps it while time can change it, or while a command has claimed it.
#include <cstdint>

#include "protocol/types/order_records.hpp"

namespace payloom::core {

struct order_entity {
  order_row row{};
  commit_seq seq = 0;  ///< of its newest event; 0: it is being loaded
  tenant_id tenant = 0;
  std::uint32_t claimed : 1 = 0;   ///< a command is in flight
  std::uint32_t payment : 31 = 0;  ///< 1 + its place among the payments; 0: it has none

  u128 key_id() const { return row.id.value; }
  tenant_id key_tenant() const { return tenant; }
};
static_assert(sizeof(order_entity) == 336);

}  // namespace payloom::core
