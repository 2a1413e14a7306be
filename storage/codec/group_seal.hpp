#pragma once
// The last fields of a group, which only the journal that writes it knows, and the empty group of an idle journal.
#include <cstdint>
#include <span>

#include "storage/codec/format.hpp"

namespace payloom::storage {

/// What ties a group to its place.
struct group_seal {
  std::uint32_t segment = 0;
  std::uint64_t segment_salt = 0;
  std::uint32_t previous_crc = 0;
  commit_seq synced_through = 0;
};

/// Fills in the seal and the checksum of a finished group; returns the checksum, the next group's previous_crc.
std::uint32_t seal_group(std::span<std::byte> group, const group_seal& seal);

/// Writes the unsealed idle mark, one sector, into `sector` (aligned, sector_bytes long).
void make_idle_mark(std::span<std::byte> sector, commit_seq next_sequence, time_ns last_time);

}  // namespace payloom::storage
