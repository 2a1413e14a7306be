#pragma once
// The opaque text that a channel is given with a call and sends back with every callback: all that is needed to make
// the call again, so that a callback after a restart finds its orders without memory. Layout: fixed, little-endian,
// hex; first byte is its version, the last four are the CRC-32C of the rest.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "actors/core/channels/channel_call.hpp"

namespace payloom::http_json {

inline constexpr std::uint8_t echo_version = 1;
inline constexpr std::size_t echo_fixed_bytes = 144;
inline constexpr std::size_t echo_member_bytes = 72;
inline constexpr std::size_t echo_check_bytes = 4;
/// Of an attempt for as many orders as can be paid as one.
inline constexpr std::size_t echo_bytes_max =
    echo_fixed_bytes + limits::combined_orders_max * echo_member_bytes + echo_check_bytes;
inline constexpr std::size_t echo_text_max = echo_bytes_max * 2;

/// Appends the reference of a call. It has at most combined_orders_max members.
void append_echo(std::string& out, const core::channel_call& call);

/// The call behind a reference: its operation is the attempt's own. nullopt: it is not ours, or damaged.
std::optional<core::channel_call> read_echo(std::string_view text);

}  // namespace payloom::http_json
