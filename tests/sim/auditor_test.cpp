// Goal: the auditor is not blind. Method: a true history made by the sequential ledger is accepted; then the same
// history is told with one thing wrong, and each such lie must be reported.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/sim/auditor.hpp"
#include "tests/sim/sequential_ledger.hpp"
#include "tests/support/all_rules.hpp"

namespace payloom::sim {
namespace {
using namespace payloom::rule_rows;
namespace af = account_flags;
namespace tf = transfer_flags;
using rc = result_code;
constexpr time_ns second = 1'000'000'000;

// One frame with what it caused and what it was told.
struct told_frame {
  audit_request request;
  time_ns received_at = 0;
  commit_seq submitted_at = 0;
  std::vector<journal_event> events;
  std::vector<result_record> results;
  commit_seq durable_through = 0;
  bool answered = true;
};

struct history {
  std::vector<told_frame> frames;
  std::vector<account_snapshot> snapshot;
  told_frame& operator[](std::size_t i) { return frames[i]; }
};

audit_request ask(std::vector<rule_record> records) {
  const rule_step s = step(std::move(records));
  audit_request q{.type = type_of(s), .tenant = 0, .records = {}};
  for (const rule_record& r : s.records) std::visit([&](const auto& x) { q.records.emplace_back(x); }, r);
  return q;
}

// Frames 0..: accounts, money, a hold that expires, a chain, refusals, a replay, changes, a seal.
enum place : std::size_t {
  accounts,
  funds,
  holds,
  late,
  chain,
  refused,
  replay,
  capped,
  sealed,
  balanced,
  balanced_again
};

history true_history() {
  sequential_ledger ledger;
  history h;
  const auto add = [&](audit_request q, time_ns wait = 0) {
    told_frame f{.request = std::move(q),
                 .received_at = ledger.now() + 1,
                 .submitted_at = ledger.model().head(),
                 .events = {},
                 .results = {},
                 .durable_through = 0};
    const std::size_t before = ledger.journal().size();
    ledger.advance(wait);
    f.results = ledger.execute(f.request);
    f.events.assign(ledger.journal().begin() + static_cast<std::ptrdiff_t>(before), ledger.journal().end());
    f.durable_through = ledger.model().head();
    h.frames.push_back(std::move(f));
  };
  add(ask({account(alice), account(bob), account(purse, af::debits_must_not_exceed_credits),
           account(overdraft, af::debits_must_not_exceed_credits, 50)}));
  add(ask({single(10, alice, purse, 100)}));
  add(ask({hold(20, purse, bob, 30), hold(21, purse, bob, 30, 5)}));
  add(ask({capture(30, 20, 25)}), 5 * second);
  add(ask(
      {linked(single(40, alice, overdraft, 10)), linked(single(41, overdraft, bob, 60)), single(42, alice, bob, 1)}));
  add(ask({single(43, purse, bob, 76)}));
  add(ask({single(10, alice, purse, 100), single(43, purse, bob, 76)}));
  add(ask({change(50, overdraft, account_change_kind::set_limit, 0, 60)}));
  add(ask({id_record{60}}));
  add(ask({single(70, purse, bob, 50, tf::balancing_debit)}));
  add(ask({single(71, purse, bob, 50, tf::balancing_debit)}));
  h.snapshot = ledger.snapshot();
  return h;
}

std::vector<std::string> judge(const history& h) {
  auditor a;
  for (const told_frame& f : h.frames) {
    const auto handle = a.submitted(f.request, f.received_at, f.submitted_at);
    for (const journal_event& e : f.events) a.journaled(e);
    if (f.answered) a.finished(handle, f.results, f.durable_through);
  }
  if (!h.snapshot.empty()) a.final_state(h.snapshot);
  return a.violations();
}

testing::AssertionResult reported(const std::function<void(history&)>& lie, const std::string& word) {
  history h = true_history();
  lie(h);
  const auto found = judge(h);
  for (const std::string& v : found)
    if (v.find(word) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "not reported as \"" << word
                                     << "\"; said: " << (found.empty() ? "nothing" : found.front());
}

// Renumbers the journal after events were added or taken away, and what was told of them.
void renumber(history& h) {
  commit_seq next = 1;
  for (told_frame& f : h.frames) {
    for (journal_event& e : f.events) {
      for (result_record& r : f.results)
        if (r.sequence == e.sequence && r.timestamp == e.timestamp) r.sequence = next;
      e.sequence = next++;
    }
    f.durable_through = next - 1;
    f.submitted_at = std::min(f.submitted_at, next - 1);
  }
}

template <class Edit>
void edit(journal_event& e, Edit change_it) {
  auto r = e.record.as<transfer_record>();
  change_it(r);
  e.record = raw_record(r);
}

TEST(auditor, accepts_the_truth) {
  const auto found = judge(true_history());
  EXPECT_TRUE(found.empty()) << found.front();
}

TEST(auditor, reports_lost_effects) {
  EXPECT_TRUE(reported([](history& h) { h[funds].events.clear(), renumber(h); }, "no such event"));
  EXPECT_TRUE(reported([](history& h) { h[refused].events.clear(), renumber(h); }, "not stored"));
  EXPECT_TRUE(reported([](history& h) { h[sealed].events.clear(), renumber(h); }, "not durable"));
  EXPECT_TRUE(reported([](history& h) { h[funds].events.clear(); }, "follows"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot[0].sums.debits_posted -= 1; }, "other sums"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot[0].sums.debits_posted -= 1; }, "sum to zero"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot[1].sums.credits_pending += 1; }, "sum to zero"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot.pop_back(); }, "is missing"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot[0].flags |= af::stop_in; }, "other flags"));
  EXPECT_TRUE(reported([](history& h) { h.snapshot[0].overdraft_limit_minor = 1; }, "another limit"));
}

