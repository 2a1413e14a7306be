// Goal: banks and their channel are judged apart; bounds, label-only mode and operators' words do what they say;
// silence of any length ends in the same state however often somebody ticked. Method: scripted traffic over simulated
// time.
#include "actors/core/routing/channel_health.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/routing/routing_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::routing;
using enum attempt_outcome;

class channel_health_test : public testing::Test {
 protected:
  static health_plan small_plan() {
    health_plan p;
    p.samples_min = 10;
    p.failures_in_row = 4;
    p.probes_needed = 1;
    p.ramp_successes = 1;
    p.loss_budget_minor = 10'000;
    return p;
  }
  static health_key key(bank_number bank, card_type card = 0) { return {1, bank, channel_operation::pay, card}; }
  void tell(const health_key& k, attempt_outcome o, int times = 1, const admission& a = {}) {
    for (int i = 0; i < times; ++i) health.report({k, o, 5'000'000, 10, a.round, a.own_round}, now);
  }
  void pass(time_ns ns) { health.tick(now += ns); }
  health_state state(const health_key& k) const {
    health_state found = health_state::normal;
    health.each(now, [&](const health_view& v) {
      if (v.key == k) found = v.state;
    });
    return found;
  }
  admission allow(const health_key& k, std::uint32_t draw = 0) { return health.allow(k, 10, draw, now); }
  void attempt(const health_key& k, attempt_outcome o) {
    const admission a = allow(k);
    ASSERT_NE(a.verdict, health_verdict::refuse);
    tell(k, o, 1, a);
  }

  time_ns now = routing_start;
  channel_health health{small_plan()};
};

TEST_F(channel_health_test, one_bank_is_cut_alone) {
  tell(key(2), ok, 5);
  tell(key(1), timeout, 4);
  EXPECT_EQ(state(key(1)), health_state::open);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::refuse);
  EXPECT_EQ(allow(key(2)).verdict, health_verdict::admit);
  EXPECT_EQ(allow(key(3)).verdict, health_verdict::admit) << "a bank that nobody has heard of";
  EXPECT_EQ(state(key(0)), health_state::normal);
  pass(second_ns);
  EXPECT_EQ(state(key(0)), health_state::normal);
  EXPECT_EQ(allow({1, 1, channel_operation::refund, 0}).verdict, health_verdict::admit) << "another operation";
  EXPECT_EQ(allow({1, 1, channel_operation::pay, 2}).verdict, health_verdict::admit) << "another type of cards";
  EXPECT_EQ(allow({2, 1, channel_operation::pay, 0}).verdict, health_verdict::admit) << "another channel";
}

TEST_F(channel_health_test, a_bank_with_most_of_the_traffic_does_not_open_its_channel) {
  // Below the bank's own bound in a row, above every share, without a single success: the rest works.
  for (int round = 0; round < 3; ++round) {
    tell(key(1), timeout, 3);
    tell(key(1), business_refusal, 1);
    tell(key(2), ok, 1);
  }
  pass(second_ns);
  EXPECT_EQ(state(key(1)), health_state::open) << "9 of 12";
  EXPECT_EQ(state(key(0)), health_state::normal) << "9 of 15";
}

TEST_F(channel_health_test, the_worst_bank_is_no_evidence_even_before_it_is_cut) {
  for (int round = 0; round < 3; ++round) {
    tell(key(1), timeout, round == 2 ? 1 : 3);
    tell(key(1), ok, round == 2 ? 0 : 1);
  }
  tell(key(2), ok, 2);
  pass(second_ns);
  EXPECT_EQ(state(key(1)), health_state::normal) << "9 samples are too few";
  EXPECT_EQ(state(key(0)), health_state::normal) << "7 of 11, but all of one bank";
}

TEST_F(channel_health_test, a_channel_whose_banks_all_fail_is_cut) {
  tell(key(1), ok);
  tell(key(1), timeout, 2);
  tell(key(2), timeout);
  tell(key(3), technical_failure);
  EXPECT_EQ(state(key(0)), health_state::normal);
  tell(key(1), timeout);
  EXPECT_EQ(state(key(0)), health_state::open) << "a row of four changes of bank";
  EXPECT_EQ(allow(key(2)).refusal, health_refusal::open);
  EXPECT_EQ(allow(key(77)).refusal, health_refusal::open) << "a new bank behind it, too";
}

