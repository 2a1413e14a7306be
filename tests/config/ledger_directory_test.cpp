// Goal: ISO and custom ledgers look alike to people. Method: examples of both, and of neither.
#include "config/ledger_directory.hpp"

#include <gtest/gtest.h>

namespace payloom::config {
namespace {

const std::vector<custom_ledger> customs = {{1000, "POINTS", 0}, {1001, "ETH", 18}};

TEST(ledger_directory, finds_iso_and_custom) {
  const ledger_directory directory(customs);
  EXPECT_EQ(directory.find(978u)->name, "EUR");
  EXPECT_EQ(directory.find("POINTS")->id, 1000u);
  EXPECT_EQ(directory.parse("1001")->name, "ETH");
  EXPECT_EQ(directory.parse("ETH")->exponent, 18);
  EXPECT_EQ(directory.parse("840")->name, "USD");
  EXPECT_TRUE(directory.contains(1000));
}

TEST(ledger_directory, others_are_unknown) {
  const ledger_directory directory(customs);
  EXPECT_FALSE(directory.contains(0));
  EXPECT_FALSE(directory.contains(999));
  EXPECT_FALSE(directory.contains(1002));
  EXPECT_FALSE(directory.parse("points"));
  EXPECT_FALSE(directory.parse("99999999999999"));
  EXPECT_FALSE(directory.parse_amount(1002, "1"));
  EXPECT_EQ(directory.name(1002), "1002");
  EXPECT_FALSE(ledger_directory().contains(1000));
}

TEST(ledger_directory, formats_and_parses_amounts) {
  const ledger_directory directory(customs);
  EXPECT_EQ(directory.format(978, 1050), "10.50");
  EXPECT_EQ(directory.format(1000, 1050), "1050");
  EXPECT_EQ(directory.format(1002, 1050), "1050");
  EXPECT_EQ(directory.parse_amount(1001, "0.000000000000000001"), u128{1});
  EXPECT_EQ(directory.parse_amount(1000, "1.5"), std::nullopt);
}

}  // namespace
}  // namespace payloom::config