TEST(auditor, reports_double_effects) {
  EXPECT_TRUE(reported([](history& h) { h[funds].events.push_back(h[funds].events[0]), renumber(h); }, "used before"));
  EXPECT_TRUE(reported(
      [](history& h) {
        journal_event invented = h[funds].events[0];
        edit(invented, [](auto& r) { r.id.value = 999; });
        h[funds].events.push_back(invented), renumber(h);
      },
      "nobody asked"));
  EXPECT_TRUE(reported([](history& h) { h[replay].results[0].flags = 0; }, "no such event"));
  // A hold resolved a second time under another id.
  EXPECT_TRUE(reported(
      [](history& h) {
        told_frame again = h[late];
        again.request = ask({void_of(31, 20)});
        again.events = {again.events.back()};
        edit(again.events[0], [](auto& r) { r.id.value = 31, r.amount_minor = 30, r.flags = tf::void_hold; });
        again.results.resize(1);
        h.frames.insert(h.frames.begin() + late + 1, again), renumber(h);
      },
      "hold_already_captured"));
}

TEST(auditor, reports_wrong_codes) {
  EXPECT_TRUE(reported(
      [](history& h) {
        h[refused].events[0].code = rc::exceeds_debits, h[refused].results[0].code = rc::exceeds_debits;
      },
      "exceeds_credits"));
  EXPECT_TRUE(reported([](history& h) { h[refused].results[0].code = rc::exceeds_debits; }, "not stored"));
  EXPECT_TRUE(reported([](history& h) { h[refused].events[0].as_of = 1; }, "before its request"));
  EXPECT_TRUE(reported([](history& h) { h[refused].events[0].as_of = h[refused].events[0].sequence; }, "later commit"));
  EXPECT_TRUE(reported([](history& h) { h[refused].results[0].timestamp = 5; }, "not stored"));
  EXPECT_TRUE(reported([](history& h) { h[sealed].results[0].code = rc::ok; }, "no such event"));
  // A refusal of what the rules allow.
  EXPECT_TRUE(reported(
      [](history& h) {
        journal_event& e = h[balanced].events[0];
        e.kind = journal_kind::refusal, e.code = rc::nothing_available, e.refused_type = frame_type::create_transfers;
        e.as_of = e.sequence - 1, e.record = h[balanced].request.records[0];
      },
      "the rules answer ok"));
  EXPECT_TRUE(reported([](history& h) { h[funds].results[0].code = rc::code_must_not_be_zero; }, "the rules say"));
}

