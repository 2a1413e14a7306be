#pragma once
// Channels, plans, questions and seeded draws for the tests of routing.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "actors/core/routing/router.hpp"

namespace payloom::test {

inline constexpr time_ns routing_start = 1'790'000'000'000'000'000;  // 2026-09-21, a Monday, 14:13:20 UTC
inline constexpr ledger_id euro = 978, dollar = 840;

/// A channel that can do everything.
inline core::catalog::channel_plan channel_named(std::string name, owner_number number) {
  core::catalog::channel_plan c;
  c.name = std::move(name);
  c.number = number;
  c.in_flight_max = 1000;
  using enum channel_operation;
  for (const channel_operation o : {pay, payout, refund, query, close})
    c.operations = static_cast<core::catalog::operation_bits>(c.operations | core::catalog::bit_of(o));
  return c;
}

/// alpha, beta, gamma, ...: 1, 2, 3, ...
inline std::vector<core::catalog::channel_plan> channels_up_to(std::size_t count) {
  const char* names[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"};
  std::vector<core::catalog::channel_plan> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(channel_named(i < 8 ? names[i] : "channel_" + std::to_string(i + 1), i + 1));
  return all;
}

inline core::routing::route_plan plan_of(const core::routing::routing_definition& said,
                                         std::vector<core::catalog::channel_plan> channels, bool with_drafts = false) {
  core::catalog::problem_list problems;
  const auto all = core::catalog::channel_plans::make(std::move(channels), problems);
  auto plan = core::routing::route_plan::make(all, said, with_drafts, problems);
  for (const auto& p : problems.all()) ADD_FAILURE() << p.message;
  return plan;
}

inline core::routing::route_question question(u128 payment, u128 amount_minor = 1'000) {
  core::routing::route_question q;
  q.payment = payment;
  q.amount_minor = amount_minor;
  q.merchant = 7;
  q.ledger = euro;
  q.attempt = 1;
  return q;
}

inline core::routing::route_rule_definition rule_named(std::string name, std::uint16_t id,
                                                       std::vector<std::pair<std::string, std::uint16_t>> channels) {
  core::routing::route_rule_definition r;
  r.name.text = std::move(name);
  r.id = id;
  r.version = 1;
  r.priority = id;
  r.state = core::rules::rule_state::active;
  for (auto& [channel, share] : channels) {
    r.channels.push_back({{channel, {}}, share});
    if (share != 0) r.kind = core::routing::route_rule_kind::percentage;
  }
  return r;
}

/// Seeded numbers.
class draws {
 public:
  explicit draws(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::uint32_t draw() { return static_cast<std::uint32_t>(below(limits::rate_whole)); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  u128 id() { return make_u128(engine_(), engine_()); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace payloom::test
