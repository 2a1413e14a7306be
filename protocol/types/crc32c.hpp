#pragma once
// CRC-32C (Castagnoli), the checksum of frames and of the journal. Needs SSE4.2 (the least `PAYLOOM_MARCH` has it).
#include <cstddef>
#include <cstdint>
#include <span>

namespace payloom {

/// CRC-32C of `bytes`. Passing an earlier result as `seed` continues it: crc(b, crc(a)) == crc(a + b). The CRC of
/// nothing is 0. Pure, any thread; about 50 µs for 1 MiB.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

}  // namespace payloom
