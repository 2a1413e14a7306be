#pragma once
// The first sector of a segment file, and the names of the files in journal/.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/codec/aligned_buffer.hpp"
#include "storage/log/data_directory.hpp"

namespace payloom::storage {

inline constexpr std::uint32_t segment_magic = 0x53594150;  ///< "PAYS"
inline constexpr std::uint16_t segment_version = 1;

/// Stands at the start of the first sector; the rest of the sector is zero. Groups begin at sector_bytes.
struct segment_header {
  std::uint32_t magic;         // 0
  std::uint32_t crc;           // 4   CRC32C of bytes 8 .. sector_bytes
  std::uint16_t version;       // 8
  std::uint16_t shadow;        // 10
  std::uint32_t number;        // 12  the file's number, from 1 without gaps
  commit_seq base_sequence;    // 16  sequence of its first event: the segment before ends right before it
  std::uint64_t file_bytes;    // 24  size of the file
  std::uint64_t salt;          // 32  random; every group of the segment repeats it
  std::uint32_t previous_crc;  // 40  crc of the last group before it (0 in the first): tells where that segment ends
  std::uint32_t partition;     // 44
  u128 cluster;                // 48
};
static_assert(sizeof(segment_header) == 64 && std::is_trivially_copyable_v<segment_header>);

/// The header's sector, checksummed. `header.magic`, `version` and `crc` are filled in.
aligned_buffer encode_segment_header(segment_header header);

/// Checks magic, version and checksum; the error text, empty when right.
std::string check_segment_header(std::span<const std::byte> sector);

enum class journal_file_kind : std::uint8_t { segment, prepared, hashes, other };

/// "00000001.seg" and so on.
std::string journal_file_name(journal_file_kind kind, std::uint32_t number);

struct journal_file {
  journal_file_kind kind = journal_file_kind::other;
  std::uint32_t number = 0;
};
/// What a file name means; `other` for names the log does not make.
journal_file parse_journal_file_name(std::string_view name);

}  // namespace payloom::storage
