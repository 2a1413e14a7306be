// Goal: all checks of a payment are asked at the same time and joined by one deadline: latency is the longest answer,
// never the sum; core checks decide, optional ones degrade to a pass; every bound has its behaviour (domain.md 1.6,
// "Async parallelism"). Method: scripted drivers and the simulator over simulated time.
#include "actors/core/checks/check_desk.hpp"

#include <gtest/gtest.h>

#include "actors/core/checks/simulated_check.hpp"

namespace payloom::test {
namespace {

using core::check_answers, core::check_desk, core::join_verdict;
using core::catalog::bit_of_check, core::catalog::check_plan, core::catalog::check_plans;
using enum core::check_verdict;

constexpr time_ns ms = 1'000'000, start = 1'790'000'000'000'000'000;

TEST(check_join, the_first_row_that_applies) {
  struct row {
    check_answers said;
    join_verdict verdict;
  };
  // wanted, core, passed, refused, missed: check 1 and 2 are core, 3 is optional
  const row rows[] = {
      {{7, 3, 0, 0, 0}, join_verdict::open},    {{7, 3, 3, 0, 0}, join_verdict::open},
      {{7, 3, 5, 2, 0}, join_verdict::refused}, {{7, 3, 0, 2, 0}, join_verdict::refused},
      {{7, 3, 0, 1, 2}, join_verdict::refused}, {{7, 3, 1, 0, 2}, join_verdict::missing},
      {{7, 3, 5, 0, 2}, join_verdict::missing}, {{7, 3, 0, 0, 7}, join_verdict::missing},
      {{7, 3, 3, 4, 0}, join_verdict::passed},  {{7, 3, 3, 0, 4}, join_verdict::passed},
      {{7, 3, 7, 0, 0}, join_verdict::passed},  {{4, 3, 0, 0, 4}, join_verdict::passed},
      {{4, 3, 0, 3, 4}, join_verdict::passed},  // who was not asked says nothing
  };
  for (const row& r : rows)
    EXPECT_EQ(core::join(r.said), r.verdict)
        << int(r.said.passed) << ' ' << int(r.said.refused) << ' ' << int(r.said.missed);
}

/// Answers what the test says, when it says so.
class scripted_check : public core::check_driver {
 public:
  struct said {
    time_ns at;
    core::check_answer answer;
  };
  void ask(const core::check_call& c, time_ns now) override {
    ++asked;
    if (answers_after) coming.push_back({now + *answers_after, {c.payment, c.tenant, verdict}});
  }
  void poll(time_ns now, std::size_t, std::vector<core::check_answer>& out) override {
    std::erase_if(coming, [&](const said& s) {
      if (s.at <= now) out.push_back(s.answer);
      return s.at <= now;
    });
  }
  time_ns next_at() const override {
    time_ns next = 0;
    for (const said& s : coming) next = next == 0 ? s.at : std::min(next, s.at);
    return next;
  }
  std::optional<time_ns> answers_after;
  core::check_verdict verdict = pass;
  std::vector<said> coming;
  int asked = 0;
};

class check_desk_test : public testing::Test {
 protected:
  check_desk_test()
      : desk([this](const check_plan& plan) {
          auto made = std::make_unique<scripted_check>();
          drivers[plan.number] = made.get();
          return made;
        }) {
    serve(1000);
  }
  void serve(std::uint32_t in_flight_max) {
    std::vector<check_plan> plans(3);
    for (std::uint8_t n = 1; n <= 3; ++n) {
      plans[n - 1u].name = "check_" + std::to_string(n);
      plans[n - 1u].number = n;
      plans[n - 1u].core = n != 3;
      plans[n - 1u].in_flight_max = in_flight_max;
    }
    core::catalog::problem_list problems;
    desk.serve(check_plans::make(plans, problems));
    ASSERT_TRUE(problems.empty());
  }
  core::check_call call(u128 payment, core::catalog::check_bits wanted = 7) const {
    core::check_call c;
    c.payment = payment;
    c.order.value = payment + 1;
    c.tenant = 4;
    c.deadline_at = now + 300 * ms;
    c.wanted = wanted;
    c.core = 3;
    return c;
  }
  void answers(std::uint8_t check, std::optional<time_ns> after, core::check_verdict verdict = pass) {
    drivers[check]->answers_after = after;
    drivers[check]->verdict = verdict;
  }
  /// Time passes, from one thing that happens to the next, until something was told or nothing will happen.
  void run() {
    while (facts.facts.empty() && desk.next_at() != 0) {
      now = std::max(now, desk.next_at());
      desk.poll(now, facts);
    }
  }
  check_fact_record ask_and_run(u128 payment, core::catalog::check_bits wanted = 7) {
    facts = {};
    desk.ask(call(payment, wanted), now, facts);
    run();
    EXPECT_EQ(facts.facts.size(), 1u);
    return facts.facts.empty() ? check_fact_record{} : facts.facts.front();
  }

