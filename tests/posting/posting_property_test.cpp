// Goal: whatever the amounts are, what leaves the sources is the total, no leg is zero, and what a flow puts in transit
// it takes out. Method: all shipped rules with random amounts, summed per account apart from the rules' own arithmetic.
#include <random>

#include "tests/posting/posting_fixture.hpp"

namespace payloom::test {
namespace {

// Debits and credits of one account.
struct two_sums {
  u128 debits = 0, credits = 0;
};
using sums_by_account = std::map<u128, two_sums>;

// Amounts that fit together: fee and parts within gross, each given amount within what is left.
catalog::posting_amounts random_amounts(std::mt19937_64& random) {
  const auto up_to = [&](u128 max) -> u128 {
    return random() % 5 == 0 ? 0 : make_u128(random(), random()) % (max + 1);
  };
  catalog::posting_amounts amounts;
  amounts.gross_minor = make_u128(random(), random()) >> (8 + random() % 120);
  u128 left = amounts.gross_minor;
  amounts.fee_minor = up_to(left / 4);
  left -= amounts.fee_minor;
  amounts.part_count = static_cast<std::uint8_t>(2 + random() % (limits::split_receivers_max - 1));
  for (std::size_t i = 0; i < amounts.part_count; ++i) {
    amounts.parts_minor[i] = up_to(left / 4);
    left -= amounts.parts_minor[i];
  }
  for (std::size_t i = 0; i < limits::posting_amounts_max; ++i) amounts.given_minor[i] = up_to(left);
  amounts.given = 0xff;
  return amounts;
}

void add(sums_by_account& sums, const catalog::posting_legs& legs) {
  for (std::size_t i = 0; i < legs.count; ++i) {
    sums[legs.legs[i].debit.value].debits += legs.legs[i].amount_minor;
    sums[legs.legs[i].credit.value].credits += legs.legs[i].amount_minor;
  }
}

// Accounts that an event only debits give its total.
void expect_total(const catalog::posting_legs& legs) {
  sums_by_account sums;
  add(sums, legs);
  u128 taken = 0, debits = 0, credits = 0;
  for (const auto& [account, sum] : sums) {
    if (sum.credits == 0) taken += sum.debits;
    debits += sum.debits;
    credits += sum.credits;
  }
  EXPECT_TRUE(taken == legs.total_minor);
  EXPECT_TRUE(debits == credits);
  for (std::size_t i = 0; i < legs.count; ++i) EXPECT_TRUE(legs.legs[i].amount_minor != 0);
}

TEST(posting_property, sources_give_the_total) {
  const config::posting_catalog& all = shipped();
  std::mt19937_64 random(8);
  std::size_t posted = 0;
  for (int i = 0; i < 500; ++i) {
    for (std::size_t rule = 0; rule < all.rules.size(); ++rule) {
      for (std::size_t event = 0; event < all.rules.form_of(rule).events.size(); ++event) {
        catalog::posting_legs legs;
        all.rules.evaluate(all.accounts, rule, event, eur, everybody(), random_amounts(random), legs);
        ASSERT_EQ(legs.error, catalog::posting_error::ok) << all.rules.at(rule).name << " " << event;
        expect_total(legs);
        posted += legs.count;
      }
    }
  }
  EXPECT_GT(posted, 10'000u);
}

TEST(posting_property, flows_leave_nothing_in_transit) {
  const config::posting_catalog& all = shipped();
  std::mt19937_64 random(9);
  std::size_t looked_at = 0;
  for (int i = 0; i < 500; ++i) {
    for (std::size_t rule = 0; rule < all.rules.size(); ++rule) {
      for (const std::vector<std::uint8_t>& flow : all.rules.form_of(rule).flows) {
        const catalog::posting_amounts amounts = random_amounts(random);
        sums_by_account sums;
        for (const std::uint8_t event : flow) {
          catalog::posting_legs legs;
          all.rules.evaluate(all.accounts, rule, event, eur, everybody(), amounts, legs);
          ASSERT_EQ(legs.error, catalog::posting_error::ok);
          add(sums, legs);
        }
        for (const auto& [account, sum] : sums) {
          if (!all.accounts.at(all.accounts.explain({account})->role).returns_to_zero) continue;
          EXPECT_TRUE(sum.debits == sum.credits) << all.rules.at(rule).name << ": " << name_of(all.accounts, {account});
          ++looked_at;
        }
      }
    }
  }
  EXPECT_GT(looked_at, 10'000u);
}

}  // namespace
}  // namespace payloom::test
