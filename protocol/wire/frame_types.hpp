#pragma once
// The table of frame types: what a stranger finds in WIRE.md, section "Frame types".
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/types/frame.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::wire {

/// What a frame type is for; decides which bounds and switches apply to it.
enum class frame_family : std::uint8_t {
  control,  ///< hello, ping, goaway, error: handled by the connection itself
  command,  ///< changes the books: one result per record
  query,    ///< reads the books: rows
  report,   ///< no body or one record in, JSON text out
};

struct frame_type_info {
  frame_type type;
  std::string_view name;
  frame_family family;
  std::uint32_t record_bytes;        ///< one record of a request; 0: a request has no body
  std::uint32_t records_max;         ///< of a request; the least is 1 where there is a body
  std::uint32_t reply_record_bytes;  ///< one record of a reply; 0: no body; 1: text
  std::uint16_t request_flags;       ///< flags a request may carry
  std::uint16_t reply_flags;         ///< flags a reply may carry
  bool from_client;                  ///< false: only servers send it
  bool needs_context = false;        ///< a request without a context id is refused (SG-1)
};

/// The row of a type number without its reply bit, or nullptr. Constant time.
const frame_type_info* find_frame_type(std::uint16_t type) noexcept;
/// All rows in ascending order of number.
std::span<const frame_type_info> all_frame_types() noexcept;

/// Bytes of one record of a reply of this type that carries `flags`.
constexpr std::uint32_t reply_record_bytes(const frame_type_info& info, std::uint16_t flags) noexcept {
  const bool balances = info.type == frame_type::create_transfers && (flags & frame_flags::want_balances) != 0;
  return balances ? 192 : info.reply_record_bytes;
}

}  // namespace payloom::wire
