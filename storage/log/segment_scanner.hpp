#pragma once
// Reads the groups of one segment file in order, in large aligned reads, and checks each completely.
#include <cstdint>
#include <span>

#include "storage/codec/group_reader.hpp"
#include "storage/log/file.hpp"
#include "storage/log/segment_format.hpp"

namespace payloom::storage {

/// One thread at a time. Read errors throw storage_failure; damaged bytes are answers.
class segment_scanner {
 public:
  /// `chunk_bytes`: how much is read at once (a multiple of sector_bytes, or rounded up to one).
  explicit segment_scanner(std::size_t chunk_bytes);

  /// Scans this file from now on; it must stay open meanwhile. Groups must carry its number and salt.
  void use(const file& segment_file, std::uint32_t number, std::uint64_t salt);

  /// The group at `offset`; bytes from `limit` on do not exist for it. On success `out` lives until the next call.
  group_error group_at(std::uint64_t offset, std::uint64_t limit, group_view& out);

  /// Bytes [offset, offset + bytes) of the file, at most one group's worth. Lives until the next call.
  std::span<const std::byte> bytes_at(std::uint64_t offset, std::size_t bytes, std::uint64_t limit);

 private:
  const file* file_ = nullptr;
  std::uint32_t number_ = 0;
  std::uint64_t salt_ = 0;
  aligned_buffer buffer_;
  std::size_t chunk_bytes_;
  std::uint64_t start_ = 0;  ///< file offset of the buffer's first byte
  std::size_t held_ = 0;     ///< bytes in the buffer
};

/// How the rest of a segment looks from where its last valid group ended.
struct segment_rest {
  bool blank = true;                 ///< nothing but zeros: nothing was written there
  bool valid_group_follows = false;  ///< scan-ahead found a group that was written later
  std::uint64_t follower = 0;        ///< its offset
};

/// Looks at every sector from `offset` to `limit` for a valid group with a base sequence of at least `next_sequence`.
segment_rest scan_ahead(segment_scanner& scanner, std::uint64_t offset, std::uint64_t limit, commit_seq next_sequence);

}  // namespace payloom::storage
