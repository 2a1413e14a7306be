// Goal: shares never pass what is shared, and nothing gets lost. Method: the shipped plans as a table; random plans.
#include "actors/core/catalog/split_plan.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/posting/posting_fixture.hpp"

namespace payloom::core::catalog {
namespace {

constexpr ledger_id eur = 978, czk = 203;

std::string shares(const char* plan, ledger_id ledger, u128 base) {
  const split_plans& plans = test::shipped().splits;
  const split_result result = compute_split(plans.at(plans.find(plan).value()), ledger, base);
  if (result.error != split_error::ok) return std::to_string(static_cast<int>(result.error)) + "!";
  std::string out;
  for (std::size_t i = 0; i < result.count; ++i) out += to_decimal(result.parts_minor[i]) + " ";
  return out + "of " + to_decimal(result.sum_minor);
}

TEST(split_plan, shipped_plans) {
  EXPECT_EQ(shares("marketplace", eur, 980), "49 24 of 73");
  EXPECT_EQ(shares("marketplace", czk, 0), "0 0 of 0");
  EXPECT_EQ(shares("delivery", eur, 1000), "350 45 of 395");
  EXPECT_EQ(shares("delivery", eur, 391), "350 41 of 391");
  EXPECT_EQ(shares("delivery", eur, 390), "2!") << "350 + 41 is more";
  EXPECT_EQ(shares("delivery", czk, 1000), "1!");
  EXPECT_EQ(shares("franchise", eur, 999), "299 99 601 of 999") << "the last one takes what rounding leaves";
  EXPECT_EQ(shares("franchise", eur, u128_max),
            "102084710076281539039012382229530463436 34028236692093846346337460743176821145 "
            "204169420152563078078024764459060926874 of 340282366920938463463374607431768211455");
}

TEST(split_plan, random_plans_keep_within_the_base) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    split_plan plan;
    plan.name = "p";
    plan.ledger = eur;
    const std::size_t count = random() % limits::split_receivers_max + 1;
    std::uint32_t rates = 0;
    for (std::size_t k = 0; k < count; ++k) {
      split_receiver receiver;
      receiver.name.append("r").append(std::to_string(k));
      receiver.remainder = k + 1 == count && random() % 2 == 0;
      if (!receiver.remainder) {
        receiver.rate_millionths = static_cast<std::uint32_t>(random() % 120'000);
        receiver.fixed_minor = random() % 1000 + 1;
        rates += receiver.rate_millionths;
      }
      plan.receivers.push_back(receiver);
    }
    problem_list problems;
    check_split_plan(plan, problems);
    ASSERT_TRUE(problems.empty()) << problems.all()[0].message;
    const u128 base = random() % 20'000;
    u128 expected = 0;
    for (const split_receiver& r : plan.receivers) expected += r.fixed_minor + base * r.rate_millionths / 1'000'000;
    const split_result result = compute_split(plan, eur, base);
    EXPECT_EQ(result.error == split_error::ok, expected <= base);
    if (result.error != split_error::ok) continue;
    u128 sum = 0;
    for (std::size_t k = 0; k < result.count; ++k) sum += result.parts_minor[k];
    EXPECT_EQ(result.count, count);
    EXPECT_TRUE(sum == result.sum_minor && sum <= base);
    EXPECT_TRUE(sum == (plan.receivers.back().remainder ? base : expected));
  }
}

TEST(split_plan, receivers_are_found_by_name) {
  const split_plans& plans = test::shipped().splits;
  const split_plan& plan = plans.at(plans.find("franchise").value());
  EXPECT_EQ(plan.find("shop"), std::uint8_t{2});
  EXPECT_FALSE(plan.find("courier"));
  EXPECT_FALSE(plans.find("franchises"));
}

}  // namespace
}  // namespace payloom::core::catalog
