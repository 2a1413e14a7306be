#pragma once
// Orders for sorted runs: radix passes over 8-byte items, skipping digits in which all items agree.
#include <cstdint>
#include <span>

#include "storage/rocksdb/index_types.hpp"
#include "storage/rocksdb/page_array.hpp"

namespace payloom::storage {

inline constexpr std::uint32_t run_items_max = 1u << 20;  ///< ids of one run (20 bits of index)

/// Indexes of `ids` in the order of (tenant, id). At most run_items_max ids.
page_array<std::uint64_t> order_of_ids(std::span<const id_entry> ids);

/// Sorts `items` by their bits from `first_bit` up; equal ones keep their order.
void radix_sort(page_array<std::uint64_t>& items, unsigned first_bit);

}  // namespace payloom::storage
