#pragma once
// Events and groups for the storage tests: small, recognisable, every field a function of the sequence.
#include <cstring>
#include <span>
#include <vector>

#include "storage/codec/group_builder.hpp"
#include "storage/ports.hpp"

namespace payloom::storage::testing {

inline context_entry sample_context(std::uint64_t n) {
  context_entry entry{};
  entry.context_id = make_u128(0xc0ffee, n);
  entry.tenant = static_cast<tenant_id>(n % 7);
  entry.priority = static_cast<std::uint8_t>(n % 4);
  return entry;
}

inline transfer_record sample_transfer(std::uint64_t n) {
  transfer_record record{};
  record.id.value = make_u128(n * 0x9e3779b97f4a7c15ull, n);
  record.debit_account.value = 1 + n % 100;
  record.credit_account.value = 200 + n % 100;
  record.amount_minor = n * 3 + 1;
  record.user_data_64 = n;
  record.ledger = 978;
  record.code = 1;
  return record;
}

/// Appends one run of `count` transfers numbered from `first`.
inline bool add_transfers(group_builder& builder, std::uint64_t first, std::uint32_t count) {
  const std::uint32_t context = builder.add_context(sample_context(first));
  if (context == group_builder::no_context) return false;
  std::byte* place = builder.append(run_kind::transfers, context, count);
  if (place == nullptr) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const transfer_record record = sample_transfer(first + i);
    std::memcpy(place + i * sizeof record, &record, sizeof record);
  }
  return true;
}

/// Timestamps of the tests: always ahead of the last one.
inline time_ns time_after(const journal_position& position) { return position.last_time + 1000; }

/// A finished group of `count` transfers whose numbers are their sequences.
inline std::span<std::byte> make_group(group_builder& builder, const journal_position& position, std::uint32_t count) {
  builder.begin();
  if (!add_transfers(builder, position.next_sequence, count)) return {};
  return builder.finish(position.next_sequence, time_after(position));
}

}  // namespace payloom::storage::testing
