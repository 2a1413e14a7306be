#pragma once
// The start of every request frame; protocol/wire fills in the rest.
#include <cstdint>

#include "protocol/types/frame.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::client {

/// A request header of `type` with everything else zero: set what is wanted, then wire::finish_header.
inline frame_header make_request_header(frame_type type, std::uint32_t record_count) noexcept {
  frame_header header{};
  header.type = static_cast<std::uint16_t>(type);
  header.record_count = record_count;
  return header;
}

}  // namespace payloom::client