  std::map<int, scripted_check*> drivers;
  check_desk desk;
  core::check_facts facts;
  time_ns now = start;
};

TEST_F(check_desk_test, latency_is_the_longest_answer_not_the_sum) {
  answers(1, 80 * ms);
  answers(2, 120 * ms);
  answers(3, 100 * ms);
  const check_fact_record f = ask_and_run(50);
  EXPECT_EQ(now - start, 120 * ms);  // one after the other it were 300 ms
  EXPECT_EQ(f.passed, 7);
  EXPECT_EQ(f.took_ms[0], 80);
  EXPECT_EQ(f.took_ms[1], 120);
  EXPECT_EQ(f.took_ms[2], 100);
  EXPECT_EQ(f.payment, u128{50});
  EXPECT_EQ(f.order.value, u128{51});
  EXPECT_EQ(f.action, order_action::check_fact);
  EXPECT_TRUE(id_is_the_servers(f.id.value));
  EXPECT_EQ(facts.tenants.front(), 4u);
  EXPECT_EQ(desk.waiting(), 0u);
}

TEST_F(check_desk_test, a_core_refusal_ends_it_at_once) {
  answers(1, 200 * ms);
  answers(2, 30 * ms, refuse);
  answers(3, 250 * ms);
  const check_fact_record f = ask_and_run(50);
  EXPECT_EQ(now - start, 30 * ms);
  EXPECT_EQ(f.refused, 2);
  EXPECT_EQ(f.passed | f.missed, 0);
  EXPECT_EQ(desk.counts(0).in_flight, 0u);
  facts = {};
  run();  // the others answer to nobody
  EXPECT_TRUE(facts.facts.empty());
  EXPECT_EQ(desk.counts(0).late, 1u);
  EXPECT_EQ(desk.counts(2).late, 1u);
  EXPECT_EQ(desk.counts(0).passed, 0u);
}

TEST_F(check_desk_test, an_optional_refusal_decides_nothing) {
  answers(1, 10 * ms);
  answers(2, 20 * ms);
  answers(3, 5 * ms, refuse);
  const check_fact_record f = ask_and_run(50);
  EXPECT_EQ(f.passed, 3);
  EXPECT_EQ(f.refused, 4);
  EXPECT_EQ(now - start, 20 * ms);
}

TEST_F(check_desk_test, the_deadline_is_one_for_all) {
  answers(1, 10 * ms);
  answers(2, 20 * ms);
  answers(3, std::nullopt);
  const check_fact_record optional_missed = ask_and_run(50);
  EXPECT_EQ(now - start, 300 * ms);
  EXPECT_EQ(optional_missed.passed, 3);
  EXPECT_EQ(optional_missed.missed, 4);
  answers(2, 301 * ms);
  const check_fact_record core_missed = ask_and_run(60);
  EXPECT_EQ(now - start, 600 * ms);
  EXPECT_EQ(core_missed.passed, 1);
  EXPECT_EQ(core_missed.missed, 6);
  EXPECT_EQ(desk.counts(1).missed, 1u);
  EXPECT_EQ(desk.counts(2).missed, 2u);
  facts = {};
  run();
  EXPECT_EQ(desk.counts(1).late, 1u);
}

TEST_F(check_desk_test, an_answer_at_the_deadline_is_in_time) {
  for (std::uint8_t n = 1; n <= 3; ++n) answers(n, 300 * ms);
  EXPECT_EQ(ask_and_run(50).passed, 7);
}

TEST_F(check_desk_test, at_the_bound_a_check_is_not_asked_and_missed) {
  serve(1);
  for (std::uint8_t n = 1; n <= 3; ++n) answers(n, 50 * ms);
  desk.ask(call(50), now, facts);
  ASSERT_TRUE(facts.facts.empty());
  desk.ask(call(60), now, facts);  // a core check has no room: nobody waits
  ASSERT_EQ(facts.facts.size(), 1u);
  EXPECT_EQ(facts.facts.front().payment, u128{60});
  EXPECT_EQ(facts.facts.front().missed, 7);
  EXPECT_EQ(desk.counts(0).asked, 1u);
  EXPECT_EQ(desk.counts(0).in_flight, 1u);
  facts = {};
  run();
  EXPECT_EQ(facts.facts.front().passed, 7);
  EXPECT_EQ(ask_and_run(70).passed, 7) << "there is room again";
}

TEST_F(check_desk_test, who_is_not_served_is_missed) {
  answers(3, 5 * ms);
  const check_fact_record f = ask_and_run(50, static_cast<std::uint8_t>(bit_of_check(3) | bit_of_check(8)));
  EXPECT_EQ(f.passed, bit_of_check(3));
  EXPECT_EQ(f.missed, bit_of_check(8));
}

TEST_F(check_desk_test, a_payment_that_waits_is_not_asked_again) {
  answers(1, 50 * ms);
  answers(2, 50 * ms);
  answers(3, 50 * ms);
  desk.ask(call(50), now, facts);
  now += ms;
  desk.ask(call(50), now, facts);
  desk.ask(call(60), now, facts);
  EXPECT_EQ(drivers[1]->asked, 2);
  EXPECT_EQ(desk.waiting(), 2u);
  EXPECT_EQ(desk.waiting_since(), start) << "the oldest";
  run();
  EXPECT_EQ(facts.facts.size(), 1u);
  EXPECT_EQ(desk.waiting_since(), start + ms);
  facts = {};
  run();
  EXPECT_EQ(desk.waiting_since(), 0u);
}

TEST_F(check_desk_test, repeated_answers_count_once) {
  answers(1, 10 * ms);
  answers(2, 40 * ms);
  answers(3, 10 * ms);
  desk.ask(call(50), now, facts);
  drivers[1]->coming.push_back({now + 20 * ms, {u128{50}, 4, refuse}});  // and says another thing now
  run();
  EXPECT_EQ(facts.facts.front().passed, 7);
  EXPECT_EQ(desk.counts(0).late, 1u);
  EXPECT_EQ(desk.counts(0).refused, 0u);
}

TEST_F(check_desk_test, asked_after_the_deadline_all_are_missed) {
  core::check_call c = call(50);
  c.deadline_at = now;
  desk.ask(c, now, facts);
  ASSERT_EQ(facts.facts.size(), 1u);
  EXPECT_EQ(facts.facts.front().missed, 7);
  EXPECT_EQ(drivers[1]->asked, 0);
}

TEST(simulated_check, answers_the_same_when_it_is_asked_again) {
  core::catalog::simulated_check_settings s;
  s.seed = 9;
  s.answer_ms_min = 3;
  s.answer_ms_max = 40;
  s.refused = 100;
  s.silent = 50;
  s.answered_twice = 30;
  core::simulated_check first(s), second(s);
  core::check_call c;
  std::vector<core::check_answer> a, b;
  for (int i = 0; i < 5000; ++i) {
    c.payment = make_u128(static_cast<std::uint64_t>(i), 77);
    first.ask(c, start);
    second.ask(c, start + 5);
  }
  first.poll(start + 2 * ms, 1 << 20, a);
  EXPECT_TRUE(a.empty()) << "nothing comes before the shortest answer";
  first.poll(start + 60 * ms, 1 << 20, a);
  second.poll(start + 60 * ms, 1 << 20, b);
  EXPECT_EQ(first.next_at(), 0u);
  ASSERT_EQ(a.size(), b.size());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].payment, b[i].payment);
    EXPECT_EQ(a[i].verdict, b[i].verdict);
    refused += a[i].verdict == refuse;
  }
  // 5,000 questions: about 5 % silent, of the rest 3 % told twice, 10 % refused.
  EXPECT_NEAR(static_cast<double>(a.size()), 5000 * 0.95 * 1.03, 150);
  EXPECT_NEAR(static_cast<double>(refused), 5000 * 0.1 * 1.03, 120);
}

}  // namespace
}  // namespace payloom::test
