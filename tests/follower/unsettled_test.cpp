// Goal: what merchants have not got yet is right by date, after any restart, and adds up to their balances: settled +
// unsettled = everything that was ever posted (issue 3, fund management). Method: units by hand; random histories with
// batches against a list of all postings, wherever the index ends.
#include <gtest/gtest.h>

#include <random>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/unsettled.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom::testing {
namespace {

using follower::unsettled_account;

signed_sum signed_net(unsettled_account::net n) {
  return n.negative ? -static_cast<signed_sum>(n.minor) : static_cast<signed_sum>(n.minor);
}

TEST(unsettled, batches_take_everything_up_to_their_day_once) {
  unsettled_account a;
  a.credit(20'261'120, 100);
  a.credit(20'261'121, 50);
  a.debit(20'261'121, 70);
  a.credit(20'261'122, 7);
  EXPECT_EQ(signed_net(a.net_through(20'261'119)), 0);
  EXPECT_EQ(signed_net(a.net_through(20'261'120)), 100);
  EXPECT_EQ(signed_net(a.net_through(20'261'121)), 80);
  EXPECT_EQ(signed_net(a.net_through(20'261'122)), 87);
  a.settle(20'261'121, 80);
  EXPECT_EQ(a.settled_through(), 20'261'121u);
  EXPECT_EQ(a.days().size(), 1u) << "nothing is left of what was settled";
  EXPECT_EQ(signed_net(a.net_through(20'261'121)), 0);
  EXPECT_EQ(signed_net(a.net_through(20'261'122)), 7);
  a.credit(20'261'120, 5);  // late: the next batch takes it
  EXPECT_EQ(signed_net(a.net_through(20'261'122)), 12);
}

TEST(unsettled, what_came_between_adding_up_and_batch_is_left) {
  unsettled_account a;
  a.credit(20'261'120, 100);
  a.credit(20'261'120, 30);  // after the adding up: the batch is of 100
  a.settle(20'261'120, 60);  // its legs: reserve, remainder
  a.settle(20'261'120, 40);
  EXPECT_EQ(signed_net(a.net_through(20'261'121)), 30);
  unsettled_account b;
  b.credit(20'261'120, 100);
  b.debit(20'261'120, 30);
  b.settle(20'261'120, 100);
  EXPECT_EQ(signed_net(b.net_through(20'261'121)), -30) << "a refund that came between waits and nets";
}

TEST(unsettled, sixty_four_days_are_kept_apart) {
  unsettled_account a;
  day_number day = 20'260'101;
  for (std::uint32_t i = 0; i < 100; ++i, day = plus_days(day, 1)) a.credit(day, 1);
  ASSERT_EQ(a.days().size(), limits::unsettled_days_max);
  EXPECT_EQ(a.days().front().day, plus_days(20'260'101, 36));
  EXPECT_EQ(a.days().front().credits_minor, 37u) << "older ones count to the oldest day that is kept";
  EXPECT_EQ(signed_net(a.net_through(day)), 100);
  a.credit(20'260'101, 5);  // older than all: joins the oldest
  ASSERT_EQ(a.days().size(), limits::unsettled_days_max);
  EXPECT_EQ(a.days().front().credits_minor, 42u);
  EXPECT_EQ(signed_net(a.net_through(day)), 105);
}

/// Property: order of arrival does not matter but for batches; every day's sum is that of a plain list.
TEST(unsettled, any_order_of_dates) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    unsettled_account a;
    std::vector<std::pair<day_number, signed_sum>> list;
    signed_sum settled = 0;
    day_number through = 0;
    for (int i = 0; i < 300; ++i) {
      const day_number day = plus_days(20'261'101, static_cast<int>(random() % 40));
      const u128 amount = 1 + random() % 1000;
      if (random() % 30 == 0 && day > through) {
        a.settle(day, amount);
        settled += static_cast<signed_sum>(amount);
        through = day;
      } else {
        const bool credit = random() % 3 != 0;
        credit ? a.credit(day, amount) : a.debit(day, amount);
        list.emplace_back(day, credit ? static_cast<signed_sum>(amount) : -static_cast<signed_sum>(amount));
      }
    }
    for (day_number day = std::max<day_number>(through, 20'261'101); day < 20'261'215; day = plus_days(day, 1)) {
      signed_sum sum = -settled;
      for (const auto& [d, amount] : list) sum += d <= day ? amount : 0;
      ASSERT_EQ(signed_net(a.net_through(day)), sum) << "round " << round << ", day " << day;
    }
  }
}

