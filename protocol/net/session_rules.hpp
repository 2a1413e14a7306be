#pragma once
// The small rules of a session that need no session: what a request costs, its deadline, the welcome.
#include <cstdint>

#include "protocol/net/server_options.hpp"
#include "protocol/wire/frame_codec.hpp"

namespace payloom::net {

/// Feature bits of the handshake this server knows. None yet.
inline constexpr std::uint32_t features_known = 0;

/// What a request takes from the credits until its reply is handed over.
struct session_charge {
  std::uint32_t events;  ///< its records, at least 1
  std::uint64_t bytes;   ///< memory of the request and of the longest reply it can have
};
session_charge charge_of(const frame_header& header, const wire::frame_type_info& info) noexcept;

/// Absolute deadline of a request received at `now`; ~0: none.
time_ns deadline_of(const frame_header& header, time_ns now, std::uint32_t default_timeout_ms) noexcept;

/// Codes that come with retry_after_ms.
constexpr bool says_retry_after(result_code code) noexcept {
  return code == result_code::overloaded || code == result_code::unavailable || code == result_code::draining ||
         code == result_code::busy;
}

welcome_body make_welcome(const server_options& options, std::uint16_t version, std::uint32_t features, time_ns now,
                          commit_seq durable) noexcept;

}  // namespace payloom::net
