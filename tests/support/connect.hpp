#pragma once
// A connection as tests want it: patient, because the machine may be busy.
#include <string>

#include "protocol/client/blocking_connection.hpp"

namespace payloom::support {

inline constexpr std::uint32_t reply_patience_ms = 60'000;

/// Connects and shakes hands. Throws client::connect_failure.
inline client::blocking_connection connect(const std::string& address, bool shadow = false) {
  client::connect_options options;
  options.address = address;
  options.client_name = "test";
  options.timeout_ms = reply_patience_ms;
  options.shadow = shadow;
  return client::blocking_connection(options);
}

}  // namespace payloom::support
