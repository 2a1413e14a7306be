// Goal: account ids follow from role, currency and owner, are never shared and never met by accident. Method: golden
// ids, random round trips, and the ids that clients make.
#include "actors/core/catalog/chart.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "protocol/types/records.hpp"
#include "protocol/types/u128_text.hpp"
#include "tests/posting/posting_fixture.hpp"

namespace payloom::core::catalog {
namespace {

TEST(chart, ids_are_published) {
  EXPECT_EQ(to_hex(derived_account(201, 978, 1).value), "0xfa1d00c9000003d20000000000000001");
  EXPECT_EQ(to_hex(derived_account(0xffff, 0xffffffff, UINT64_MAX).value), "0xfa1dffffffffffffffffffffffffffff");
  EXPECT_EQ(to_hex(derived_account(501, 1000, 0).value), "0xfa1d01f5000003e80000000000000000");
}

TEST(chart, ids_say_what_they_stand_for) {
  const chart& accounts = test::shipped().accounts;
  std::mt19937_64 random(1);
  std::set<u128> seen;
  for (int i = 0; i < 10'000; ++i) {
    const auto role = static_cast<role_index>(random() % accounts.size());
    const auto ledger = static_cast<ledger_id>(random() % 999 + 1);
    const bool platform = accounts.at(role).scope == owner_scope::platform;
    const owner_id owner = platform ? 0 : random() | 1;
    const account_id id = accounts.account_of(role, ledger, owner);
    EXPECT_FALSE(id_is_reserved(id.value));
    const std::optional<chart::parts> parts = accounts.explain(id);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->role, role);
    EXPECT_EQ(parts->ledger, ledger);
    EXPECT_EQ(parts->owner, owner);
    if (!platform) {
      EXPECT_TRUE(seen.insert(id.value).second);
    }
  }
}

TEST(chart, ids_that_clients_make_stand_for_nothing) {
  const chart& accounts = test::shipped().accounts;
  std::mt19937_64 random(2);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    EXPECT_FALSE(accounts.explain({i}));                                                   // counters
    EXPECT_FALSE(accounts.explain({make_u128((1'760'000'000'000 + i) << 16, random())}));  // time first
    EXPECT_FALSE(accounts.explain({make_u128(random(), random())}));                       // random
  }
  const std::uint64_t user = std::uint64_t{0xfa1d} << 48 | std::uint64_t{201} << 32;
  EXPECT_TRUE(accounts.explain({make_u128(user | 978, 1)}));
  EXPECT_FALSE(accounts.explain({make_u128(user | 978, 0)})) << "a user's account has an owner";
  EXPECT_FALSE(accounts.explain({make_u128(user, 1)})) << "no ledger";
  EXPECT_FALSE(accounts.explain({make_u128((user ^ std::uint64_t{1} << 45) | 978, 1)})) << "no such code";
  const std::uint64_t platform = std::uint64_t{0xfa1d} << 48 | std::uint64_t{501} << 32;
  EXPECT_TRUE(accounts.explain({make_u128(platform | 978, 0)}));
  EXPECT_FALSE(accounts.explain({make_u128(platform | 978, 1)})) << "the platform has one account";
}

TEST(chart, flags_follow_side_and_limit) {
  problem_list problems;
  const chart made = chart::make({{"a", 1, normal_side::credit, owner_scope::user, true, false, false, {}},
                                  {"b", 2, normal_side::debit, owner_scope::channel, true, true, false, {}},
                                  {"c", 3, normal_side::debit, owner_scope::platform, false, false, true, {}}},
                                 problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(made.flags_of(0), account_flags::debits_must_not_exceed_credits);
  EXPECT_EQ(made.flags_of(1), account_flags::credits_must_not_exceed_debits | account_flags::hot);
  EXPECT_EQ(made.flags_of(2), 0u);
  EXPECT_EQ(made.find("b"), role_index{1});
  EXPECT_FALSE(made.find("d"));
}

TEST(chart, too_many_roles_are_refused) {
  std::vector<account_role> roles(limits::account_roles_max + 1);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    roles[i].name.append("r").append(std::to_string(i));
    roles[i].code = static_cast<std::uint16_t>(i + 1);
  }
  problem_list problems;
  chart::make(roles, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems.all()[0].message, "a chart has at most 64 roles: merge some");
  roles.pop_back();
  problem_list none;
  EXPECT_EQ(chart::make(roles, none).size(), limits::account_roles_max);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace payloom::core::catalog
