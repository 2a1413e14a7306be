// Goal: every query equals the naive answer. Method: random queries of random shape, paged to their end in both
// directions, over a random history that lies in the index, in the tail and across both, while it grows.
#include <gtest/gtest.h>

#include <random>

#include "actors/follower/id_resolver.hpp"
#include "actors/follower/query_engine.hpp"
#include "tests/follower/follower_fixture.hpp"
#include "tests/follower/naive_queries.hpp"

namespace payloom {
namespace {

using follower::query_outcome;
using storage::run_kind;
using testing::follower_fixture;
using testing::model_event;
using testing::same_bytes;

class query_maker {
 public:
  query_maker(const testing::random_history& history, std::uint64_t seed) : history_(history), rng_(seed) {}

  std::uint64_t pick(std::uint64_t below) { return rng_() % below; }
  bool chance(std::uint32_t percent) { return pick(100) < percent; }
  tenant_id tenant() { return chance(30) ? 7 : 0; }

  query_record make(std::uint32_t percent_set) {
    query_record q{};
    const auto set = [&] { return chance(percent_set); };
    const auto& some = history_.events()[pick(history_.events().size())];
    // Half of the values come from one event, so that combined filters still find something.
    const bool together = chance(60);
    if (set()) q.account = together ? some.record.debit_account : account_id{1 + pick(20)};
    if (set()) q.debit_account = together ? some.record.debit_account : account_id{1 + pick(20)};
    if (set()) q.credit_account = together ? some.record.credit_account : account_id{1 + pick(20)};
    if (set()) q.user_data_128 = together ? some.record.user_data_128 : make_u128(pick(4), 5);
    if (set()) q.user_data_64 = together ? some.record.user_data_64 : pick(40);
    if (set()) q.user_data_32 = together ? some.record.user_data_32 : static_cast<std::uint32_t>(pick(6));
    if (set()) q.ledger = static_cast<ledger_id>(840 + pick(3));
    if (set()) q.code = static_cast<std::uint16_t>(1 + pick(6));
    if (set()) q.transfer_flags_set = static_cast<std::uint16_t>(1u << pick(9));
    if (set()) {
      const auto a = event_time(), b = event_time();
      q.time_from = chance(30) ? 0 : std::min(a, b);
      q.time_to = chance(30) ? 0 : std::max(a, b);
    }
    if (set()) {
      const auto a = 1 + pick(history_.last() + 5), b = 1 + pick(history_.last() + 5);
      q.sequence_from = chance(30) ? 0 : std::min(a, b);
      q.sequence_to = chance(30) ? 0 : std::max(a, b);
    }
    if (chance(50)) q.flags |= query_flags::backward;
    q.limit = static_cast<std::uint32_t>(chance(50) ? 1 + pick(30) : 1 + pick(2000));
    return q;
  }