TEST(auditor, reports_broken_limits_and_amounts) {
  EXPECT_TRUE(reported(
      [](history& h) {  // executed although it was to be refused
        journal_event& e = h[refused].events[0];
        e.kind = journal_kind::transfer;
        h[refused].results[0] = {.sequence = e.sequence,
                                 .timestamp = e.timestamp,
                                 .code = rc::ok,
                                 .flags = 0,
                                 .retry_after_ms = 0,
                                 .rule = 0,
                                 .rule_version = 0,
                                 .reserved = 0};
      },
      "exceeds_credits"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[balanced].events[0], [](auto& r) { r.amount_minor += 1; }); }, "moved more"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[balanced].events[0], [](auto& r) { r.amount_minor -= 1; }); }, "moved less"));
  EXPECT_TRUE(reported([](history& h) { edit(h[funds].events[0], [](auto& r) { r.amount_minor += 1; }); }, "differs"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[late].events.back(), [](auto& r) { r.amount_minor += 1; }); }, "differs"));
  EXPECT_TRUE(reported([](history& h) { h[capped].events[0].limit_after = 61; }, "another outcome"));
  EXPECT_TRUE(reported([](history& h) { h[capped].events[0].flags_after = 0; }, "another outcome"));
}

TEST(auditor, reports_wrong_replays_and_times) {
  EXPECT_TRUE(reported([](history& h) { h[replay].results[0].timestamp += 1; }, "the rules say"));
  EXPECT_TRUE(reported([](history& h) { h[replay].results[0].sequence += 1; }, "the rules say"));
  EXPECT_TRUE(reported([](history& h) { h[replay].results[1].sequence += 1; }, "the rules say"));
  EXPECT_TRUE(reported([](history& h) { h[funds].results[0].timestamp += 1; }, "no such event"));
  EXPECT_TRUE(reported([](history& h) { h[holds].events[1].timestamp = h[holds].events[0].timestamp; }, "ascend"));
  EXPECT_TRUE(reported([](history& h) { h[funds].durable_through += 1; }, "not durable"));
  EXPECT_TRUE(reported([](history& h) { h[funds].results.clear(); }, "number of results"));
}

TEST(auditor, reports_wrong_expiries) {
  EXPECT_TRUE(reported(
      [](history& h) {  // the hold and its expiry as they were, but the clock stood still
        for (std::size_t i = late; i < h.frames.size(); ++i)
          for (journal_event& e : h[i].events) e.timestamp -= 5 * second;
      },
      "before its time"));
  EXPECT_TRUE(reported([](history& h) { edit(h[late].events[0], [](auto& r) { r.target_id.value = 20; }); },
                       "before its time"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[late].events[0], [](auto& r) { r.target_id.value = 10; }); }, "no hold"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[late].events[0], [](auto& r) { r.target_id.value = 11; }); }, "nothing"));
  EXPECT_TRUE(reported([](history& h) { edit(h[late].events[0], [](auto& r) { r.amount_minor = 1; }); },
                       "differs from its hold"));
  EXPECT_TRUE(
      reported([](history& h) { edit(h[late].events[0], [](auto& r) { r.flags = tf::expiry; }); }, "other flags"));
  EXPECT_TRUE(reported(
      [](history& h) {
        journal_event twice = h[late].events[0];
        edit(twice, [](auto& r) { r.id.value = 998; });
        h[late].events.insert(h[late].events.begin() + 1, twice), renumber(h);
      },
      "resolved before"));
}

TEST(auditor, reports_damaged_chains) {
  EXPECT_TRUE(reported([](history& h) { h[chain].events.pop_back(), renumber(h); }, "half a chain"));
  EXPECT_TRUE(
      reported([](history& h) { h[chain].events.erase(h[chain].events.begin()), renumber(h); }, "half a chain"));
  EXPECT_TRUE(reported(
      [](history& h) {  // written as three singles
        for (journal_event& e : h[chain].events) e.unit_index = 0, e.unit_size = 1;
      },
      "its place in the chain"));
  EXPECT_TRUE(reported([](history& h) { std::swap(h[chain].events[0], h[chain].events[1]); }, "half a chain"));
  EXPECT_TRUE(reported([](history& h) { h[chain].results[1].code = rc::linked_event_failed; }, "the rules say"));
  EXPECT_TRUE(reported(
      [](history& h) {
        for (result_record& r : h[chain].results) r = {}, r.code = rc::linked_event_failed;
        h[chain].results[1].code = rc::busy;
      },
      "but it was journaled"));
  EXPECT_TRUE(reported([](history& h) { h[chain].results[1].code = rc::busy; }, "in part"));
}

