#include "protocol/types/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace payloom {

void assertion_failed(const char* claim, const char* file, int line) noexcept {
  std::fprintf(stderr, "payloom: assertion failed: %s (%s:%d)\n", claim, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace payloom
