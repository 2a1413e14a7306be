#pragma once
// Numbers in groups of seven bits, least first. Strict on reading: no overlong tails past 128 bits, bounds checked.
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/types/u128.hpp"

namespace payloom::storage {

inline void put_varint(std::string& out, std::uint64_t value) {
  char bytes[10];
  int n = 0;
  while (value >= 0x80) {
    bytes[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[n++] = static_cast<char>(value);
  out.append(bytes, static_cast<std::size_t>(n));
}
inline void put_varint(std::string& out, u128 value) {
  while (hi64(value) != 0) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(lo64(value)) | 0x80));
    value >>= 7;
  }
  put_varint(out, lo64(value));
}
inline void put_varint(std::string& out, std::uint32_t value) { put_varint(out, std::uint64_t{value}); }
inline void put_varint(std::string& out, std::uint16_t value) { put_varint(out, std::uint64_t{value}); }

/// Takes one number off the front; false at the end or when it does not fit.
inline bool get_varint(std::string_view& in, u128& out) {
  out = 0;
  for (unsigned shift = 0; shift < 133 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift == 126 && byte > 3) return false;
    out |= static_cast<u128>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}
inline bool get_varint(std::string_view& in, std::uint64_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < 70 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace payloom::storage