TEST_F(channel_health_test, a_channel_is_cut_by_the_share_of_its_other_banks) {
  for (bank_number bank = 1; bank <= 5; ++bank)
    for (int i = 0; i < 3; ++i) {
      tell(key(bank), timeout, 2);
      tell(key(bank), ok, 1);
    }
  EXPECT_EQ(state(key(0)), health_state::normal);
  pass(second_ns);
  EXPECT_EQ(state(key(0)), health_state::open) << "24 of 36 without the worst";
  for (bank_number bank = 1; bank <= 5; ++bank)
    EXPECT_EQ(state(key(bank)), health_state::normal) << "each has too few samples of its own";
}

TEST_F(channel_health_test, failures_without_a_bank_are_the_channels) {
  tell(key(0), timeout, 4);
  EXPECT_EQ(state(key(0)), health_state::open);
}

TEST_F(channel_health_test, channel_and_bank_come_back_through_probes_and_ramps_of_both) {
  tell(key(1), timeout, 4);
  tell(key(0), timeout, 4);
  ASSERT_EQ(state(key(1)), health_state::open);
  ASSERT_EQ(state(key(0)), health_state::open);
  pass(30 * second_ns);
  const admission probe = allow(key(1));
  EXPECT_EQ(probe.verdict, health_verdict::probe);
  EXPECT_NE(probe.round, 0u);
  EXPECT_NE(probe.own_round, 0u);
  EXPECT_EQ(allow(key(2)).refusal, health_refusal::probe_out);
  tell(key(1), ok, 1, probe);
  EXPECT_EQ(state(key(0)), health_state::ramp);
  EXPECT_EQ(state(key(1)), health_state::ramp);
  EXPECT_EQ(allow(key(2), 10'000).refusal, health_refusal::ramp_share);
  for (int i = 0; i < 5; ++i) attempt(key(1), ok);
  EXPECT_EQ(state(key(0)), health_state::normal);
  EXPECT_EQ(state(key(1)), health_state::normal);
}

TEST_F(channel_health_test, a_cut_bank_that_was_bad_before_is_not_judged_by_it_when_it_is_back) {
  health_plan p = small_plan();
  p.open_ns = second_ns;
  health.set_plan(p);
  tell(key(2), ok, 20);
  tell(key(1), timeout, 4);
  pass(second_ns);
  attempt(key(1), ok);
  for (int i = 0; i < 5; ++i) attempt(key(1), ok);
  ASSERT_EQ(state(key(1)), health_state::normal);
  pass(second_ns);
  EXPECT_EQ(state(key(1)), health_state::normal) << "the failures are 2 s old";
}

TEST_F(channel_health_test, late_ends_while_the_channel_is_cut_cut_no_bank) {
  tell(key(0), timeout, 4);
  ASSERT_EQ(state(key(0)), health_state::open);
  tell(key(1), timeout, 20);
  EXPECT_EQ(state(key(1)), health_state::normal);
}

TEST_F(channel_health_test, label_only_marks_and_lets_everything_through) {
  health_plan p = small_plan();
  p.label_only = true;
  health.set_plan(p);
  tell(key(1), timeout, 4);
  EXPECT_EQ(state(key(1)), health_state::open);
  const admission a = allow(key(1));
  EXPECT_EQ(a.verdict, health_verdict::admit);
  EXPECT_EQ(a.marked, health_verdict::refuse);
  EXPECT_EQ(a.refusal, health_refusal::open);
  EXPECT_EQ(a.round, 0u);
  health.force(key(1), health_override::forced_open, now + second_ns, now);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::refuse) << "an operator's word is no label";
  pass(30 * second_ns);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::probe) << "it comes back as if it blocked";
  EXPECT_EQ(allow(key(1)).marked, health_verdict::refuse);
}

TEST_F(channel_health_test, an_operators_word_about_a_bank_is_stronger_than_its_channels) {
  using enum health_override;
  EXPECT_EQ(health.force(key(0), forced_open, now + second_ns, now), override_result::ok);
  EXPECT_EQ(allow(key(1)).refusal, health_refusal::forced_open);
  EXPECT_EQ(health.force(key(1), forced_normal, now + second_ns, now), override_result::ok);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::admit);
  EXPECT_EQ(allow(key(2)).verdict, health_verdict::refuse);
  health.force(key(0), none, 0, now);
  health.force(key(1), forced_open, now + second_ns, now);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::refuse);
  EXPECT_EQ(allow(key(2)).verdict, health_verdict::admit);
  pass(second_ns);
  EXPECT_EQ(allow(key(1)).verdict, health_verdict::admit);
}

