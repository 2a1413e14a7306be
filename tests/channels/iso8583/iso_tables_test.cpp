// The line's bounds, and the tables under it: settings, codes, STANs, the index, the memory, the rate, references.
#include <map>
#include <random>
#include <set>

#include "actors/core/channels/iso8583/iso_rate.hpp"
#include "tests/channels/iso8583/iso_fixture.hpp"

namespace payloom::test {
namespace {

using core::iso_refusal;
using core::iso_settings;

/// The code that the newest call was refused with, 0: it was not.
std::uint16_t refused(line_fixture& f, const core::channel_call& c) {
  f.link.call(c, f.now);
  const auto told = f.told();
  if (told.empty()) return 0;
  EXPECT_EQ(told[0].outcome, channel_outcome::not_sent);
  return told[0].code;
}

TEST(iso_bounds, amounts_and_currencies_that_do_not_fit_have_not_left) {
  const struct {
    u128 amount_minor;
    ledger_id ledger;
    std::uint16_t code;
  } rows[] = {
      {0, 978, core::number_of(iso_refusal::amount_unfit)},
      {1, 978, 0},
      {999'999'999'999, 978, 0},
      {1'000'000'000'000, 978, core::number_of(iso_refusal::amount_unfit)},
      {u128_max, 978, core::number_of(iso_refusal::amount_unfit)},
      {make_u128(1, 5), 978, core::number_of(iso_refusal::amount_unfit)},
      {5, 0, core::number_of(iso_refusal::ledger_unfit)},
      {5, 999, 0},
      {5, 1000, core::number_of(iso_refusal::ledger_unfit)},
  };
  line_fixture f;
  f.connect();
  u128 attempt = 1;
  for (const auto& row : rows) {
    core::channel_call c = call_of(++attempt, channel_operation::pay, row.amount_minor);
    c.ledger = row.ledger;
    EXPECT_EQ(refused(f, c), row.code) << lo64(attempt);
  }
}

TEST(iso_bounds, in_flight) {
  line_fixture f;
  f.connect();
  for (u128 a = 1; a <= 8; ++a) EXPECT_EQ(refused(f, call_of(a)), 0);
  EXPECT_EQ(refused(f, call_of(9)), core::number_of(iso_refusal::in_flight_full));
  f.answer(f.sent().at(3), "51");
  f.told();
  EXPECT_EQ(refused(f, call_of(9)), 0) << "one has ended";
}

TEST(iso_bounds, with_too_many_reversals_nothing_is_taken) {
  line_fixture f;
  f.connect();
  for (u128 a = 1; a <= 8; ++a) f.link.call(call_of(a), f.now);
  f.sent();
  f.pass(15 * second);
  EXPECT_EQ(f.told().size(), 8u);
  EXPECT_EQ(f.link.counters().reversals_waiting, 8u);
  EXPECT_EQ(refused(f, call_of(9)), core::number_of(iso_refusal::reversals_full));
  f.link.call(call_of(10, channel_operation::query), f.now);
  EXPECT_EQ(f.link.counters().reversals_dropped, 1u) << "its payment asks again";
  f.answer(f.sent().at(0), "00");
  f.told();
  EXPECT_EQ(refused(f, call_of(9)), 0);
}

TEST(iso_bounds, output_that_nobody_takes) {
  iso_settings s = small_settings();
  s.in_flight_max = 1000;
  s.remembered_max = 1000;
  s.output_max = 4'096;
  line_fixture f(s);
  f.connect();
  u128 a = 1;
  while (refused(f, call_of(a)) == 0) ASSERT_LT(++a, 100u);
  EXPECT_EQ(refused(f, call_of(a)), core::number_of(iso_refusal::output_full));
  const auto sent = f.sent();
  EXPECT_EQ(sent.size(), static_cast<std::size_t>(a) - 1);
  EXPECT_EQ(refused(f, call_of(a)), 0);
}

TEST(iso_bounds, reversals_wait_for_room_in_the_output) {
  iso_settings s = small_settings();
  s.in_flight_max = 200;
  s.reversals_max = 200;
  s.remembered_max = 1000;
  s.output_max = 4'096;
  line_fixture f(s);
  f.connect();
  for (u128 a = 1; a <= 200; ++a) {
    f.link.call(call_of(a), f.now);
    f.sent();
  }
  f.pass(15 * second);
  EXPECT_EQ(f.told().size(), 200u);
  std::set<std::string> attempts;
  for (int turn = 0; turn < 20; ++turn) {
    const auto sent = f.sent();
    EXPECT_LE(sent.size(), 25u);
    for (const kept_message& m : sent) EXPECT_TRUE(attempts.insert(m.text(core::iso_field::attempt)).second);
    f.link.tick(f.now);
  }
  EXPECT_EQ(attempts.size(), 200u);
}

TEST(iso_bounds, rate) {
  iso_settings s = small_settings();
  s.rate_per_second = 10;
  s.burst = 3;
  line_fixture f(s);
  f.connect();
  for (u128 a = 1; a <= 3; ++a) EXPECT_EQ(refused(f, call_of(a)), 0);
  EXPECT_EQ(refused(f, call_of(4)), core::number_of(iso_refusal::rate));
  f.now += second / 10;
  EXPECT_EQ(refused(f, call_of(4)), 0);
  EXPECT_EQ(refused(f, call_of(5)), core::number_of(iso_refusal::rate));
}

TEST(iso_rate, passes_the_rate_over_a_long_time_and_the_burst_after_a_rest) {
  core::iso_rate rate(1000, 50);
  int passed = 0;
  for (time_ns now = start; now < start + 10 * second; now += 100'000) passed += rate.take(now) ? 1 : 0;
  EXPECT_EQ(passed, 10'000 + 49);
  passed = 0;
  for (int i = 0; i < 100; ++i) passed += rate.take(start + 20 * second) ? 1 : 0;
  EXPECT_EQ(passed, 50);
  core::iso_rate none(0, 1);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(none.take(start));
}

TEST(iso_settings, every_limit_is_checked) {
  EXPECT_EQ(small_settings().problem(), "");
  const std::vector<void (*)(iso_settings&)> wrong = {
      [](iso_settings& s) { s.terminal = ""; },
      [](iso_settings& s) { s.terminal = "123456789"; },
      [](iso_settings& s) { s.merchant = "a\nb"; },
      [](iso_settings& s) { s.in_flight_max = 0; },
      [](iso_settings& s) { s.reversals_max = 250'000; },
      [](iso_settings& s) { s.remembered_max = 7; },
      [](iso_settings& s) { s.output_max = 100; },
      [](iso_settings& s) { s.response_timeout_ms = 0; },
      [](iso_settings& s) { s.echo_idle_ms = 3'600'001; },
      [](iso_settings& s) { s.reversal_repeats_max = 0; },
      [](iso_settings& s) { s.echoes_lost_max = 0; },
      [](iso_settings& s) { s.burst = 0; },
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    iso_settings s = small_settings();
    wrong[i](s);
    EXPECT_NE(s.problem(), "") << i;
  }
}

TEST(iso_codes, a_list_with_problems_is_refused) {
  using core::iso_code;
  const auto problem = [](std::vector<iso_code> list) { return core::iso_codes::problem_of(list); };
  const iso_code good{"00", channel_outcome::success, 1, true};
  EXPECT_EQ(problem({good}), "");
  EXPECT_NE(problem({}), "");
  EXPECT_NE(problem({good, good}), "");
  EXPECT_NE(problem({good, {"0", channel_outcome::rejected, 2, false}}), "");
  EXPECT_NE(problem({good, {"0a", channel_outcome::rejected, 2, false}}), "");
  EXPECT_NE(problem({good, {"01", channel_outcome::rejected, 0, false}}), "");
  EXPECT_NE(problem({good, {"01", channel_outcome::accepted, 2, false}}), "");
  EXPECT_NE(problem({{"00", channel_outcome::success, 1, false}}), "");
  EXPECT_EQ(core::iso_codes::problem_of(core::iso_usual_codes()), "");
}

TEST(iso_slots, a_stan_is_never_given_twice_while_it_is_waited_for) {
  core::iso_slots slots(40, 24);
  std::mt19937_64 random(1);
  std::map<std::uint32_t, core::iso_slots::number> open;
  u128 attempt = 0;
  for (int i = 0; i < 2'100'000; ++i) {  // more than twice around
    if (open.size() == 64 || (!open.empty() && random() % 2 == 0)) {
      // Mostly the newest ends: old ones stay for long.
      const auto it = random() % 8 == 0 ? open.begin() : std::prev(open.end());
      ASSERT_EQ(slots.find_stan(it->first), it->second);
      slots.remove(it->second);
      ASSERT_EQ(slots.find_stan(it->first), core::iso_slots::none);
      open.erase(it);
      continue;
    }
    const auto n = slots.add(call_of(++attempt), core::iso_stage::waiting);
    slots.draw_stan(n);
    const std::uint32_t stan = slots.at(n).stan;
    ASSERT_TRUE(stan >= 1 && stan <= 999'999);
    ASSERT_TRUE(open.emplace(stan, n).second);
  }
  EXPECT_GT(lo64(attempt), 999'999u);
}

TEST(attempt_index, agrees_with_a_map) {
  core::attempt_index index(100);
  std::map<u128, std::uint32_t> model;
  std::mt19937_64 random(2);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const u128 id = random() % 150;
    const auto known = model.find(id);
    ASSERT_EQ(index.find(id), known == model.end() ? core::attempt_index::none : known->second);
    if (known != model.end()) {
      index.erase(id);
      model.erase(known);
    } else if (model.size() < 100) {
      index.insert(id, i);
      model.emplace(id, i);
    }
    ASSERT_EQ(index.size(), model.size());
  }
}

TEST(iso_memory, forgets_the_oldest_and_replaces_the_same) {
  core::iso_memory memory(3);
  const auto end = [](u128 id, channel_outcome outcome) { return core::iso_end{id, 5, 6, outcome, 7}; };
  for (u128 id = 1; id <= 3; ++id) memory.remember(end(id, channel_outcome::rejected));
  memory.remember(end(1, channel_outcome::closed));
  ASSERT_NE(memory.find(1), nullptr);
  EXPECT_EQ(memory.find(1)->outcome, channel_outcome::closed);
  memory.remember(end(4, channel_outcome::success));
  EXPECT_EQ(memory.find(1), nullptr);
  EXPECT_NE(memory.find(2), nullptr);
  EXPECT_NE(memory.find(4), nullptr);
}

TEST(iso_references, ascend_even_when_the_clock_stands_still) {
  core::iso_references references;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const core::iso_reference r = references.draw(i < 500 ? start : start - second);
    const std::string text(r.data(), r.size());
    ASSERT_GT(text, last);
    last = text;
  }
}

}  // namespace
}  // namespace payloom::test
