#pragma once
// Numbers as they stand in messages: 32 hexadecimal digits, decimal amounts. Fixed forms, so that each has one text.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/types/u128.hpp"

namespace payloom::http_json {

/// Appends exactly 32 lower-case digits.
void append_hex32(std::string& out, u128 value);
/// Exactly 32 lower-case digits; false otherwise.
[[nodiscard]] bool read_hex32(std::string_view text, u128& value);

/// Appends two lower-case digits for each byte.
void append_hex_bytes(std::string& out, std::span<const std::uint8_t> bytes);
/// An even number of digits, either case, into exactly text.size() / 2 bytes of `out`, which has room; false otherwise.
[[nodiscard]] bool read_hex_bytes(std::string_view text, std::span<std::uint8_t> out);

/// Appends an amount without leading zeros.
void append_decimal(std::string& out, u128 value);

}  // namespace payloom::http_json
