#pragma once
// The ISO 4217 currencies (ledgers 1 .. 999 carry the currency's numeric code) and amounts as people write them.
// The table has every active code with a defined number of decimals, funds codes included; metals, the SDR and the
// test codes have none and cannot be ledgers (a custom ledger can stand for them). Custom ledgers: config/ledgers.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/types/ids.hpp"

namespace payloom {

struct currency {
  ledger_id number;        ///< ISO 4217 numeric code
  std::string_view alpha;  ///< ISO 4217 alphabetic code, three upper-case letters
  std::uint8_t exponent;   ///< decimals of the minor unit: 2 for cents
};

inline constexpr ledger_id iso_ledger_max = 999;      ///< ledgers up to here are ISO 4217 numbers
inline constexpr ledger_id custom_ledger_min = 1000;  ///< from here on they are named in the configuration
inline constexpr std::uint8_t exponent_max = 30;      ///< decimals a ledger may have; an amount has 38 full digits

/// All currencies, by ascending number.
std::span<const currency> iso_currencies();

/// The currency with this number or alphabetic code (exactly as ISO writes it), nullptr when there is none.
const currency* find_currency(ledger_id number);
const currency* find_currency(std::string_view alpha);

/// `amount_minor` in major units with all decimals of the exponent: 1050 with exponent 2 is "10.50".
std::string format_amount(u128 amount_minor, std::uint8_t exponent);

/// The inverse: "10.5" with exponent 2 is 1050. No sign, spaces, grouping, or more decimals than the exponent has;
/// nullopt otherwise and on overflow.
std::optional<u128> parse_amount(std::string_view text, std::uint8_t exponent);

}  // namespace payloom
