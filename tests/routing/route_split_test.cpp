// Goal: percentages are split by the hash of the payment: within statistical bounds, the same for a payment for ever,
// and a change of shares moves no more payments than it must. Method: 100,000 payments, five standard deviations.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;

constexpr int payments = 100'000;

route_plan split(std::uint16_t id, std::vector<std::pair<std::string, std::uint16_t>> shares) {
  routing_definition d;
  d.rules = {rule_named("split", id, std::move(shares))};
  return plan_of(d, channels_up_to(3));
}

channel_number taken(const route_plan& plan, u128 payment, std::uint32_t attempt = 1, std::uint32_t draw = 0) {
  route_state state(plan.health());
  state.tick(routing_start);
  route_question q = question(payment);
  q.attempt = attempt;
  return route(q, plan, state, draw, routing_start).channel;
}

/// Far from it: the hash or the bounds are wrong.
void expect_share(double count, double share) {
  EXPECT_NEAR(count, payments * share, 5 * std::sqrt(payments * share * (1 - share))) << share;
}

TEST(route_split, shares_are_as_written_for_ids_of_any_kind) {
  const route_plan plan = split(1, {{"alpha", 705}, {"beta", 245}, {"gamma", 50}});
  const route_rule& rule = *plan.rule_for(question(1), routing_start);
  for (int kind = 0; kind < 3; ++kind) {
    draws random(11);
    std::map<std::size_t, int> counts;
    for (int i = 0; i < payments; ++i) {
      const auto n = static_cast<std::uint64_t>(i);
      const u128 payment = kind == 0 ? random.id() : kind == 1 ? make_u128(0, n + 1) : make_u128(n + 1, 0);
      ++counts[rule.first_for(payment)];
    }
    expect_share(counts[0], 0.705);
    expect_share(counts[1], 0.245);
    expect_share(counts[2], 0.05);
  }
}

TEST(route_split, a_payment_keeps_its_channel) {
  const route_plan plan = split(1, {{"alpha", 500}, {"beta", 500}}),
                   loaded_again = split(1, {{"alpha", 500}, {"beta", 500}});
  draws random(2);
  for (int i = 0; i < 300; ++i) {
    const u128 payment = random.id();
    const channel_number first = taken(plan, payment);
    EXPECT_EQ(taken(plan, payment, 2, random.draw()), first) << "another attempt";
    EXPECT_EQ(taken(loaded_again, payment), first);
  }
}

TEST(route_split, a_change_of_shares_moves_no_more_than_it_must) {
  const route_plan before = split(1, {{"alpha", 500}, {"beta", 500}}),
                   after = split(1, {{"alpha", 600}, {"beta", 400}});
  const route_rule &a = *before.rule_for(question(1), routing_start), &b = *after.rule_for(question(1), routing_start);
  draws random(4);
  int moved = 0;
  for (int i = 0; i < payments; ++i) {
    const u128 payment = random.id();
    moved += a.first_for(payment) != b.first_for(payment);
    EXPECT_LE(b.first_for(payment), a.first_for(payment)) << "only from beta to alpha";
  }
  expect_share(moved, 0.1);
}

TEST(route_split, two_rules_split_apart) {
  const route_plan one = split(1, {{"alpha", 500}, {"beta", 500}}), two = split(2, {{"alpha", 500}, {"beta", 500}});
  const route_rule &a = *one.rule_for(question(1), routing_start), &b = *two.rule_for(question(1), routing_start);
  draws random(4);
  int both = 0;
  for (int i = 0; i < payments; ++i) {
    const u128 payment = random.id();
    both += a.first_for(payment) == 0 && b.first_for(payment) == 0;
  }
  expect_share(both, 0.25);
}

TEST(route_split, a_share_of_nothing_is_only_a_fallback) {
  const route_plan plan = split(1, {{"gamma", 0}, {"alpha", 1000}, {"beta", 0}});
  const route_rule& rule = *plan.rule_for(question(1), routing_start);
  draws random(4);
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(rule.first_for(random.id()), 1u);
}

}  // namespace
}  // namespace payloom::test
