// Goal: fees are exact in integers. Method: a table of plans and amounts; random plans beside a sum of exact fractions.
#include "actors/core/catalog/fee_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/posting/posting_fixture.hpp"

namespace payloom::core::catalog {
namespace {

constexpr ledger_id eur = 978, czk = 203, jpy = 392;

u128 shipped_fee(const char* plan, ledger_id ledger, u128 gross, u128 turnover = 0) {
  const fee_plans& plans = test::shipped().fees;
  const fee_result result = compute_fee(plans.at(plans.find(plan).value()), ledger, gross, turnover);
  EXPECT_EQ(result.error, fee_error::ok);
  return result.fee_minor;
}

TEST(fee_plan, shipped_plans) {
  struct row {
    const char* plan;
    ledger_id ledger;
    std::uint64_t gross, turnover, fee;
  };
  const row rows[] = {
      {"free", eur, 10000, 0, 0},
      {"merchant_standard", eur, 10000, 0, 165},  // 0.25 + 1.4 %
      {"merchant_standard", eur, 35, 0, 25},      // 25.49
      {"merchant_standard", eur, 36, 0, 26},      // 25.504
      {"merchant_standard", eur, 20, 0, 20},      // never above the amount
      {"merchant_standard", eur, 0, 0, 0},
      {"merchant_standard", czk, 1000, 0, 100},  // floor
      {"merchant_standard", czk, 10000, 0, 200},
      {"merchant_standard", czk, 99, 0, 99},              // floor, but never above the amount
      {"merchant_standard", jpy, 100, 0, 4},              // 3.6
      {"merchant_returnable", eur, 525, 0, 10},           // 10.5 to even
      {"merchant_returnable", eur, 575, 0, 12},           // 11.5 to even
      {"merchant_returnable", eur, 100000000, 0, 50000},  // cap
      {"merchant_by_turnover", eur, 10000, 0, 215},
      {"merchant_by_turnover", eur, 10000, 1000000, 215},
      {"merchant_by_turnover", eur, 10000, 1000001, 165},
      {"merchant_by_turnover", eur, 10000, 10000001, 120},
      {"escrow_sliced", eur, 10000, 0, 400},
      {"escrow_sliced", eur, 10001, 0, 401},    // 400.02, rounded up once
      {"escrow_sliced", eur, 110000, 0, 2300},  // 400 + 1800 + 100
      {"withdraw_standard", eur, 10000, 0, 100},
      {"withdraw_standard", eur, 10001, 0, 60},
      {"withdraw_standard", eur, 50, 0, 100},  // on top: may be above the amount
      {"withdraw_standard", czk, 100, 0, 500},
  };
  for (const row& r : rows) {
    EXPECT_EQ(static_cast<std::uint64_t>(shipped_fee(r.plan, r.ledger, r.gross, r.turnover)), r.fee)
        << r.plan << " " << r.ledger << " " << r.gross << " " << r.turnover;
  }
}

TEST(fee_plan, roundings) {
  const auto fee = [](fee_rounding how, std::uint64_t gross) {
    fee_plan plan;
    plan.rounding = how;
    fee_schedule schedule;
    schedule.ledger = eur;
    schedule.tiers[0].rate_millionths = 500'000;  // a half
    schedule.tier_count = 1;
    plan.schedules.push_back(schedule);
    return static_cast<int>(compute_fee(plan, eur, gross, 0).fee_minor);
  };
  EXPECT_EQ(fee(fee_rounding::half_up, 5), 3);
  EXPECT_EQ(fee(fee_rounding::half_even, 5), 2);
  EXPECT_EQ(fee(fee_rounding::half_even, 7), 4);
  EXPECT_EQ(fee(fee_rounding::down, 5), 2);
  EXPECT_EQ(fee(fee_rounding::up, 5), 3);
  for (const fee_rounding how :
       {fee_rounding::half_up, fee_rounding::half_even, fee_rounding::down, fee_rounding::up}) {
    EXPECT_EQ(fee(how, 4), 2) << "nothing to round";
  }
}

TEST(fee_plan, random_plans_agree_with_exact_fractions) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 20'000; ++i) {
    fee_plan plan;
    plan.rounding = static_cast<fee_rounding>(random() % 4);
    plan.choice = static_cast<tier_choice>(random() % 3);
    plan.bearer = fee_bearer::payer;
    plan.excess = static_cast<fee_excess>(random() % 2);
    fee_schedule schedule;
    schedule.ledger = eur;
    schedule.tier_count = static_cast<std::uint8_t>(random() % limits::fee_tiers_max + 1);
    u128 end = 0;
    for (std::size_t t = 0; t < schedule.tier_count; ++t) {
      end += random() % 1'000'000 + 1;
      schedule.tiers[t] = {t + 1u == schedule.tier_count ? u128_max : end, random() % 100,
                           static_cast<std::uint32_t>(random() % 1'000'001)};
    }
    schedule.floor_minor = random() % 50;
    if (random() % 2 == 0) schedule.cap_minor = schedule.floor_minor + random() % 100'000;
    plan.schedules.push_back(schedule);
    problem_list problems;
    check_fee_plan(plan, problems);
    ASSERT_TRUE(problems.empty()) << problems.all()[0].message;