TEST(auditor, nothing_happened_must_be_true) {
  for (rc code : {rc::overloaded, rc::busy, rc::deadline_exceeded, rc::unavailable, rc::draining})
    EXPECT_TRUE(reported([code](history& h) { h[balanced].results[0] = {}, h[balanced].results[0].code = code; },
                         "but it was journaled"));
  // And when it is true it is accepted, after which an effect is one that nobody asked for.
  history h = true_history();
  told_frame& f = h[balanced_again];
  const std::vector<journal_event> effect = f.events;
  f.events.clear();
  f.results[0] = {};
  f.results[0].code = rc::busy;
  f.durable_through -= 1;
  h.snapshot.clear();
  EXPECT_TRUE(judge(h).empty());
  h.frames.emplace_back(told_frame{}).events = effect;
  const auto found = judge(h);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("nobody asked"), std::string::npos);
}

TEST(auditor, a_crash_may_lose_answers_but_no_events) {
  history h = true_history();
  h[funds].answered = false;
  auditor a;
  const auto feed = [&](const told_frame& f) {
    const auto handle = a.submitted(f.request, f.received_at, f.submitted_at);
    for (const journal_event& e : f.events) a.journaled(e);
    if (f.answered) a.finished(handle, f.results, f.durable_through);
  };
  feed(h[accounts]);
  feed(h[funds]);
  a.restarted(a.model().head());
  EXPECT_TRUE(a.violations().empty());
  // The repeat gets the stored result, flagged; told as new it is a double effect.
  const auto handle = a.submitted(h[funds].request, h[holds].received_at, a.model().head());
  std::vector<result_record> again = h[funds].results;
  again[0].flags = result_flags::replayed;
  a.finished(handle, again, a.model().head());
  EXPECT_TRUE(a.violations().empty());
  a.restarted(a.model().head() - 1);
  EXPECT_EQ(a.violations().size(), 1u);
}

// A refusal may rest on any state between submission and as_of, and on none before.
TEST(auditor, accepts_refusals_of_the_states_in_between_only) {
  for (const bool too_old : {false, true}) {
    history h = true_history();
    auditor a;
    std::uint64_t open = 0;
    const audit_request poor = ask({single(80, overdraft, bob, 5)});  // refused until the limit is raised to 60
    for (std::size_t i = 0; i < h.frames.size(); ++i) {
      const told_frame& f = h.frames[i];
      if (i == (too_old ? capped + 1 : capped)) open = a.submitted(poor, f.received_at, a.model().head());
      const auto handle = a.submitted(f.request, f.received_at, f.submitted_at);
      for (const journal_event& e : f.events) a.journaled(e);
      a.finished(handle, f.results, f.durable_through);
    }
    journal_event e;
    e.sequence = a.model().head() + 1;
    e.timestamp = h.frames.back().received_at + second;
    e.kind = journal_kind::refusal;
    e.refused_type = frame_type::create_transfers;
    e.record = poor.records[0];
    e.code = rc::exceeds_credits;
    e.as_of = a.model().head();
    a.journaled(e);
    const result_record r{.sequence = e.as_of,
                          .timestamp = 0,
                          .code = e.code,
                          .flags = 0,
                          .retry_after_ms = 0,
                          .rule = 0,
                          .rule_version = 0,
                          .reserved = 0};
    a.finished(open, std::span(&r, 1), a.model().head());
    EXPECT_EQ(a.violations().empty(), !too_old) << too_old;
  }
}

TEST(auditor, checks_balances_in_results) {
  for (const int wrong : {0, 1, 2, 3}) {
    history h = true_history();
    auditor a;
    for (std::size_t i = 0; i <= funds; ++i) {
      const told_frame& f = h.frames[i];
      const auto handle = a.submitted(f.request, f.received_at, f.submitted_at);
      for (const journal_event& e : f.events) a.journaled(e);
      balances_result b{};
      b.result = f.results[0];
      b.result.flags = result_flags::balances;
      b.amount_minor = 100 + (wrong == 1);
      b.debit.debits_posted = 100 + (wrong == 2);
      b.credit.credits_posted = 100 + (wrong == 3);
      a.finished(handle, f.results, f.durable_through, i == funds ? std::span(&b, 1) : std::span<balances_result>{});
    }
    EXPECT_EQ(a.violations().empty(), wrong == 0) << wrong;
  }
}

}  // namespace
}  // namespace payloom::sim
