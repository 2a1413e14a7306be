// Goal: amounts and ids read and write without loss. Method: round trips at the edges, and a table of what must not
// read.
#include "protocol/types/currency.hpp"

#include <gtest/gtest.h>

#include "protocol/types/u128_text.hpp"

namespace payloom {
namespace {

TEST(currency, finds_by_number_and_code) {
  ASSERT_NE(find_currency(978u), nullptr);
  EXPECT_EQ(find_currency(978u)->alpha, "EUR");
  EXPECT_EQ(find_currency("JPY")->exponent, 0);
  EXPECT_EQ(find_currency("KWD")->exponent, 3);
  EXPECT_EQ(find_currency("CLF")->exponent, 4);
  EXPECT_EQ(find_currency("CZK")->number, 203u);
  EXPECT_EQ(find_currency(8u)->alpha, "ALL");
  EXPECT_EQ(find_currency(997u)->alpha, "USN");
}

TEST(currency, unknown_ones_are_not_found) {
  for (const ledger_id number : {0u, 1u, 7u, 9u, 959u /* gold */, 999u, 1000u}) {
    EXPECT_EQ(find_currency(number), nullptr) << number;
  }
  for (const char* alpha : {"", "eur", "EU", "EURO", "XAU", "XTS"}) EXPECT_EQ(find_currency(alpha), nullptr);
}

TEST(currency, every_entry_is_found_by_both_keys) {
  EXPECT_GE(iso_currencies().size(), 160u);
  for (const currency& c : iso_currencies()) {
    EXPECT_EQ(find_currency(c.number), &c);
    EXPECT_EQ(find_currency(c.alpha), &c);
  }
}

TEST(currency, amounts_format) {
  EXPECT_EQ(format_amount(0, 0), "0");
  EXPECT_EQ(format_amount(0, 2), "0.00");
  EXPECT_EQ(format_amount(5, 2), "0.05");
  EXPECT_EQ(format_amount(1050, 2), "10.50");
  EXPECT_EQ(format_amount(1050, 0), "1050");
  EXPECT_EQ(format_amount(u128_max, 2), "3402823669209384634633746074317682114.55");
  EXPECT_EQ(format_amount(1, exponent_max), "0.000000000000000000000000000001");
}

TEST(currency, amounts_parse_what_they_format) {
  for (const std::uint8_t exponent : std::initializer_list<std::uint8_t>{0, 2, 3, 4, 18, 30}) {
    for (const u128 amount : {u128{0}, u128{1}, u128{99}, u128{100}, u128{123456789}, make_u128(1, 0), u128_max}) {
      EXPECT_EQ(parse_amount(format_amount(amount, exponent), exponent), amount) << int{exponent};
    }
  }
}

TEST(currency, amounts_may_leave_decimals_out) {
  EXPECT_EQ(parse_amount("10", 2), u128{1000});
  EXPECT_EQ(parse_amount("10.5", 2), u128{1050});
}

TEST(currency, bad_amounts_are_refused) {
  for (const char* text : {"", ".", ".5", "5.", "-1", "+1", "1,000", "1 0", "0x10", "010", "1.234", "1.2.3", "1e3",
                           "1.x", "1.-1", "3402823669209384634633746074317682114.56", "9e99"}) {
    EXPECT_EQ(parse_amount(text, 2), std::nullopt) << text;
  }
  EXPECT_EQ(parse_amount("1.0", 0), std::nullopt);
}

TEST(u128_text, ids_read_and_write) {
  EXPECT_EQ(to_hex(0), "0x0");
  EXPECT_EQ(to_hex(make_u128(1, 10)), "0x1000000000000000a");
  EXPECT_EQ(to_decimal(u128_max), "340282366920938463463374607431768211455");
  for (const u128 value : {u128{0}, u128{9}, u128{10}, u128{16}, make_u128(7, 0), u128_max}) {
    EXPECT_EQ(parse_id(to_hex(value)), value);
    EXPECT_EQ(parse_id(to_decimal(value)), value);
    EXPECT_EQ(parse_hex(to_hex(value)), value);
  }
  EXPECT_EQ(parse_hex("000000000000000000000000000000FF"), u128{255});
}

TEST(u128_text, bad_ids_are_refused) {
  for (const char* text : {"", "0x", "0xg", "ff", "-1", " 1", "1 ", "01", "0x123456789012345678901234567890123",
                           "340282366920938463463374607431768211456"}) {
    EXPECT_EQ(parse_id(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace payloom
