#pragma once
#include <cstdint>

namespace payloom::support {

/// A port of 127.0.0.1 that nobody listened on a moment ago. Throws std::runtime_error.
std::uint16_t free_port();

}  // namespace payloom::support
