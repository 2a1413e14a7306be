#include "storage/codec/group_seal.hpp"

#include <cstring>

#include "protocol/types/assert.hpp"
#include "protocol/types/crc32c.hpp"

namespace payloom::storage {

std::uint32_t seal_group(std::span<std::byte> group, const group_seal& seal) {
  auto& header = *reinterpret_cast<group_header*>(group.data());
  PAYLOOM_ASSERT(header.magic == group_magic && header.length >= sizeof header && header.length <= group.size());
  header.segment = seal.segment;
  header.segment_salt = seal.segment_salt;
  header.previous_crc = seal.previous_crc;
  header.synced_through = seal.synced_through;
  header.crc = crc32c(group.first(header.length).subspan(offsetof(group_header, version)));
  return header.crc;
}

void make_idle_mark(std::span<std::byte> sector, commit_seq next_sequence, time_ns last_time) {
  PAYLOOM_ASSERT(sector.size() == sector_bytes);
  std::memset(sector.data(), 0, sector.size());
  auto& header = *reinterpret_cast<group_header*>(sector.data());
  header.magic = group_magic;
  header.version = journal_version;
  header.flags = group_flags::idle_mark;
  header.base_sequence = next_sequence;
  header.base_time = last_time;
  header.length = sizeof header;
}

}  // namespace payloom::storage
