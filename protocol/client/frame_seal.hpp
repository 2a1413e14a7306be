#pragma once
// Filling in and checking the two checksums and the fixed fields of a frame header, as WIRE.md describes them.
#include <cstddef>
#include <cstring>
#include <span>

#include "protocol/types/crc32c.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::client {

/// The CRC of a header: bytes 8 to 127.
inline std::uint32_t header_checksum(const frame_header& header) noexcept {
  return crc32c(std::as_bytes(std::span{&header, 1}).subspan(8));
}

/// A request header of `type` with everything zero but magic, version and length; checksums are still to be sealed.
inline frame_header make_request_header(frame_type type, std::uint32_t record_count, std::size_t body_bytes) noexcept {
  frame_header header{};
  header.magic = frame_magic;
  header.version = protocol_version;
  header.type = static_cast<std::uint16_t>(type);
  header.length = static_cast<std::uint32_t>(limits::frame_header_bytes + body_bytes);
  header.record_count = record_count;
  return header;
}

/// Sets both checksums; `body_crc` is the CRC of the body (0 for an empty one).
inline void seal_header(frame_header& header, std::uint32_t body_crc) noexcept {
  header.body_crc = body_crc;
  header.header_crc = header_checksum(header);
}

/// True when magic, version, length and checksum of a received header hold. Nothing else of it may be used before.
inline bool header_is_sound(const frame_header& header, std::size_t frame_bytes_max) noexcept {
  return header.magic == frame_magic && header.length >= limits::frame_header_bytes &&
         header.length <= frame_bytes_max && header.header_crc == header_checksum(header);
}

}  // namespace payloom::client