/// Says in `settled` how many accounts have a batch.
void expect_sums_of_the_model(follower_fixture& f, std::size_t& settled) {
  settled = 0;
  f.behind->with_view([&](const follower::ledger_view& view) {
    for (const auto& [key, model] : f.history.pending()) {
      const std::uint32_t ordinal = view.accounts.find(key.first, key.second);
      ASSERT_NE(ordinal, follower::no_account);
      const unsettled_account* sums = view.books.unsettled_of(ordinal);
      ASSERT_EQ(sums == nullptr, model.postings.empty() && model.settled == 0);
      if (sums == nullptr) continue;
      ASSERT_EQ(sums->settled_through(), model.settled_through);
      settled += model.settled_through != 0 ? 1 : 0;
      const day_number first = std::max(model.settled_through, plus_days(random_history::first_day, -26));
      for (day_number day = first; day < plus_days(random_history::first_day, 40); day = plus_days(day, 1))
        ASSERT_EQ(signed_net(sums->net_through(day)), model.due(day)) << day;
      // settled + unsettled = all that was posted
      const follower::account_slot& slot = view.accounts.row(ordinal);
      ASSERT_EQ(signed_net(sums->net_through(99'991'231)),
                static_cast<signed_sum>(slot.credits_posted - slot.debits_posted));
    }
  });
}

TEST(unsettled, histories_with_batches_and_restarts_anywhere) {
  for (const std::uint64_t seed : {401, 402, 403}) {
    follower_fixture f(seed, 60);
    f.open();
    std::size_t settled = 0;
    for (int round = 0; round < 6; ++round) {
      f.history.run(3'000);
      ASSERT_TRUE(f.catch_up());
      expect_sums_of_the_model(f, settled);
      if (round % 2 == 0) {
        ASSERT_TRUE(f.flush()) << "the index ends here, maybe with a snapshot";
      }
      f.open();  // from the index's snapshot and the journal behind it
      ASSERT_TRUE(f.catch_up());
      expect_sums_of_the_model(f, settled);
    }
    f.close();
    EXPECT_GT(settled, 2u);
    EXPECT_GT(f.report.snapshot_seq, 0u) << "some restart began at a snapshot";
  }
}

TEST(unsettled, the_queries_show_the_same) {
  follower_fixture f(404, 60);
  f.open();
  f.history.run(12'000);
  ASSERT_TRUE(f.catch_up());
  follower::journal_fetcher fetcher(f.journal);
  follower::query_engine engine(f.journal, *f.behind, *f.store, fetcher);
  settlement_query query{};
  query.view = settlement_view::days;
  std::vector<settlement_row> rows;
  for (const auto& [key, model] : f.history.pending()) {
    query.merchant = model.merchant;
    query.limit = limits::settlement_rows_max;
    const auto out = engine.settlements(key.first, query, f.soon(), rows);
    ASSERT_EQ(out.code, result_code::ok);
    signed_sum sum = 0;
    for (const settlement_row& row : rows) {
      EXPECT_EQ(row.ledger, model.ledger);
      EXPECT_EQ(row.settled_before, model.settled_through);
      sum += (row.flags & settlement_row_flags::negative) != 0 ? -static_cast<signed_sum>(row.gross_minor)
                                                               : static_cast<signed_sum>(row.gross_minor);
    }
    EXPECT_EQ(sum, model.due(99'991'231));
  }
  // In pages: the same rows, and never a part of an account.
  query.merchant = 0;
  query.limit = limits::settlement_rows_max;
  std::vector<settlement_row> all;
  ASSERT_EQ(engine.settlements(0, query, f.soon(), all).code, result_code::ok);
  query.limit = limits::unsettled_days_max;
  std::vector<settlement_row> paged;
  for (bool more = true; more;) {
    const auto out = engine.settlements(0, query, f.soon(), rows);
    ASSERT_EQ(out.code, result_code::ok);
    paged.insert(paged.end(), rows.begin(), rows.end());
    more = out.more;
    query.cursor = out.cursor;
  }
  ASSERT_EQ(paged.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(same_bytes(paged[i], all[i]));
}

TEST(unsettled, wrong_queries_are_refused) {
  follower_fixture f(405);
  f.open();
  follower::journal_fetcher fetcher(f.journal);
  follower::query_engine engine(f.journal, *f.behind, *f.store, fetcher);
  std::vector<settlement_row> rows;
  settlement_query right{};
  right.merchant = 7;
  right.ledger = 978;
  right.limit = 10;
  const auto code = [&](auto&& change) {
    settlement_query q = right;
    change(q);
    return engine.settlements(0, q, f.soon(), rows).code;
  };
  EXPECT_EQ(code([](auto&) {}), result_code::ok);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(code([](auto& q) { q.limit = 0; }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.limit = 1001; }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.merchant = 0; }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.ledger = 0; }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.reserved[99] = 1; }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.view = static_cast<settlement_view>(2); }), result_code::query_malformed);
  EXPECT_EQ(code([](auto& q) { q.view = settlement_view::days; }), result_code::query_malformed) << "a short page";
  EXPECT_EQ(code([](auto& q) { q.cursor = 20'261'122; }), result_code::cursor_malformed);
}

}  // namespace
}  // namespace payloom::testing
