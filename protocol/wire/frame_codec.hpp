#pragma once
// Frames to bytes and back, with every check that WIRE.md promises. Pure functions on caller-owned memory: nothing
// here allocates, so that bounds are checked before anyone allocates for a frame.
#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/types/frame.hpp"
#include "protocol/wire/frame_types.hpp"

namespace payloom::wire {

inline constexpr std::size_t header_bytes = limits::frame_header_bytes;
/// A reply may be longer than a request: as many rows of 192 bytes as a request has records.
inline constexpr std::uint32_t reply_bytes_max = header_bytes + limits::frame_events_max * 192;

/// Who sends the frame; requests and replies have different rules.
enum class direction : std::uint8_t { to_server, to_client };

/// The bounds of the handshake. Both ends check them before they make room for a frame.
struct frame_limits {
  std::uint32_t frame_bytes_max;   ///< whole frame
  std::uint32_t frame_events_max;  ///< records in it (text replies: not applied)
};
inline constexpr frame_limits request_limits{limits::frame_bytes_max, limits::frame_events_max};
inline constexpr frame_limits reply_limits{reply_bytes_max, limits::frame_events_max};

/// What a check found: `ok`, or the code to answer with, where in the frame it is (bytes) and a sentence.
struct decode_status {
  result_code code = result_code::ok;
  std::uint32_t offset = 0;
  const char* what = "";
  constexpr bool ok() const noexcept { return code == result_code::ok; }
};

/// Copies the 128 bytes into `header` and checks, in this order: magic, header checksum, version, type, length
/// bounds, flags, reserved bytes (and, in requests, the fields that only replies use), record count against length.
/// `header` is filled in any case; its values mean something only from the checksum on.
decode_status inspect_header(std::span<const std::byte, header_bytes> bytes, const frame_limits& bounds, direction way,
                             frame_header& header) noexcept;

/// Checks the body of an inspected header: size and checksum.
decode_status check_body(const frame_header& header, std::span<const std::byte> body) noexcept;
/// The same where the checksum of the body was computed while it arrived.
decode_status check_body_crc(const frame_header& header, std::uint32_t crc) noexcept;

/// Completes a header for a body of `body_bytes` with checksum `body_crc`: magic, version, length, checksums.
/// Type, flags, count, request number and the rest are the caller's.
void finish_header(frame_header& header, std::uint32_t body_bytes, std::uint32_t body_crc) noexcept;
/// The same, computing the checksum of `body`.
void seal_frame(frame_header& header, std::span<const std::byte> body) noexcept;

/// The answer of a server to a header: type with the reply bit, request number, tenant, context, priority and flags
/// (without `more`) copied, everything else zero. Complete it with finish_header.
frame_header make_reply(const frame_header& request) noexcept;

/// Body bytes that an inspected header announces.
constexpr std::uint32_t body_bytes(const frame_header& header) noexcept {
  return header.length - static_cast<std::uint32_t>(header_bytes);
}
constexpr bool is_reply(const frame_header& header) noexcept { return (header.type & reply_bit) != 0; }
/// The type without the reply bit.
constexpr frame_type base_type(const frame_header& header) noexcept {
  return static_cast<frame_type>(header.type & ~reply_bit);
}

/// What client and server make of a hello: ok, or `version_unsupported` with the reason.
decode_status negotiate(const hello_body& hello, std::uint32_t features_known, std::uint16_t& version,
                        std::uint32_t& features) noexcept;

}  // namespace payloom::wire
