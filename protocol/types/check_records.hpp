#pragma once
// What the checks of a payment have said together. Fixed layout, little-endian, no padding; listed in WIRE.md.
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocol/types/payment_records.hpp"

namespace payloom {

/// What became of a payment's checks. Made by the server alone, as an action on the order (`check_fact`); begins like
/// order_action_record. Bits are checks: number - 1. A wanted check without a bit was not waited for any more.
struct check_fact_record {
  transfer_id id;              // 0   check_fact_id_of
  order_id order;              // 16
  u128 reserved0;              // 32  zero
  u128 payment;                // 48
  std::uint64_t reserved1[2];  // 64  zero
  std::uint32_t reserved2;     // 80  zero
  order_action action;         // 84  check_fact
  std::uint16_t flags;         // 86  zero
  std::uint8_t passed;         // 88
  std::uint8_t refused;        // 89
  std::uint8_t missed;         // 90  no answer in time, or not asked
  std::uint8_t reserved3;      // 91  zero
  result_code code;            // 92  not ok: all had passed, and then the accounts refused the payment with this
  std::uint16_t reserved4;     // 94  zero
  std::uint16_t took_ms[limits::checks_max];  // 96 how long each check took to answer, by number - 1; 0: under 1 ms
  std::uint64_t reserved5[2];                 // 112 zero
};
static_assert(sizeof(check_fact_record) == limits::record_bytes && std::is_trivially_copyable_v<check_fact_record>);
static_assert(offsetof(check_fact_record, action) == offsetof(order_action_record, action));
static_assert(offsetof(check_fact_record, flags) == offsetof(order_action_record, flags));
static_assert(offsetof(check_fact_record, payment) == 48 && offsetof(check_fact_record, took_ms) == 96);

/// The id under which it is journaled; `told` tells several of one payment apart.
constexpr transfer_id check_fact_id_of(tenant_id tenant, u128 payment, std::uint64_t told) {
  const std::uint64_t low = mix_id(tenant + 0x63686563u, payment ^ make_u128(told, 0));
  return {make_u128((std::uint64_t{fact_id_tag} << 32) | (mix_id(0x6a6f696e, payment ^ low) & 0xffffffff), low)};
}

}  // namespace payloom
