#include "actors/channels/http_json/wire_text.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

int digit_of(char c, bool upper) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (upper && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void append_hex32(std::string& out, u128 value) {
  char text[32];
  for (int i = 31; i >= 0; --i, value >>= 4) text[i] = digits[static_cast<std::size_t>(value & 15)];
  out.append(text, sizeof text);
}

bool read_hex32(std::string_view text, u128& value) {
  if (text.size() != 32) return false;
  value = 0;
  for (const char c : text) {
    const int digit = digit_of(c, false);
    if (digit < 0) return false;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return true;
}

void append_hex_bytes(std::string& out, std::span<const std::uint8_t> bytes) {
  const std::size_t at = out.size();
  out.resize(at + bytes.size() * 2);
  char* to = out.data() + at;
  for (const std::uint8_t b : bytes) {
    *to++ = digits[b >> 4];
    *to++ = digits[b & 15];
  }
}

bool read_hex_bytes(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() % 2 != 0) return false;
  PAYLOOM_ASSERT(out.size() >= text.size() / 2);
  for (std::size_t i = 0; i < text.size() / 2; ++i) {
    const int high = digit_of(text[2 * i], true), low = digit_of(text[2 * i + 1], true);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

void append_decimal(std::string& out, u128 value) {
  char text[40];
  char* at = text + sizeof text;
  do {
    *--at = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  out.append(at, static_cast<std::size_t>(text + sizeof text - at));
}

}  // namespace payloom::http_json
