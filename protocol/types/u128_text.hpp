#pragma once
// Text of 128-bit integers for people: amounts are decimal, ids are hexadecimal. Not for the hot path.
#include <optional>
#include <string>
#include <string_view>

#include "protocol/types/u128.hpp"

namespace payloom {

/// "0", "42", "340282366920938463463374607431768211455".
std::string to_decimal(u128 value);

/// "0x" and lower-case digits without leading zeros ("0x0" for zero): the form in which ids are shown.
std::string to_hex(u128 value);

/// Digits only: no sign, no spaces, no leading zero (but "0" itself); nullopt otherwise and on overflow.
std::optional<u128> parse_decimal(std::string_view text);

/// Hexadecimal digits, "0x" in front optional, leading zeros allowed, 1 to 32 digits; nullopt otherwise.
std::optional<u128> parse_hex(std::string_view text);

/// An id as people write it: decimal, or hexadecimal with "0x" in front; nullopt otherwise.
std::optional<u128> parse_id(std::string_view text);

}  // namespace payloom
