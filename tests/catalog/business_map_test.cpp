// Goal: the business map answers (product, event) as it was written, and the one that ships covers every type of
// domain.md 1.2 (OV-3). Method: look-ups by name in the shipped files; amounts at the edges of their limits.
#include "actors/core/catalog/business_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

struct shipped_catalog {
  loaded<machine_catalog> machines = shipped_machines();
  // What posting_rules.yaml and fees.yaml define for the rows that ship.
  name_set posting_rules{{"recharge",
                          "withdraw",
                          "refund",
                          "refund_to_balance",
                          "recharge_refund",
                          "transfer",
                          "instant_sale",
                          "instant_sale_channel",
                          "escrow_balance",
                          "escrow_channel",
                          "pre_authorisation",
                          "split",
                          "adjustment",
                          "settlement_merchant",
                          "instant_sale_coupon",
                          "instant_sale_segmented",
                          "instant_sale_split",
                          "refund_shared_to_balance",
                          "freeze_user",
                          "refund_payout"}};
  name_set fee_plans{{"merchant_standard", "withdraw_standard"}};
  loaded<business_map> map = load();

  loaded<business_map> load() const {
    config::yaml_reader reader("business_map.yaml");
    return compile_map(reader, reader.parse_file(PAYLOOM_SOURCE_DIR "/config/payments/business_map.yaml"),
                       {machines.made.value(), posting_rules, fee_plans});
  }

  const map_row* find(std::string_view product, std::string_view event) const {
    return map.made->find(map.made->find_product(product).value(),
                          machines.made->events(machine_kind::order).find(event).value());
  }
};

TEST(business_map, shipped_rows) {
  const shipped_catalog shipped;
  ASSERT_TRUE(shipped.map.made) << shipped.map.problems;
  const business_map& map = *shipped.map.made;
  struct row {
    std::string_view product, event, form, inside, outside, fee, settlement;  // "" where there is none
  };
  const row rows[] = {
      {"instant_sale", "pay", "transfer", "instant_sale", "", "merchant_standard", "merchant_daily"},
      {"instant_sale", "pay_in", "recharge", "", "instant_sale_channel", "merchant_standard", "merchant_daily"},
      {"instant_sale", "refund", "refund", "refund_to_balance", "refund", "", ""},
      {"instant_sale", "paid_again", "refund", "", "instant_sale_channel", "", ""},
      {"escrow_sale", "auto_confirm", "transfer", "escrow_balance", "", "merchant_standard", "merchant_daily"},
      {"pre_authorisation", "capture", "transfer", "pre_authorisation", "", "merchant_standard", "merchant_daily"},
      {"recharge", "pay_in", "recharge", "", "recharge", "", ""},
      {"withdraw", "pay", "withdraw", "", "withdraw", "withdraw_standard", ""},
      {"transfer", "pay", "transfer", "transfer", "", "", ""},
      {"refund", "pay", "refund", "refund_to_balance", "", "", ""},
      {"refund", "pay_in", "withdraw", "", "refund_payout", "", ""},
      {"split", "pay", "transfer", "split", "", "", ""},
      {"adjustment", "approve", "transfer", "adjustment", "", "", ""},
      {"settlement", "pay", "transfer", "settlement_merchant", "", "", ""},
      {"settlement", "reserve_due", "transfer", "settlement_merchant", "", "", ""},
  };
  const tool_bits outside = map.external_tools();
  const auto text = [](const name_set& names, name_index at) { return at == no_name ? "" : names.name(at); };
  for (const row& r : rows) {
    const map_row* found = shipped.find(r.product, r.event);
    ASSERT_NE(found, nullptr) << r.product << ", " << r.event;
    EXPECT_EQ(shipped.machines.made->at(machine_kind::payment, found->form).name(), r.form) << r.product << r.event;
    EXPECT_EQ(text(shipped.posting_rules, map.posting_rule_of(*found, 0)), r.inside) << r.product << r.event;
    EXPECT_EQ(text(shipped.posting_rules, map.posting_rule_of(*found, outside)), r.outside) << r.product << r.event;
    EXPECT_EQ(text(shipped.fee_plans, found->fee_plan), r.fee) << r.product << r.event;
    EXPECT_EQ(text(map.settlement_plans(), found->settlement_plan), r.settlement) << r.product << r.event;
    EXPECT_EQ((found->tools & outside) != 0, !r.outside.empty()) << r.product << r.event;
  }
  EXPECT_EQ(shipped.find("instant_sale", "paid_in_full"), nullptr);
  EXPECT_EQ(shipped.find("withdraw", "refund"), nullptr);
}

TEST(business_map, every_order_machine_has_a_product) {
  const shipped_catalog shipped;
  ASSERT_TRUE(shipped.map.made) << shipped.map.problems;
  EXPECT_EQ(shipped.map.made->version(), 1u);
  for (const std::string& order : shipped.machines.made->names(machine_kind::order)) {
    const machine_index index = *shipped.machines.made->find(machine_kind::order, order);
    EXPECT_TRUE(std::ranges::any_of(shipped.map.made->products(), [&](const auto& p) { return p.order == index; }))
        << order;
  }
  for (const business_map::product& p : shipped.map.made->products()) {
    const std::optional<product_index> found = shipped.map.made->find_product(p.code);
    ASSERT_TRUE(found);
    EXPECT_EQ(shipped.map.made->products()[*found].name, p.name);
  }
  EXPECT_FALSE(shipped.map.made->find_product(std::uint16_t{999}));
  EXPECT_FALSE(shipped.map.made->find_product("lottery"));
}

TEST(business_map, limits_are_inclusive) {
  const shipped_catalog shipped;
  ASSERT_TRUE(shipped.map.made) << shipped.map.problems;
  const business_map& map = *shipped.map.made;
  const map_row& retail = *shipped.find("instant_sale", "pay");
  const map_row& payout = *shipped.find("withdraw", "pay");
  constexpr ledger_id eur = 978, jpy = 392, chf = 756;
  EXPECT_EQ(map.check_amount(retail, eur, 0), amount_verdict::below_min);
  EXPECT_EQ(map.check_amount(retail, eur, 1), amount_verdict::allowed);
  EXPECT_EQ(map.check_amount(retail, eur, 1'000'000'000), amount_verdict::allowed);
  EXPECT_EQ(map.check_amount(retail, eur, 1'000'000'001), amount_verdict::above_max);
  EXPECT_EQ(map.check_amount(retail, eur, u128_max), amount_verdict::above_max);
  EXPECT_EQ(map.check_amount(retail, chf, 100), amount_verdict::ledger_not_allowed);
  EXPECT_EQ(map.check_amount(payout, eur, 99), amount_verdict::below_min);
  EXPECT_EQ(map.check_amount(payout, eur, 100), amount_verdict::allowed);
  EXPECT_EQ(map.check_amount(payout, jpy, 10'000'000'000), amount_verdict::allowed);
}

}  // namespace
}  // namespace payloom::catalog_test
