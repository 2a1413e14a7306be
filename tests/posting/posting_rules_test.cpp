// Goal: what does not fit a rule is refused with its reason, and nothing is posted. Method: the shipped rules with
// amounts and parties that cannot be.
#include "actors/core/catalog/posting_rules.hpp"

#include "tests/posting/posting_fixture.hpp"

namespace payloom::test {
namespace {

using catalog::posting_error;

posting_error error_of(std::string_view rule, std::string_view event, const test_amounts& amounts,
                       const catalog::posting_parties& parties = everybody()) {
  return legs_of(rule, event, amounts, parties).error;
}

TEST(posting_rules, amounts_that_are_missing) {
  EXPECT_EQ(error_of("instant_sale_channel", "over_paid", {100, 1}), posting_error::amount_missing) << "excess";
  EXPECT_EQ(error_of("instant_sale_channel", "over_paid", {100, 1, {}, {{"cost", 1}}}), posting_error::amount_missing);
  EXPECT_EQ(error_of("instant_sale_marketplace", "paid", {100, 1, {5}}), posting_error::amount_missing)
      << "split:agent";
  EXPECT_EQ(error_of("instant_sale_marketplace", "paid", {100, 1, {5, 0}}), posting_error::ok);
  EXPECT_EQ(error_of("instant_sale_split", "paid", {100, 1}), posting_error::ok) << "nobody shares";
}

TEST(posting_rules, parties_that_are_missing) {
  catalog::posting_parties parties = everybody();
  parties.counterparty = 0;
  EXPECT_EQ(error_of("transfer", "posted", {100}, parties), posting_error::party_missing);
  EXPECT_EQ(error_of("transfer", "posted", {0}, parties), posting_error::ok) << "nothing moves";
  EXPECT_EQ(error_of("instant_sale", "paid", {100}, parties), posting_error::ok) << "nobody asks for the other user";
  parties = everybody();
  parties.receivers[1] = 0;
  EXPECT_EQ(error_of("instant_sale_split", "paid", {100, 1, {5, 5}}, parties), posting_error::party_missing);
  EXPECT_EQ(error_of("instant_sale_split", "paid", {100, 1, {5, 0}}, parties), posting_error::ok);
}

TEST(posting_rules, two_parties_that_are_one) {
  catalog::posting_parties parties = everybody();
  parties.counterparty = parties.user;
  EXPECT_EQ(error_of("transfer", "posted", {100}, parties), posting_error::same_account);
  parties = everybody();
  parties.receivers[0] = parties.merchant;
  EXPECT_EQ(error_of("split", "taken", {0, 0, {5}}, parties), posting_error::same_account);
}

TEST(posting_rules, amounts_that_do_not_add_up) {
  EXPECT_EQ(error_of("instant_sale", "paid", {100, 101}), posting_error::fee_exceeds_gross);
  EXPECT_EQ(error_of("instant_sale_split", "paid", {100, 1, {90, 9}}), posting_error::ok);
  EXPECT_EQ(error_of("instant_sale_split", "paid", {100, 1, {90, 10}}), posting_error::parts_exceed_total);
  EXPECT_EQ(error_of("instant_sale_channel", "paid", {100, 1, {}, {{"balance", 60}, {"coupon", 41}}}),
            posting_error::parts_exceed_total);
  EXPECT_EQ(error_of("instant_sale_coupon", "paid", {100, 1, {}, {{"coupon", 101}}}),
            posting_error::parts_exceed_total);
}

TEST(posting_rules, sums_that_overflow) {
  const config::posting_catalog& all = shipped();
  const std::size_t rule = all.rules.find("withdraw").value();
  const std::size_t event = all.rules.find_event(rule, "accepted").value();
  catalog::posting_amounts amounts;
  amounts.gross_minor = u128_max;
  catalog::posting_legs legs;
  all.rules.evaluate(all.accounts, rule, event, eur, everybody(), amounts, legs);
  EXPECT_EQ(legs.error, posting_error::ok);
  EXPECT_TRUE(legs.total_minor == u128_max);
  amounts.fee_minor = 1;
  all.rules.evaluate(all.accounts, rule, event, eur, everybody(), amounts, legs);
  EXPECT_EQ(legs.error, posting_error::overflow);

  const std::size_t split = all.rules.find("instant_sale_split").value();
  amounts.fee_minor = 0;
  amounts.parts_minor = {u128_max, 1};
  amounts.part_count = 2;
  all.rules.evaluate(all.accounts, split, all.rules.find_event(split, "paid").value(), eur, everybody(), amounts, legs);
  EXPECT_EQ(legs.error, posting_error::overflow);
}

TEST(posting_rules, names_are_found) {
  const catalog::posting_rules& rules = shipped().rules;
  const std::size_t rule = rules.find("transfer").value();
  EXPECT_EQ(rules.form_of(rule).name, "transfer");
  EXPECT_EQ(rules.find_event(rule, "voided"), std::size_t{2});
  EXPECT_FALSE(rules.find_event(rule, "paid"));
  EXPECT_FALSE(rules.find("transfer_users"));
  EXPECT_FALSE(rules.find_amount("gross"));
}

}  // namespace
}  // namespace payloom::test
