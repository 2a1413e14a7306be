#pragma once
// The start of every request frame; protocol/wire fills in the rest.
#include <cstdint>
#include <random>

#include "protocol/types/frame.hpp"
#include "protocol/wire/frame_codec.hpp"
#include "protocol/wire/frame_types.hpp"

namespace payloom::client {

/// The caller's context id, or a new one where the protocol wants one and the caller has none. Any thread.
inline u128 context_or_drawn(std::uint16_t type, u128 context_id) {
  const wire::frame_type_info* info = wire::find_frame_type(type);
  if (context_id != 0 || info == nullptr || !info->needs_context) return context_id;
  thread_local std::mt19937_64 draw{std::random_device{}()};
  return make_u128(draw() | 1, draw());
}

/// A request header of `type` with everything else zero but a context where one is needed: set what is wanted, then
/// wire::finish_header.
inline frame_header make_request_header(frame_type type, std::uint32_t record_count) noexcept {
  frame_header header{};
  header.type = static_cast<std::uint16_t>(type);
  header.record_count = record_count;
  header.context_id = context_or_drawn(header.type, 0);
  return header;
}

}  // namespace payloom::client
