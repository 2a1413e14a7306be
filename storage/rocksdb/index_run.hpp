#pragma once
// Everything the index learns from one chunk, ready to become sorted runs. Built by the follower's second stage.
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "storage/rocksdb/chunk_info.hpp"
#include "storage/rocksdb/index_types.hpp"
#include "storage/rocksdb/page_array.hpp"

namespace payloom::storage {

/// One line of one account in 8 bytes; sorting by the upper half groups the accounts and keeps journal order.
constexpr std::uint64_t pack_entry(std::uint32_t ordinal, entry_mark mark) {
  return std::uint64_t{ordinal} << 32 | std::uint64_t{mark.offset} << 2 | (mark.posted ? 2u : 0u) |
         (mark.credit ? 1u : 0u);
}
constexpr std::uint32_t entry_ordinal(std::uint64_t packed) { return static_cast<std::uint32_t>(packed >> 32); }
constexpr entry_mark entry_mark_of(std::uint64_t packed) {
  return {static_cast<std::uint32_t>(packed) >> 2, (packed & 1) != 0, (packed & 2) != 0};
}

/// The posted sums of an account before its first line in the chunk.
struct entry_opening {
  u128 debits_posted = 0;
  u128 credits_posted = 0;
  std::uint32_t ordinal = 0;
};

struct index_run {
  chunk_info info;
  std::uint32_t accounts = 0;             ///< accounts that exist at the chunk's end
  page_array<id_entry> ids;               ///< in journal order; at most run_items_max
  page_array<std::uint64_t> entries;      ///< pack_entry, in journal order
  page_array<entry_opening> openings;     ///< one per account with entries, in any order
  page_array<u128> posted_amounts;        ///< by offset: what moved on the posted sums, 0 if nothing
  std::vector<link_entry> links;          ///< in journal order
  std::vector<open_hold> holds_opened;    ///< in journal order, not resolved within the chunk
  std::vector<commit_seq> holds_closed;   ///< resolved holds of earlier chunks, any order
  std::deque<open_order> orders_open;     ///< changed in the chunk and resident at its end; any order
  std::vector<commit_seq> orders_closed;  ///< created() of orders of earlier chunks, not resident any more; any order
  std::vector<account_birth> births;      ///< in order of ordinal
  /// Account states as of the chunk's end of every account touched since the last snapshot, in order of ordinal:
  /// ordinal u32 (big-endian), length u16 (big-endian), state_value. Only when `snapshot`.
  bool snapshot = false;
  std::string states;
};

}  // namespace payloom::storage
