// Goal: the parts of a catalogue are bound to each other, or refused with everything that is wrong (OV-3, PC-2).
// Method: the shipped files with one change each.
#include <gmock/gmock.h>

#include <optional>

#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

/// The problems of the shipped catalogue with one text of one file replaced.
std::string problems_with(std::string_view file, std::string_view from, std::string_view to) {
  const config::ledger_directory ledgers;
  const auto text_of = [&](std::string_view name) {
    std::string text(config::shipped_payment_file(name));
    if (name == file) {
      const std::size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
    }
    return text;
  };
  const config::payment_catalog_result loaded = config::read_payment_catalog(text_of, ledgers);
  EXPECT_EQ(loaded.value == nullptr, !loaded.problems.empty());
  std::string out;
  for (const config::problem& p : loaded.problems) out += config::to_string(p) + "\n";
  return out;
}

TEST(payment_catalog, shipped_one_is_whole) {
  const core::catalog::payment_catalog& all = catalogue();
  const auto sale_number = all.product(product_code("instant_sale")).value();
  const core::catalog::bound_row* pay = all.row(sale_number, all.events().pay);
  ASSERT_NE(pay, nullptr);
  EXPECT_EQ(pay->post_count, 1);
  ASSERT_NE(pay->fee, nullptr);
  EXPECT_EQ(pay->fee->name, "merchant_standard");
  EXPECT_EQ(all.row(sale_number, all.events().cancel), nullptr);
  EXPECT_EQ(all.product(9), std::nullopt);
}

TEST(payment_catalog, problems) {
  EXPECT_THAT(problems_with("business_map.yaml", "posts: [paid]", "posts: [payd]"),
              testing::HasSubstr("posts: unknown event of sale: payd"));
  EXPECT_THAT(problems_with("business_map.yaml", ", posts: [paid]", ""), testing::HasSubstr("say in `posts`"));
  EXPECT_THAT(problems_with("business_map.yaml", "fee_plan: merchant_standard", "fee_plan: withdraw_standard"),
              testing::HasSubstr("do not agree on who bears the fee"));
  EXPECT_THAT(problems_with("machines.yaml", "refund_held: command", "refund_hold: command"),
              testing::HasSubstr("refund_held"));
  EXPECT_THAT(problems_with("fees.yaml", "version: 1", "version: 2"), testing::HasSubstr("version"));
  EXPECT_EQ(problems_with("chart.yaml", "version: 1", "version: 1"), "");
}

}  // namespace
}  // namespace payloom::test