    const u128 gross = random() % 8'000'000, turnover = random() % 8'000'000;
    u128 millionths = 0;  // the fee in millionths of a minor unit, exactly
    u128 begin = 0;
    bool found = false;
    for (std::size_t t = 0; t < schedule.tier_count; ++t) {
      const fee_tier& tier = schedule.tiers[t];
      const u128 chooses = plan.choice == tier_choice::turnover ? turnover : gross;
      if (plan.choice == tier_choice::slices) {
        if (gross > begin) {
          millionths +=
              tier.fixed_minor * 1'000'000 + (std::min(gross, tier.up_to_minor) - begin) * tier.rate_millionths;
        }
        begin = tier.up_to_minor;
      } else if (!found && chooses <= tier.up_to_minor) {
        millionths = tier.fixed_minor * 1'000'000 + gross * tier.rate_millionths;
        found = true;
      }
    }
    const u128 down = millionths / 1'000'000, rest = millionths % 1'000'000;
    u128 expected = down;
    if (plan.rounding == fee_rounding::up && rest != 0) ++expected;
    if (plan.rounding == fee_rounding::half_up && rest >= 500'000) ++expected;
    if (plan.rounding == fee_rounding::half_even && (rest > 500'000 || (rest == 500'000 && down % 2 == 1))) ++expected;
    expected = std::clamp(expected, schedule.floor_minor, schedule.cap_minor);
    if (plan.excess == fee_excess::cut) expected = std::min(expected, gross);
    EXPECT_TRUE(compute_fee(plan, eur, gross, turnover).fee_minor == expected);
  }
}

TEST(fee_plan, large_amounts) {
  fee_plan plan;
  plan.rounding = fee_rounding::half_up;
  fee_schedule schedule;
  schedule.ledger = eur;
  schedule.tiers[0].rate_millionths = 1'000'000;
  schedule.tier_count = 1;
  plan.schedules.push_back(schedule);
  EXPECT_TRUE(compute_fee(plan, eur, u128_max, 0).fee_minor == u128_max) << "the whole of everything";
  plan.schedules[0].tiers[0].rate_millionths = 1;
  EXPECT_TRUE(compute_fee(plan, eur, u128_max, 0).fee_minor == u128_max / 1'000'000);  // rest 0.211455: down
  plan.schedules[0].tiers[0] = {u128_max, 1, 1'000'000};
  EXPECT_EQ(compute_fee(plan, eur, u128_max, 0).error, fee_error::overflow);
  EXPECT_EQ(compute_fee(plan, czk, 1, 0).error, fee_error::no_schedule);
}

}  // namespace
}  // namespace payloom::core::catalog
