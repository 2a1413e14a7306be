#include "protocol/types/crc32c.hpp"

#include <array>
#include <cstring>

#include <nmmintrin.h>

// The crc32 instruction takes 3 cycles but one can start every cycle, so large buffers are cut into three lanes that
// run side by side and are joined afterwards: appending n zero bytes to a register multiplies it by x^(8n) modulo the
// polynomial, which is linear and therefore a table look-up per byte of the register.

namespace payloom {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // bit-reversed: bit 31 is x^0
constexpr std::size_t long_lane = 4096;
constexpr std::size_t short_lane = 256;

constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ polynomial : b >> 1;
  }
  return product;
}

constexpr std::uint32_t x_to_the(std::size_t n) {
  std::uint32_t result = 1u << 31;
  for (std::uint32_t square = 1u << 30; n != 0; n >>= 1, square = multiply(square, square))
    if ((n & 1) != 0) result = multiply(result, square);
  return result;
}

using shift_table = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr shift_table make_shift_table(std::size_t bytes) {
  shift_table table{};
  const std::uint32_t factor = x_to_the(8 * bytes);
  for (std::size_t lane = 0; lane < 4; ++lane)
    for (std::uint32_t value = 0; value < 256; ++value) table[lane][value] = multiply(value << (8 * lane), factor);
  return table;
}

constexpr shift_table long_shift = make_shift_table(long_lane);
constexpr shift_table short_shift = make_shift_table(short_lane);

std::uint64_t shift(const shift_table& table, std::uint64_t crc) {
  return table[0][crc & 0xff] ^ table[1][(crc >> 8) & 0xff] ^ table[2][(crc >> 16) & 0xff] ^ table[3][crc >> 24];
}

std::uint64_t load(const std::byte* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

template <std::size_t Lane>
std::uint64_t three_lanes(const std::byte* from, std::uint64_t first, const shift_table& table) {
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  for (std::size_t at = 0; at < Lane; at += 8) {
    first = _mm_crc32_u64(first, load(from + at));
    second = _mm_crc32_u64(second, load(from + Lane + at));
    third = _mm_crc32_u64(third, load(from + 2 * Lane + at));
  }
  return shift(table, shift(table, first) ^ second) ^ third;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = ~seed;
  for (; left >= 3 * long_lane; at += 3 * long_lane, left -= 3 * long_lane)
    crc = three_lanes<long_lane>(at, crc, long_shift);
  for (; left >= 3 * short_lane; at += 3 * short_lane, left -= 3 * short_lane)
    crc = three_lanes<short_lane>(at, crc, short_shift);
  for (; left >= 8; at += 8, left -= 8) crc = _mm_crc32_u64(crc, load(at));
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(*at));
  return ~narrow;
}

}  // namespace payloom
