// What becomes of attempts: each share alone, their sizes, and settings that make no sense.
#include "actors/core/channels/outside/outside_fate.hpp"

#include <gtest/gtest.h>

#include <set>

namespace payloom::test {
namespace {

using core::outside_callback;
using core::outside_code;
using core::outside_fate;
using core::outside_settings;
using enum channel_outcome;

constexpr std::uint64_t ms = 1'000'000;

outside_fate fate(const outside_settings& s, u128 attempt = 77, channel_operation o = channel_operation::pay) {
  return core::fate_of(s, core::lognormal_delay(s.latency_mean_ms, s.latency_sigma_ms, s.latency_max_ms), attempt, o,
                       1000, 978);
}

outside_settings with(std::uint16_t outside_settings::*share) {
  outside_settings s;
  s.latency_mean_ms = 100;
  s.*share = 1000;
  return s;
}

TEST(outside_fate, each_end_alone) {
  struct row {
    const char* name;
    std::uint16_t outside_settings::*share;
    channel_operation operation;
    channel_outcome first, before, end;
    bool comes_back;
    u128 amount_minor;
    std::uint64_t ends_ms;
    std::size_t callbacks;
  };
  using enum channel_operation;
  using s = outside_settings;
  const row rows[] = {
      {"rejected", &s::rejected, pay, rejected, rejected, rejected, false, 1000, 0, 0},
      {"accepted", &s::accepted, pay, accepted, accepted, success, false, 1000, 600, 1},
      {"accepted_rejected", &s::accepted_rejected, payout, accepted, accepted, rejected, false, 1000, 600, 1},
      {"unknown_moved", &s::unknown_moved, pay, unknown, success, success, false, 1000, 0, 0},
      {"unknown_lost", &s::unknown_lost, refund, unknown, rejected, rejected, false, 1000, 0, 0},
      {"other_amount", &s::other_amount, pay, success, success, success, false, 500, 0, 0},
      {"late_success", &s::late_success, pay, rejected, rejected, success, false, 1000, 600, 1},
      {"late_success of a refund", &s::late_success, refund, rejected, rejected, rejected, false, 1000, 0, 0},
      {"returned", &s::returned, payout, success, success, success, true, 1000, 600, 1},
      {"returned pay", &s::returned, pay, success, success, success, false, 1000, 0, 0},
      {"callback", &s::callback, pay, success, success, success, false, 1000, 0, 1},
      {"nothing", &s::callback_twice, pay, success, success, success, false, 1000, 0, 0},
  };
  for (const row& r : rows) {
    const outside_fate f = fate(with(r.share), 77, r.operation);
    EXPECT_EQ(f.first, r.first) << r.name;
    EXPECT_EQ(f.before, r.before) << r.name;
    EXPECT_EQ(f.end, r.end) << r.name;
    EXPECT_EQ(f.comes_back, r.comes_back) << r.name;
    EXPECT_TRUE(f.amount_minor == r.amount_minor) << r.name;
    EXPECT_EQ(f.ends_ns, r.ends_ms * ms) << r.name;
    EXPECT_EQ(f.answer_ns, 100 * ms) << r.name;
    ASSERT_EQ(f.callbacks.size(), r.callbacks) << r.name;
    for (const outside_callback& c : f.callbacks) {
      EXPECT_EQ(c.outcome, r.comes_back ? returned : r.end) << r.name;
      EXPECT_GE(c.delay_ns, f.ends_ns) << r.name;
      EXPECT_TRUE(c.honest()) << r.name;
      EXPECT_TRUE(c.amount_minor == (r.end == success ? r.amount_minor : 0)) << r.name;
    }
  }
}

TEST(outside_fate, each_fault_of_callbacks_alone) {
  struct row {
    const char* name;
    std::uint16_t outside_settings::*share;
    bool outside_callback::*flag;
    std::uint64_t delay_ms;
  };
  using s = outside_settings;
  using c = outside_callback;
  const row rows[] = {{"early", &s::callback_early, &c::early, 50},
                      {"contradictory", &s::contradictory, &c::contradictory, 602},
                      {"other amount", &s::callback_amount, &c::other_amount, 603},
                      {"other ledger", &s::callback_ledger, &c::other_ledger, 604},
                      {"forged", &s::forged, &c::forged, 50}};
  for (const row& r : rows) {
    const outside_fate f = fate(with(r.share));
    ASSERT_EQ(f.callbacks.size(), 1u) << r.name;
    const outside_callback& told = f.callbacks[0];
    EXPECT_TRUE(told.*r.flag) << r.name;
    EXPECT_EQ(told.delay_ns, r.delay_ms * ms) << r.name;
    EXPECT_EQ(told.honest(), told.early) << r.name;
    EXPECT_EQ(told.outcome == rejected, told.contradictory) << r.name;
    EXPECT_EQ(told.ledger != 978, told.other_ledger) << r.name;
    EXPECT_EQ(told.amount_minor != 1000, told.other_amount || told.contradictory) << r.name;
  }
  outside_settings all = with(&s::accepted);
  for (const auto share : {&s::callback_twice, &s::callback_late, &s::callback_early, &s::contradictory,
                           &s::callback_amount, &s::callback_ledger, &s::forged, &s::callback})
    all.*share = 1000;
  const outside_fate f = fate(all);
  ASSERT_EQ(f.callbacks.size(), 6u);
  EXPECT_LE(f.callbacks.size(), core::outside_callbacks_max);
  for (std::size_t i = 1; i < f.callbacks.size(); ++i) EXPECT_LE(f.callbacks[i - 1].delay_ns, f.callbacks[i].delay_ns);
  EXPECT_EQ(f.ends_ns, 50 * ms) << "an early callback of an accepted attempt is true when it comes";
}

TEST(outside_fate, a_success_that_was_only_a_rejection_has_no_contradiction) {
  outside_settings s = with(&outside_settings::rejected);
  s.contradictory = s.callback_amount = s.callback_ledger = 1000;
  EXPECT_TRUE(fate(s).callbacks.empty());
}

TEST(outside_fate, shares_are_as_written_and_follow_from_seed_and_id) {
  outside_settings s;
  s.rejected = 100;
  s.accepted = 200;
  s.unknown_lost = 50;
  s.answered_twice = 30;
  s.seed = 5;
  outside_settings other = s;
  other.seed = 6;
  int rejected_count = 0, accepted_count = 0, unknown_count = 0, twice = 0, differ = 0;
  constexpr int attempts = 20'000;
  for (int i = 1; i <= attempts; ++i) {
    const u128 id = make_u128(3, i);
    const outside_fate f = fate(s, id);
    rejected_count += f.first == rejected;
    accepted_count += f.first == accepted;
    unknown_count += f.first == unknown;
    twice += f.twice;
    ASSERT_EQ(fate(s, id).first, f.first);
    differ += fate(other, id).first != f.first;
  }
  EXPECT_NEAR(rejected_count * 1000 / attempts, 100, 10);
  EXPECT_NEAR(accepted_count * 1000 / attempts, 200, 12);
  EXPECT_NEAR(unknown_count * 1000 / attempts, 50, 8);
  EXPECT_NEAR(twice * 1000 / attempts, 29, 6);
  EXPECT_GT(differ, attempts / 3);
}

TEST(outside_fate, numbers_of_movements_are_all_different) {
  std::set<u128> seen;
  for (u128 id = 1; id <= 5'000; ++id)
    for (const std::uint32_t part : {0u, 1u}) EXPECT_TRUE(seen.insert(core::channel_txn_of(1, id, part)).second);
}

TEST(outside_settings, what_makes_no_sense_is_said) {
  EXPECT_EQ(outside_settings{}.problem(), "");
  const auto bad = [](auto change) {
    outside_settings s;
    change(s);
    return !s.problem().empty();
  };
  EXPECT_TRUE(bad([](auto& s) { s.rejected = 600, s.accepted = 401; }));
  EXPECT_FALSE(bad([](auto& s) { s.rejected = 600, s.accepted = 400; }));
  EXPECT_TRUE(bad([](auto& s) { s.forged = 1001; }));
  EXPECT_TRUE(bad([](auto& s) { s.fee_basis_points = 10'001; }));
  EXPECT_TRUE(bad([](auto& s) { s.latency_mean_ms = 1, s.latency_sigma_ms = 11; }));
  EXPECT_TRUE(bad([](auto& s) { s.latency_mean_ms = 60'001; }));
  EXPECT_TRUE(bad([](auto& s) { s.entries_max = 0; }));
  EXPECT_TRUE(bad([](auto& s) { s.entries_max = outside_settings::entries_limit + 1; }));
}

}  // namespace
}  // namespace payloom::test