 private:
  time_ns event_time() {
    const auto& e = history_.events()[pick(history_.events().size())];
    return e.timestamp + pick(3) - 1;
  }
  const testing::random_history& history_;
  std::mt19937_64 rng_;
};

struct query_fixture : follower_fixture {
  explicit query_fixture(std::uint64_t seed) : follower_fixture(seed) { restart(); }
  void restart() {
    open();
    fetcher = std::make_unique<follower::journal_fetcher>(journal);
    engine = std::make_unique<follower::query_engine>(journal, *behind, *store, *fetcher);
  }
  std::unique_ptr<follower::event_fetcher> fetcher;
  std::unique_ptr<follower::query_engine> engine;
};

/// Reads all pages and compares each row.
template <class Row, class Ask>
void expect_pages(query_record q, const std::vector<Row>& expected, const Ask& ask) {
  std::size_t at = 0;
  std::vector<Row> rows;
  q.limit = std::max(q.limit, static_cast<std::uint32_t>(expected.size() / 12 + 1));
  for (std::size_t page = 0; page <= expected.size(); ++page) {
    const query_outcome out = ask(q, rows);
    ASSERT_EQ(out.code, result_code::ok);
    ASSERT_LE(rows.size(), q.limit);
    for (const Row& row : rows) {
      ASSERT_LT(at, expected.size());
      ASSERT_TRUE(same_bytes(row, expected[at])) << "row " << at << " page " << page;
      ++at;
    }
    ASSERT_EQ(out.more, at < expected.size());
    if (!out.more) break;
    q.cursor = out.cursor;
  }
  ASSERT_EQ(at, expected.size());
}

void compare_transfers(query_fixture& f, query_maker& make, int times) {
  for (int i = 0; i < times; ++i) {
    const tenant_id tenant = make.tenant();
    const query_record q = make.make(i % 4 == 0 ? 50 : i % 4 == 1 ? 5 : 15);
    expect_pages(q, testing::naive_transfers(f.history, tenant, q), [&](const query_record& page, auto& rows) {
      return f.engine->list_transfers(tenant, page, f.soon(), rows);
    });
    ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "query " << i;
  }
}

void compare_statements(query_fixture& f, query_maker& make, int times) {
  for (int i = 0; i < times; ++i) {
    query_record q = make.make(i % 3 == 0 ? 0 : 8);
    const auto& account = f.history.accounts()[make.pick(i % 2 == 0 ? 6 : f.history.accounts().size())];
    q.account = account.record.id;
    if (make.chance(30)) q.flags |= query_flags::debits;
    if (make.chance(30)) q.flags |= query_flags::credits;
    expect_pages(q, testing::naive_statement(f.history, account.tenant, q), [&](const query_record& page, auto& rows) {
      return f.engine->statement(account.tenant, page, f.soon(), rows);
    });
    ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "query " << i;
  }
}

TEST(queries, random_filters_equal_the_naive_answer) {
  query_fixture f(101);
  query_maker make(f.history, 7);
  for (int round = 0; round < 8; ++round) {
    f.history.run(3'000);
    // Rounds end wholly in the index, partly in the tail, or right after a restart.
    if (round % 3 == 1) {
      ASSERT_TRUE(f.flush());
    }
    if (round % 3 == 2) f.restart();
    compare_transfers(f, make, 120);
    compare_statements(f, make, 80);
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(f.history.last(), 20'000u);
}

TEST(queries, a_hot_account_is_paged_exactly_across_index_and_tail) {
  query_fixture f(103);
  // Few accounts: blocks of more than 512 lines.
  f.history.run(9'000, 2'000);
  ASSERT_TRUE(f.flush());
  f.history.run(4'000, 2'000);
  query_maker make(f.history, 9);
  compare_statements(f, make, 150);
}

TEST(queries, statements_are_exact_where_many_chunks_wait_for_the_index) {
  query_fixture f(109);
  f.history.run(5'000, 2'000);
  ASSERT_TRUE(f.flush());
  // The index stands still: chunks are closed but stay in the tail, more lines of an account than are counted back.
  const auto still = f.store->pause_ingesting();
  f.history.run(12'000, 2'000);
  ASSERT_TRUE(f.catch_up());
  query_maker make(f.history, 11);
  compare_statements(f, make, 150);
  compare_transfers(f, make, 100);
}

TEST(queries, look_ups_find_every_kind_of_id) {
  query_fixture f(105);
  f.history.run(6'000);
  ASSERT_TRUE(f.flush());
  f.history.run(2'000);
  for (const tenant_id tenant : {0u, 7u}) {
    std::vector<id_record> ids;
    std::vector<transfer_row> expected, rows;
    for (const model_event& e : f.history.events()) {
      if (e.kind == run_kind::accounts || e.tenant != tenant) continue;
      ids.push_back({e.record.id.value});
      if (e.kind == run_kind::changes || e.kind == run_kind::orders || e.is_other_refusal) continue;
      expected.push_back(testing::naive_row(e));
      if (e.kind == run_kind::seals) expected.back().code = result_code::id_sealed;
      ids.push_back({e.record.id.value + 1});  // nobody's
    }
    const query_outcome out = f.engine->lookup_transfers(tenant, ids, f.soon(), rows);
    EXPECT_EQ(out.sequence, f.history.last());
    ASSERT_EQ(rows.size(), expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_TRUE(same_bytes(rows[i], expected[i])) << i;
    EXPECT_EQ(f.engine->lookup_transfers(tenant + 1, ids, f.soon(), rows).code, result_code::ok);
    EXPECT_TRUE(rows.empty());
  }
}

TEST(queries, resolver_finds_events_and_what_became_of_them) {
  query_fixture f(107);
  f.history.run(5'000);
  ASSERT_TRUE(f.flush());
  f.history.run(2'000);
  follower::id_resolver resolver(f.journal, *f.behind, *f.store, *f.fetcher);
  std::vector<follower::id_request> requests;
  std::vector<const model_event*> asked;
  for (const model_event& e : f.history.events()) {
    if (e.kind == run_kind::accounts) continue;
    requests.push_back({e.tenant, e.record.id.value, e.sequence % 2 == 0 ? e.sequence : 0});
    asked.push_back(&e);
  }
  requests.push_back({0, 12345, 0});
  requests.push_back(requests[0]);
  std::vector<follower::id_answer> answers(requests.size());
  commit_seq as_of = 0;
  ASSERT_EQ(resolver.resolve(requests, answers, f.soon(), as_of), follower::resolve_status::ok);
  EXPECT_EQ(as_of, f.history.last());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_TRUE(answers[i].found);
    EXPECT_EQ(answers[i].event.sequence, asked[i]->sequence);
    EXPECT_EQ(answers[i].event.kind, asked[i]->kind);
    EXPECT_EQ(answers[i].event.timestamp, asked[i]->timestamp);
    EXPECT_EQ(answers[i].links.resolved_by, asked[i]->resolved_by);
    EXPECT_EQ(answers[i].links.reversed_minor, asked[i]->reversed);
  }
  EXPECT_FALSE(answers[asked.size()].found);
  EXPECT_EQ(answers.back().event.sequence, asked[0]->sequence);
}

TEST(queries, accounts_are_listed_with_filters_and_pages) {
  query_fixture f(109);
  f.history.run(4'000);
  query_maker make(f.history, 3);
  for (int i = 0; i < 200; ++i) {
    query_record q = make.make(i % 2 == 0 ? 10 : 25);
    const auto& some = f.history.accounts()[make.pick(f.history.accounts().size())];
    if (q.account.value != 0) q.account = some.record.id;
    if (q.user_data_128 != 0) q.user_data_128 = some.record.user_data_128;
    q.limit = 1 + q.limit % 30;
    std::vector<account_row> expected;
    for (const auto& account : f.history.accounts()) {
      const account_row row = testing::expected_row(account, f.history.last());
      const auto passes = [](auto wanted, auto have) { return wanted == decltype(wanted){} || wanted == have; };
      if (account.tenant != some.tenant || !passes(q.account, row.id) || !passes(q.ledger, row.ledger) ||
          !passes(q.code, row.code) || !passes(q.user_data_32, row.user_data_32) ||
          !passes(q.user_data_64, row.user_data_64) || !passes(q.user_data_128, row.user_data_128) ||
          row.timestamp < q.time_from || (q.time_to != 0 && row.timestamp > q.time_to) ||
          row.created_seq < q.sequence_from || (q.sequence_to != 0 && row.created_seq > q.sequence_to)) {
        continue;
      }
      expected.push_back(row);
    }
    if ((q.flags & query_flags::backward) != 0) std::reverse(expected.begin(), expected.end());
    expect_pages(q, expected, [&](const query_record& page, auto& rows) {
      return f.engine->list_accounts(some.tenant, page, f.soon(), rows);
    });
    ASSERT_FALSE(HasFatalFailure()) << "query " << i;
  }
}

TEST(queries, balances_stand_at_one_commit_while_the_ledger_moves) {
  query_fixture f(111);
  f.history.run(2'000);
  for (int round = 0; round < 20; ++round) {
    f.history.run(500);
    std::vector<id_record> ids;
    for (const auto& account : f.history.accounts()) {
      if (account.tenant == 0) ids.push_back({account.record.id.value});
    }
    std::vector<account_row> rows;
    const query_outcome out = f.engine->lookup_accounts(0, ids, f.soon(), rows);
    ASSERT_EQ(out.sequence, f.history.last());
    u128 debits = 0, credits = 0;
    for (const account_row& row : rows) {
      debits += row.counters.debits_posted;
      credits += row.counters.credits_posted;
      EXPECT_EQ(row.as_of, out.sequence);
    }
    EXPECT_TRUE(debits == credits);
  }
}

TEST(queries, bad_queries_and_unknown_accounts_are_refused) {
  query_fixture f(113);
  f.history.run(300);
  std::vector<transfer_row> transfers;
  std::vector<statement_row> lines;
  std::vector<account_row> accounts;
  query_record q{};
  const auto code = [&] { return f.engine->list_transfers(0, q, f.soon(), transfers).code; };
  EXPECT_EQ(code(), result_code::query_malformed);  // limit 0
  q.limit = limits::query_rows_max + 1;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.limit = 5;
  EXPECT_EQ(code(), result_code::ok);
  q.flags = 1u << 9;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.flags = 0;
  q.reserved[100] = 1;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.reserved[100] = 0;
  q.time_from = 5;
  q.time_to = 4;
  EXPECT_EQ(code(), result_code::query_malformed);
  q.time_to = 0;
  EXPECT_EQ(f.engine->statement(0, q, f.soon(), lines).code, result_code::query_malformed);
  q.account.value = 99'999'999;
  EXPECT_EQ(f.engine->statement(0, q, f.soon(), lines).code, result_code::not_found);
  EXPECT_EQ(f.engine->list_transfers(0, q, f.soon(), transfers).code, result_code::ok);
  EXPECT_TRUE(transfers.empty());
  q.cursor = ~std::uint64_t{0};
  EXPECT_EQ(f.engine->list_accounts(0, q, f.soon(), accounts).code, result_code::cursor_malformed);
  f.behind->stop();
  f.history.run(10);
  EXPECT_EQ(f.engine->list_transfers(0, q, f.soon(), transfers).code, result_code::deadline_exceeded);
}

TEST(queries, a_scan_ends_at_its_bound_and_goes_on_from_the_cursor) {
  query_fixture f(115);
  f.history.run(6'000);
  ASSERT_TRUE(f.catch_up());
  follower::query_options options;
  options.scan_events_max = 700;
  follower::query_engine engine(f.journal, *f.behind, *f.store, *f.fetcher, options);
  for (const std::uint16_t flags : {std::uint16_t{0}, query_flags::backward}) {
    query_record q{};
    q.code = 3;
    q.limit = 1'000;
    q.flags = flags;
    const auto expected = testing::naive_transfers(f.history, 0, q);
    std::vector<transfer_row> all, rows;
    int pages = 0;
    for (bool more = true; more; ++pages) {
      const query_outcome out = engine.list_transfers(0, q, f.soon(), rows);
      ASSERT_EQ(out.code, result_code::ok);
      all.insert(all.end(), rows.begin(), rows.end());
      q.cursor = out.cursor;
      more = out.more;
    }
    EXPECT_GE(pages, 8);
    ASSERT_EQ(all.size(), expected.size());
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_TRUE(same_bytes(all[i], expected[i]));
  }
}

}  // namespace
}  // namespace payloom
