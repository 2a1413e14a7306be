// Goal: the shipped rules book what domain 1.3 says (PC-1, PC-2). Method: a table; one row = rule, event, amounts,
// legs.
#include <algorithm>

#include "protocol/types/records.hpp"
#include "tests/posting/posting_fixture.hpp"

namespace payloom::test {
namespace {

struct row {
  const char* rule;
  const char* event;
  test_amounts amounts;
  const char* legs;
};

const row rows[] = {
    // Recharge: credited after proof; what cannot be explained is kept apart until it is returned or credited.
    {"recharge", "accepted", {1000}, ""},
    {"recharge", "succeeded", {1000}, "channel_receivable 9 > user_available 1: 1000"},
    {"recharge", "failed", {1000}, ""},
    {"recharge", "closed", {1000}, ""},
    {"recharge", "late_succeeded", {1000}, "channel_receivable 9 > suspense_long: 1000"},
    {"recharge", "duplicate_succeeded", {1000}, "channel_receivable 9 > suspense_long: 1000"},
    {"recharge", "amount_differed", {990}, "channel_receivable 9 > suspense_long: 990"},
    {"recharge", "suspense_refund_accepted", {1000}, "suspense_long > refund_transit: 1000"},
    {"recharge", "suspense_refund_succeeded", {1000}, "refund_transit > channel_receivable 9: 1000"},
    {"recharge", "suspense_refund_failed", {1000}, "refund_transit > suspense_long: 1000"},
    {"recharge", "suspense_credited", {990}, "suspense_long > user_available 1: 990"},
    // Withdraw: taken before it is sent (PC-3); returned money is a new entry.
    {"withdraw",
     "accepted",
     {10000, 100},
     "user_available 1 > withdraw_transit: 10000; user_available 1 > withdraw_transit: 100"},
    {"withdraw", "accepted", {10000, 0}, "user_available 1 > withdraw_transit: 10000"},
    {"withdraw", "submitted", {10000, 100}, ""},
    {"withdraw", "succeeded", {10000, 100}, "withdraw_transit > bank 9: 10000; withdraw_transit > fee_income: 100"},
    {"withdraw",
     "failed",
     {10000, 100},
     "withdraw_transit > user_available 1: 10000; withdraw_transit > user_available 1: 100"},
    {"withdraw", "returned", {10000, 100}, "bank 9 > user_available 1: 10000"},
    {"withdraw_prefunded", "accepted", {500}, "user_available 1 > withdraw_transit: 500"},
    {"withdraw_prefunded", "succeeded", {500}, "withdraw_transit > channel_receivable 9: 500"},
    {"withdraw_prefunded", "failed", {500}, "withdraw_transit > user_available 1: 500"},
    {"withdraw_prefunded", "returned", {500}, "channel_receivable 9 > user_available 1: 500"},
    {"withdraw_merchant", "accepted", {500}, "merchant_available 7 > withdraw_transit: 500"},
    {"withdraw_merchant", "succeeded", {500}, "withdraw_transit > bank 9: 500"},
    {"withdraw_merchant", "failed", {500}, "withdraw_transit > merchant_available 7: 500"},
    {"withdraw_merchant", "returned", {500}, "bank 9 > merchant_available 7: 500"},
    // Refund, to the source and to the balance.
    {"refund_settled", "accepted", {300}, "merchant_available 7 > refund_transit: 300"},
    {"refund_settled", "submitted", {300}, ""},
    {"refund_settled", "succeeded", {300}, "refund_transit > channel_receivable 9: 300"},
    {"refund_settled", "failed", {300}, "refund_transit > merchant_available 7: 300"},
    {"refund", "accepted", {300}, "merchant_pending 7 > refund_transit: 300"},
    {"refund", "failed", {300}, "refund_transit > merchant_pending 7: 300"},
    {"refund_to_balance", "succeeded", {300}, "refund_transit > user_available 1: 300"},
    {"refund_shared_to_source",
     "accepted",
     {300, 6, {10, 5}},
     "fee_income > refund_transit: 6; merchant_pending 71 > refund_transit: 10; merchant_pending 72 > refund_transit: "
     "5; "
     "merchant_pending 7 > refund_transit: 279"},
    {"refund_shared_to_source",
     "failed",
     {300, 6, {10, 5}},
     "refund_transit > fee_income: 6; refund_transit > merchant_pending 71: 10; refund_transit > merchant_pending 72: "
     "5; "
     "refund_transit > merchant_pending 7: 279"},
    {"recharge_refund", "accepted", {300}, "user_available 1 > refund_transit: 300"},
    {"recharge_refund", "succeeded", {300}, "refund_transit > channel_receivable 9: 300"},
    {"recharge_refund", "failed", {300}, "refund_transit > user_available 1: 300"},
    // Transfer.
    {"transfer", "held", {100}, ""},
    {"transfer", "posted", {100}, "user_available 1 > user_available 2: 100"},
    {"transfer", "voided", {100}, ""},
    {"transfer_fee_on_top",
     "posted",
     {100, 3},
     "user_available 1 > user_available 2: 100; user_available 1 > fee_income: 3"},
    // Instant sale with fee: from the balance, through a channel, with shares, in segments, with a coupon.
    {"instant_sale",
     "paid",
     {10000, 200},
     "user_available 1 > merchant_pending 7: 9800; user_available 1 > fee_income: 200"},
    {"instant_sale", "paid", {100, 100}, "user_available 1 > fee_income: 100"},
    {"instant_sale", "cancelled", {10000, 200}, ""},
    {"instant_sale_split",
     "paid",
     {1000, 20, {49, 0, 24}},
     "user_available 1 > fee_income: 20; user_available 1 > merchant_pending 71: 49; user_available 1 > "
     "merchant_pending "
     "73: 24; user_available 1 > merchant_pending 7: 907"},
    {"instant_sale_segmented",
     "paid",
     {10000, 200},
     "user_available 1 > payment_transit: 10000; payment_transit > merchant_pending 7: 9800*; payment_transit > "
     "fee_income: 200*"},
    {"instant_sale_coupon",
     "paid",
     {1000, 20, {}, {{"coupon", 150}}},
     "user_coupon 1 > payment_transit: 150; payment_transit > merchant_pending 7: 980; payment_transit > fee_income: "
     "20; "
     "user_available 1 > payment_transit: 850"},
    {"instant_sale_channel",
     "paid",
     {1000, 20},
     "channel_receivable 9 > merchant_pending 7: 1000; merchant_pending 7 > fee_income: 20"},
    {"instant_sale_channel",
     "reserved",
     {1000, 20, {}, {{"balance", 300}, {"coupon", 50}}},
     "user_available 1 > payment_transit: 300; user_coupon 1 > payment_transit: 50"},
    {"instant_sale_channel",
     "unreserved",
     {1000, 20, {}, {{"balance", 300}, {"coupon", 50}}},
     "payment_transit > user_coupon 1: 50; payment_transit > user_available 1: 300"},
    {"instant_sale_channel",
     "paid",
     {1000, 20, {}, {{"balance", 300}, {"coupon", 50}}},
     "channel_receivable 9 > merchant_pending 7: 650; payment_transit > merchant_pending 7: 300; payment_transit > "
     "merchant_pending 7: 50; merchant_pending 7 > fee_income: 20"},
    {"refund",
     "succeeded",
     {300, 0, {}, {{"balance", 100}, {"coupon", 50}}},
     "refund_transit > channel_receivable 9: 150; refund_transit > user_available 1: 100; refund_transit > "
     "user_coupon 1: 50"},
    {"refund_payout", "accepted", {300, 0}, "merchant_pending 7 > refund_transit: 300"},
    {"refund_payout", "succeeded", {300, 0}, "refund_transit > bank 9: 300"},
    {"refund_payout", "failed", {300, 0}, "refund_transit > merchant_pending 7: 300"},
    {"refund_payout", "returned", {300, 0}, "bank 9 > merchant_pending 7: 300"},
    {"refund_shared_to_balance",
     "accepted",
     {300, 6, {10, 5}},
     "fee_income > refund_transit: 6; merchant_pending 71 > refund_transit: 10; merchant_pending 72 > refund_transit: "
     "5; merchant_pending 7 > refund_transit: 279"},
    {"instant_sale_marketplace",
     "paid",
     {1000, 20, {49, 24}},
     "channel_receivable 9 > merchant_pending 7: 1000; merchant_pending 7 > fee_income: 20; merchant_pending 7 > "
     "other_income: 49; merchant_pending 7 > merchant_pending 72: 24"},
    // Over payment: what was due is booked, the excess is explained.
    {"instant_sale_channel",
     "over_paid",
     {1000, 20, {}, {{"excess", 50}}},
     "channel_receivable 9 > suspense_long: 50; channel_receivable 9 > merchant_pending 7: 1000; merchant_pending 7 > "
     "fee_income: 20"},
    {"instant_sale_channel",
     "excess_refund_accepted",
     {1050, 20, {}, {{"excess", 50}}},
     "suspense_long > refund_transit: 50"},
    {"instant_sale_channel",
     "excess_refund_succeeded",
     {1050, 20, {}, {{"excess", 50}}},
     "refund_transit > channel_receivable 9: 50"},
    {"instant_sale_channel",
     "excess_credited",
     {1050, 20, {}, {{"excess", 50}}},
     "suspense_long > user_available 1: 50"},
    // Duplicate payment, late success, wrong amount.
    {"instant_sale_channel", "duplicate_paid", {1000, 20}, "channel_receivable 9 > suspense_long: 1000"},
    {"instant_sale_channel", "late_paid", {1000, 20}, "channel_receivable 9 > suspense_long: 1000"},
    {"instant_sale_channel", "amount_differed", {1, 0}, "channel_receivable 9 > suspense_long: 1"},
    {"instant_sale_channel", "suspense_refund_accepted", {1000}, "suspense_long > refund_transit: 1000"},
    {"instant_sale_channel", "suspense_refund_succeeded", {1000}, "refund_transit > channel_receivable 9: 1000"},
    // Escrow: hold and release.
    {"escrow_balance", "paid", {1000, 20}, "user_available 1 > escrow: 1000"},
    {"escrow_balance", "released", {1000, 20}, "escrow > merchant_pending 7: 980; escrow > fee_income: 20"},
    {"escrow_balance", "refund_accepted", {1000}, "escrow > refund_transit: 1000"},
    {"escrow_balance", "refund_succeeded", {1000}, "refund_transit > user_available 1: 1000"},
    {"escrow_balance", "refund_failed", {1000}, "refund_transit > escrow: 1000"},
    {"escrow_channel", "paid", {1000}, "channel_receivable 9 > escrow: 1000"},
    {"escrow_channel",
     "released",
     {1000, 20, {100}},
     "escrow > fee_income: 20; escrow > merchant_pending 71: 100; escrow > merchant_pending 7: 880"},
    // Pre-authorisation: 700 of 1000 are captured.
    {"pre_authorisation", "authorised", {1000}, "user_available 1 > user_frozen 1: 1000"},
    {"pre_authorisation",
     "captured",
     {1000, 14, {}, {{"unused", 300}}},
     "user_frozen 1 > user_available 1: 300; user_frozen 1 > fee_income: 14; user_frozen 1 > merchant_pending 7: 686"},
    {"pre_authorisation", "voided", {1000}, "user_frozen 1 > user_available 1: 1000"},
    {"pre_authorisation", "expired", {1000}, "user_frozen 1 > user_available 1: 1000"},
    {"freeze_user", "frozen", {50}, "user_available 1 > user_frozen 1: 50"},
    {"freeze_user", "released", {50}, "user_frozen 1 > user_available 1: 50"},
    // Settlement: pending to available; a channel pays less its cost.
    {"settlement_merchant",
     "settled",
     {5000, 10, {}, {{"reserve", 500}}},
     "merchant_pending 7 > merchant_reserve 7: 500; merchant_pending 7 > fee_income: 10; merchant_pending 7 > "
     "merchant_available 7: 4490"},
    {"settlement_merchant",
     "reserve_released",
     {0, 0, {}, {{"reserve", 500}}},
     "merchant_reserve 7 > merchant_available 7: 500"},
    {"settlement_channel",
     "settled",
     {5000, 0, {}, {{"cost", 35}}},
     "channel_cost > channel_receivable 9: 35; bank 9 > channel_receivable 9: 4965"},
    // Chargeback.
    {"dispute_merchant", "opened", {80}, "merchant_available 7 > dispute_hold: 80"},
    {"dispute_merchant", "evidence_sent", {80}, ""},
    {"dispute_merchant", "won", {80}, "dispute_hold > merchant_available 7: 80"},
    {"dispute_merchant", "lost", {80}, "dispute_hold > channel_receivable 9: 80"},
    {"dispute_merchant", "accepted", {80}, "dispute_hold > channel_receivable 9: 80"},
    // Shares after the sale, and adjustments.
    {"split",
     "taken",
     {0, 0, {30, 12}},
     "merchant_pending 7 > merchant_pending 71: 30; merchant_pending 7 > merchant_pending 72: 12"},
    {"split",
     "returned",
     {0, 0, {30, 12}},
     "merchant_pending 71 > merchant_pending 7: 30; merchant_pending 72 > merchant_pending 7: 12"},
    {"adjustment", "long_found", {5}, "channel_receivable 9 > suspense_long: 5"},
    {"adjustment", "long_to_income", {5}, "suspense_long > other_income: 5"},
    {"adjustment", "short_found", {5}, "suspense_short > channel_receivable 9: 5"},
    {"adjustment", "short_recovered", {5}, "bank 9 > suspense_short: 5"},
    {"adjustment", "short_written_off", {5}, "write_off > suspense_short: 5"},
};

TEST(shipped_postings, every_row_of_the_table) {
  for (const row& r : rows) {
    EXPECT_EQ(text_of(shipped().accounts, legs_of(r.rule, r.event, r.amounts, everybody())), r.legs)
        << r.rule << ", " << r.event;
  }
}

TEST(shipped_postings, every_rule_is_in_the_table) {
  const catalog::posting_rules& rules = shipped().rules;
  ASSERT_GT(rules.size(), 0u);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const row& r) { return rules.at(i).name == r.rule; }))
        << rules.at(i).name;
  }
}

TEST(shipped_postings, fees_are_where_their_plans_expect_them) {
  const catalog::posting_rules& rules = shipped().rules;
  const auto use = [&](std::string_view rule) { return rules.use_of_fee(rules.find(rule).value()); };
  EXPECT_EQ(use("instant_sale"), catalog::fee_use::inside);
  EXPECT_EQ(use("withdraw"), catalog::fee_use::on_top);
  EXPECT_EQ(use("transfer_fee_on_top"), catalog::fee_use::on_top);
  EXPECT_EQ(use("transfer"), catalog::fee_use::none);
  EXPECT_EQ(shipped().version, 1u);
}

TEST(shipped_postings, account_flags_follow_the_chart) {
  const catalog::chart& accounts = shipped().accounts;
  const auto flags = [&](std::string_view role) { return accounts.flags_of(accounts.find(role).value()); };
  EXPECT_EQ(flags("user_available"), account_flags::debits_must_not_exceed_credits);
  EXPECT_EQ(flags("fee_income"), account_flags::hot);
  EXPECT_EQ(flags("suspense_short"), 0u);
}

}  // namespace
}  // namespace payloom::test
