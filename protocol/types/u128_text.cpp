#include "protocol/types/u128_text.hpp"

#include <algorithm>

namespace payloom {
namespace {

constexpr bool has_hex_prefix(std::string_view text) { return text.starts_with("0x") || text.starts_with("0X"); }

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_decimal(u128 value) {
  std::string out;
  do {
    out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string to_hex(u128 value) {
  std::string out;
  do {
    out.push_back("0123456789abcdef"[static_cast<std::size_t>(value & 15)]);
    value >>= 4;
  } while (value != 0);
  out += "x0";
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<u128> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  u128 value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const u128 digit = static_cast<u128>(c - '0');
    if (value > (u128_max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::optional<u128> parse_hex(std::string_view text) {
  if (has_hex_prefix(text)) text.remove_prefix(2);
  if (text.empty() || text.size() > 32) return std::nullopt;
  u128 value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    value = (value << 4) | static_cast<u128>(digit);
  }
  return value;
}

std::optional<u128> parse_id(std::string_view text) {
  return has_hex_prefix(text) ? parse_hex(text) : parse_decimal(text);
}

}  // namespace payloom