TEST_F(channel_health_test, an_operators_word_needs_an_end) {
  using enum health_override;
  const time_ns most = now + small_plan().override_max_ns;
  EXPECT_EQ(health.force(key(1), forced_open, now, now), override_result::bad_expiry);
  EXPECT_EQ(health.force(key(1), forced_open, 0, now), override_result::bad_expiry);
  EXPECT_EQ(health.force(key(1), forced_open, most + 1, now), override_result::bad_expiry);
  EXPECT_EQ(health.force(key(1), forced_open, most, now), override_result::ok);
  EXPECT_EQ(health.force(key(9), none, 0, now), override_result::ok);
  EXPECT_EQ(health.keys(), 2u) << "taking back makes no key";
}

TEST_F(channel_health_test, at_the_bound_a_new_bank_falls_under_its_channels_own_key) {
  health_plan p = small_plan();
  p.keys_max = 2;
  health = channel_health(p);
  health.tick(now);
  tell(key(1), ok);
  tell(key(2), ok);
  tell(key(3), ok);
  EXPECT_EQ(health.keys(), 3u) << "two banks' and the own";
  EXPECT_EQ(health.force(key(3), health_override::forced_open, now + second_ns, now), override_result::no_room);
  EXPECT_EQ(health.force(key(2), health_override::forced_open, now + second_ns, now), override_result::ok);
  tell(key(3), timeout, 4);
  EXPECT_EQ(state(key(0)), health_state::open);
}

TEST_F(channel_health_test, a_channel_above_the_bound_is_not_watched) {
  for (channel_number c = 1; c <= channel_health::own_keys_max + 1; ++c) tell({c, 5, channel_operation::pay, 0}, ok);
  EXPECT_EQ(health.unwatched(), 1u);
  const health_key above{channel_health::own_keys_max + 1, 5, channel_operation::pay, 0};
  tell(above, timeout, 100);
  EXPECT_EQ(health.unwatched(), 101u);
  EXPECT_EQ(allow(above).verdict, health_verdict::admit);
}

TEST_F(channel_health_test, views_show_what_was_told) {
  tell(key(1), ok, 3);
  tell(key(1), unknown, 1);
  tell(key(0), business_refusal, 2);
  health.force(key(1), health_override::forced_open, now + second_ns, now);
  std::map<bank_number, health_view> seen;
  health.each(now, [&](const health_view& v) { seen[v.key.bank] = v; });
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].minute.at(ok), 3u);
  EXPECT_EQ(seen[1].five_minutes.at(unknown), 1u);
  EXPECT_EQ(seen[0].half_minute.at(business_refusal), 2u);
  EXPECT_EQ(seen[0].half_minute.samples(), 2u);
  EXPECT_GE(seen[1].p95_ns, 5'000'000u);
  EXPECT_EQ(seen[1].forced, health_override::forced_open);
  health.each(now + 301 * second_ns, [&](const health_view& v) {
    EXPECT_EQ(v.five_minutes.samples(), 0u);
    EXPECT_EQ(v.forced, health_override::none);
  });
}

/// Two of them see the same traffic; one is ticked all the time, the other never.
TEST_F(channel_health_test, who_ticks_does_not_matter) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    draws random(seed);
    channel_health often(small_plan()), seldom(small_plan());
    time_ns at = routing_start;
    for (int i = 0; i < 400; ++i) {
      const time_ns step = random.one_in(40) ? random.below(2'000 * second_ns) : random.below(3 * second_ns);
      for (time_ns t = at; t < at + step; t += second_ns / 2) often.tick(t);
      at += step;
      const health_key k = key(static_cast<bank_number>(random.below(4)));
      const auto draw = random.one_in(3) ? 0 : random.draw();
      const admission a = often.allow(k, 10, draw, at), b = seldom.allow(k, 10, draw, at);
      ASSERT_EQ(a.verdict, b.verdict) << seed << ' ' << i;
      ASSERT_EQ(a.state, b.state) << seed << ' ' << i;
      ASSERT_EQ(a.round, b.round);
      ASSERT_EQ(a.own_round, b.own_round);
      if (a.verdict == health_verdict::refuse || random.one_in(20)) continue;  // some never end
      const auto o = random.one_in(2) ? timeout : ok;
      often.report({k, o, second_ns, 10, a.round, a.own_round}, at);
      seldom.report({k, o, second_ns, 10, b.round, b.own_round}, at);
    }
  }
}

}  // namespace
}  // namespace payloom::test
