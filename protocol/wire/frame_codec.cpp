#include "protocol/wire/frame_codec.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/types/crc32c.hpp"

namespace payloom::wire {
namespace {

constexpr std::uint32_t crc_from = offsetof(frame_header, body_crc);

constexpr decode_status bad(result_code code, std::size_t offset, const char* what) {
  return {code, static_cast<std::uint32_t>(offset), what};
}

std::uint32_t header_crc(const frame_header& header) noexcept {
  return crc32c(std::as_bytes(std::span(&header, 1)).subspan(crc_from));
}

template <std::size_t N>
const std::uint8_t* first_set(const std::uint8_t (&bytes)[N]) noexcept {
  return std::find_if(bytes, bytes + N, [](std::uint8_t b) { return b != 0; });
}

decode_status check_reserved(const frame_header& h) noexcept {
  constexpr auto code = result_code::frame_reserved_not_zero;
  if (h.priority > 3) return bad(code, offsetof(frame_header, priority), "priority is above 3");
  if (h.reserved0 != 0) return bad(code, offsetof(frame_header, reserved0), "a reserved byte is set");
  if (h.reserved1 != 0) return bad(code, offsetof(frame_header, reserved1), "a reserved byte is set");
  if ((h.reserved2[0] | h.reserved2[1] | h.reserved2[2]) != 0)
    return bad(code, offsetof(frame_header, reserved2), "a reserved byte is set");
  std::uint64_t words[2];
  static_assert(sizeof words == sizeof h.reserved);
  std::memcpy(words, h.reserved, sizeof words);
  if ((words[0] | words[1]) != 0) {
    const auto at = static_cast<std::size_t>(first_set(h.reserved) - h.reserved);
    return bad(code, offsetof(frame_header, reserved) + at, "a reserved byte is set");
  }
  return {};
}

decode_status check_request_only(const frame_header& h) noexcept {
  constexpr auto code = result_code::frame_reserved_not_zero;
  if (h.retry_after_ms != 0)
    return bad(code, offsetof(frame_header, retry_after_ms), "only replies set retry_after_ms");
  if (h.sequence != 0) return bad(code, offsetof(frame_header, sequence), "only replies set sequence");
  if (h.cursor != 0) return bad(code, offsetof(frame_header, cursor), "only replies set cursor");
  if (h.code != result_code::ok) return bad(code, offsetof(frame_header, code), "only replies set code");
  if (h.credits != 0) return bad(code, offsetof(frame_header, credits), "only replies set credits");
  return {};
}

decode_status check_count(const frame_header& h, const frame_type_info& info, std::uint32_t records_max,
                          direction way) noexcept {
  constexpr auto code = result_code::frame_malformed;
  constexpr auto at = offsetof(frame_header, record_count);
  const bool request = way == direction::to_server;
  const std::uint32_t size = request ? info.record_bytes : reply_record_bytes(info, h.flags);
  const std::uint64_t expected = header_bytes + std::uint64_t{h.record_count} * size;
  const bool empty_reply = !request && h.code != result_code::ok;
  if (size == 0 || empty_reply) {
    if (h.record_count != 0) return bad(code, at, "this frame carries no records");
    if (h.length != header_bytes) return bad(code, offsetof(frame_header, length), "this frame carries no body");
  } else {
    const std::uint32_t most = request ? std::min(info.records_max, records_max) : records_max;
    if (request && h.record_count == 0) return bad(code, at, "at least one record is needed");
    if (size != 1 && h.record_count > most) return bad(code, at, "more records than the type and the limits allow");
    if (expected != h.length) return bad(code, offsetof(frame_header, length), "length is not header plus records");
  }
  if (h.length == header_bytes && h.body_crc != 0)
    return bad(code, offsetof(frame_header, body_crc), "body_crc of an empty body must be 0");
  return {};
}

}  // namespace

decode_status inspect_header(std::span<const std::byte, header_bytes> bytes, const frame_limits& bounds, direction way,
                             frame_header& h) noexcept {
  std::memcpy(&h, bytes.data(), sizeof h);
  if (h.magic != frame_magic) return bad(result_code::frame_malformed, 0, "the magic is not PAYL");
  if (h.header_crc != header_crc(h))
    return bad(result_code::frame_checksum_mismatch, offsetof(frame_header, header_crc), "header_crc does not match");
  if (h.version != protocol_version)
    return bad(result_code::version_unsupported, offsetof(frame_header, version), "this version is not spoken here");
  const frame_type_info* info = find_frame_type(h.type & static_cast<std::uint16_t>(~reply_bit));
  const bool request = way == direction::to_server;
  // Clients send requests, servers send replies and the types that are theirs alone, which have no reply bit.
  if (info == nullptr || is_reply(h) != (!request && info->from_client) || (request && !info->from_client))
    return bad(result_code::frame_type_unknown, offsetof(frame_header, type), "no such type in this direction");
  if (h.length < header_bytes)
    return bad(result_code::frame_malformed, offsetof(frame_header, length), "length is less than a header");
  if (h.length > bounds.frame_bytes_max)
    return bad(result_code::frame_too_large, offsetof(frame_header, length), "length is above the limit");
  const std::uint16_t allowed = request ? info->request_flags : info->reply_flags;
  if ((h.flags & ~allowed) != 0)
    return bad(result_code::frame_reserved_not_zero, offsetof(frame_header, flags), "a flag this type does not have");
  if (const auto status = check_reserved(h); !status.ok()) return status;
  if (request)
    if (const auto status = check_request_only(h); !status.ok()) return status;
  return check_count(h, *info, bounds.frame_events_max, way);
}

decode_status check_body_crc(const frame_header& header, std::uint32_t crc) noexcept {
  if (crc == header.body_crc) return {};
  return bad(result_code::frame_checksum_mismatch, offsetof(frame_header, body_crc), "body_crc does not match");
}

decode_status check_body(const frame_header& header, std::span<const std::byte> body) noexcept {
  if (body.size() != body_bytes(header))
    return bad(result_code::frame_malformed, offsetof(frame_header, length), "the body is not as long as announced");
  if (body.empty()) return {};
  return check_body_crc(header, crc32c(body));
}

void finish_header(frame_header& header, std::uint32_t body_bytes, std::uint32_t body_crc) noexcept {
  header.magic = frame_magic;
  header.version = protocol_version;
  header.length = static_cast<std::uint32_t>(header_bytes) + body_bytes;
  header.body_crc = body_bytes == 0 ? 0 : body_crc;
  header.header_crc = header_crc(header);
}

void seal_frame(frame_header& header, std::span<const std::byte> body) noexcept {
  finish_header(header, static_cast<std::uint32_t>(body.size()), crc32c(body));
}

frame_header make_reply(const frame_header& request) noexcept {
  frame_header reply{};
  reply.type = request.type | reply_bit;
  reply.flags = request.flags & frame_flags::request_mask;
  reply.priority = request.priority;
  reply.tenant = request.tenant;
  reply.request = request.request;
  reply.context_id = request.context_id;
  reply.root_id = request.root_id;
  reply.hop = request.hop;
  return reply;
}

decode_status negotiate(const hello_body& hello, std::uint32_t features_known, std::uint16_t& version,
                        std::uint32_t& features) noexcept {
  constexpr auto reserved = result_code::frame_reserved_not_zero;
  constexpr auto unsupported = result_code::version_unsupported;
  constexpr auto body = header_bytes;
  if (hello.version_min > hello.version_max || hello.version_min > protocol_version ||
      hello.version_max < protocol_version)
    return bad(unsupported, body + offsetof(hello_body, version_min), "no version in common");
  if ((hello.features_required & ~features_known) != 0)
    return bad(unsupported, body + offsetof(hello_body, features_required), "a required feature is unknown");
  if (hello.reserved0 != 0) return bad(reserved, body + offsetof(hello_body, reserved0), "a reserved byte is set");
  if (const auto* at = first_set(hello.reserved); at != std::end(hello.reserved))
    return bad(reserved, body + offsetof(hello_body, reserved) + static_cast<std::size_t>(at - hello.reserved),
               "a reserved byte is set");
  version = protocol_version;
  features = (hello.features_wanted | hello.features_required) & features_known;
  return {};
}

}  // namespace payloom::wire
