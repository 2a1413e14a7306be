#pragma once
// Assertions state what only a bug of ours could break. They stay on in release builds and stop the process at
// once (architecture.md section 6): recovery replays the journal. Input and the world's failures are never asserted.

namespace payloom {
/// Prints the broken claim with its place to stderr and aborts.
[[noreturn]] void assertion_failed(const char* claim, const char* file, int line) noexcept;
}  // namespace payloom

#define PAYLOOM_ASSERT(claim) \
  (__builtin_expect(static_cast<bool>(claim), 1) ? void(0) : ::payloom::assertion_failed(#claim, __FILE__, __LINE__))
