#include "storage/log/segment_scanner.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::storage {

segment_scanner::segment_scanner(std::size_t chunk_bytes)
    : buffer_(limits::group_bytes_max + padded_bytes(chunk_bytes), aligned_buffer::content::undefined),
      chunk_bytes_(padded_bytes(chunk_bytes)) {}

void segment_scanner::use(const file& segment_file, std::uint32_t number, std::uint64_t salt) {
  file_ = &segment_file;
  number_ = number;
  salt_ = salt;
  held_ = 0;
}

std::span<const std::byte> segment_scanner::bytes_at(std::uint64_t offset, std::size_t bytes, std::uint64_t limit) {
  PAYLOOM_ASSERT(offset % sector_bytes == 0 && bytes <= limits::group_bytes_max && offset + bytes <= limit);
  if (offset < start_ || offset > start_ + held_) held_ = 0;
  if (held_ == 0) start_ = offset;
  if (offset + bytes > start_ + held_) {
    const std::size_t kept = static_cast<std::size_t>(start_ + held_ - offset);
    std::memmove(buffer_.data(), buffer_.data() + (held_ - kept), kept);
    start_ = offset;
    held_ = kept;
    const std::size_t missing = padded_bytes(bytes) - kept;
    const std::uint64_t readable = limit - (start_ + held_);
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(missing, chunk_bytes_), readable));
    require(file_->read({buffer_.data() + held_, wanted}, start_ + held_), "read", file_->path());
    held_ += wanted;
  }
  return {buffer_.data() + (offset - start_), bytes};
}

group_error segment_scanner::group_at(std::uint64_t offset, std::uint64_t limit, group_view& out) {
  if (limit < offset || limit - offset < sector_bytes) return {group_fault::too_short, 0};
  const auto head = bytes_at(offset, sector_bytes, limit);
  if (const group_error error = parse_group_header(head)) return error;
  const auto& header = *reinterpret_cast<const group_header*>(head.data());
  if (header.segment != number_ || header.segment_salt != salt_) {
    return {group_fault::bad_magic, offsetof(group_header, segment)};
  }
  const std::size_t padded = padded_bytes(header.length);
  if (padded > limit - offset) return {group_fault::too_short, offsetof(group_header, length)};
  return parse_group(bytes_at(offset, padded, limit), out);
}

segment_rest scan_ahead(segment_scanner& scanner, std::uint64_t offset, std::uint64_t limit, commit_seq next_sequence) {
  segment_rest rest;
  for (; offset + sector_bytes <= limit; offset += sector_bytes) {
    const auto sector = scanner.bytes_at(offset, sector_bytes, limit);
    const auto words = std::span(reinterpret_cast<const std::uint64_t*>(sector.data()), sector_bytes / 8);
    if (std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return word == 0; })) continue;
    rest.blank = false;
    group_view group;
    if (scanner.group_at(offset, limit, group)) continue;
    if (group.header->base_sequence >= next_sequence) {
      rest.valid_group_follows = true;
      rest.follower = offset;
      return rest;
    }
  }
  return rest;
}

}  // namespace payloom::storage
