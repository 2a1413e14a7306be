#pragma once
// Strong types for the identifiers of the platform. All are 128 bits and made by the client (or by an operator);
// zero and all-ones are reserved. The key of everything is (tenant, id): another tenant's ids are `not_found`.
#include <compare>
#include <cstdint>

#include "protocol/types/u128.hpp"

namespace payloom {

struct account_id {
  u128 value = 0;
  friend constexpr bool operator==(account_id a, account_id b) { return a.value == b.value; }
  friend constexpr auto operator<=>(account_id a, account_id b) { return a.value <=> b.value; }
};

struct transfer_id {
  u128 value = 0;
  friend constexpr bool operator==(transfer_id a, transfer_id b) { return a.value == b.value; }
  friend constexpr auto operator<=>(transfer_id a, transfer_id b) { return a.value <=> b.value; }
};

static_assert(sizeof(account_id) == 16 && sizeof(transfer_id) == 16);

using tenant_id = std::uint32_t;  ///< 0 is the default tenant
using ledger_id = std::uint32_t;  ///< 1..999: ISO 4217 numeric currency; from 1000: custom, named in the configuration
using commit_seq =
    std::uint64_t;  ///< dense position of a commit unit in one partition's journal; the first is 1, 0 = none
using time_ns = std::uint64_t;      ///< nanoseconds since 1970-01-01 UTC
using shard_index = std::uint32_t;  ///< 0 .. count-1 within its kind

constexpr bool id_is_reserved(u128 id) { return id == 0 || id == u128_max; }

}  // namespace payloom
