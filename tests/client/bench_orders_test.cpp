// Goal: `payloom bench --orders` pays at a real server, counts, and finds every cent; an order that is said to be paid
// and is not, or one that nobody knows of, makes the run fail.
#include <gtest/gtest.h>

#include <set>

#include "actors/app/bench/order_check.hpp"
#include "actors/app/bench/order_setup.hpp"
#include "actors/app/bench/run_bench.hpp"
#include "tests/support/own_server.hpp"

namespace payloom::bench {
namespace {

using kind = order_workload::kind;

constexpr std::uint64_t seed = 7, users = 50, merchants = 3;

options small_run(const support::own_server& server) {
  options opts;
  opts.address = server.address();
  opts.orders = true;
  opts.accounts = users;
  opts.merchants = merchants;
  opts.transfers = 5'000;
  opts.seconds = 0;
  opts.batch = 100;
  opts.connections = 3;
  opts.window = 4;
  opts.seed = seed;
  opts.sample = 0;
  return opts;
}

const order_workload& small_load() {
  static const order_workload load(workload(seed, users, 0), merchants);
  return load;
}

TEST(OrderWorkload, OrdersAreTheSameWhenMadeAgainAndTheirIdsNeverMeet) {
  const order_workload other(workload(seed + 1, users, 0), merchants);
  std::set<std::pair<std::uint64_t, std::uint64_t>> ids;
  std::set<std::uint64_t> seen_users, seen_merchants;
  for (std::uint64_t n = 0; n < 3'000; ++n) {
    for (const kind what : {kind::paid, kind::waiting, kind::holding}) {
      const order_record r = small_load().order(what, n);
      EXPECT_EQ(r.id, order_id_of(r.merchant, r.business_id));
      EXPECT_EQ(r.id, small_load().order(what, n).id);
      EXPECT_NE(r.id.value, other.order(what, n).id.value);
      EXPECT_EQ(r.amount_minor, small_load().sale_of(what, n).amount_minor);
      EXPECT_EQ((r.flags & order_flags::pay_now) != 0, what != kind::waiting);
      ids.emplace(hi64(r.id.value), lo64(r.id.value));
    }
    const sale s = small_load().sale_of(kind::paid, n);
    ASSERT_LT(s.user, users);
    ASSERT_LT(s.merchant, merchants);
    EXPECT_EQ(s.fee_minor, 25 + (s.amount_minor * 14 + 500) / 1000) << "25 cents and 1.4 %";
    seen_users.insert(s.user);
    seen_merchants.insert(s.merchant);
  }
  EXPECT_EQ(ids.size(), 9'000u);
  EXPECT_EQ(seen_users.size(), users);
  EXPECT_EQ(seen_merchants.size(), merchants);
}

TEST(OrderBench, PaysChecksAndReplaysWithOrdersThatWait) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  options opts = small_run(server);
  opts.waiting = 100;
  opts.holding = 150;
  const run_report report = run_once(opts, &server.process());
  ASSERT_TRUE(report.check.has_value());
  EXPECT_TRUE(report.passed()) << report.check->why;
  EXPECT_EQ(report.load.accepted, 5'000u);
  EXPECT_EQ(report.load.frames, 50u);
  EXPECT_EQ(report.check->accounts_checked, users + merchants + 3);
  EXPECT_EQ(report.check->ids_checked, 5'000u);
  EXPECT_GT(report.rss_before_open, 0u);
  EXPECT_GT(report.rss_with_open, 0u);

  opts.waiting = opts.holding = 0;
  const run_report again = run_once(opts, &server.process());
  EXPECT_EQ(again.load.replayed, 5'000u);
  EXPECT_EQ(again.load.accepted, 0u);
  EXPECT_TRUE(again.passed()) << again.check->why;
  EXPECT_EQ(server.stop(), 0);
}

TEST(OrderBench, WhatIsSaidToBePaidAndIsNotFailsTheCheck) {
  support::own_server server(PAYLOOM_PROGRAM);
  server.start();
  client::connect_options where;
  where.address = server.address();
  client::blocking_connection to(where);
  const auto before = prepare_orders(to, small_load());
  load_result result;
  result.numbers = 10;
  result.accepted_set = make_orders(to, small_load(), kind::paid, 10);
  result.accepted = 10;
  const held_orders held{4, make_orders(to, small_load(), kind::holding, 4)};
  EXPECT_TRUE(check_orders(to, small_load(), result, before, held, 0).passed);

  load_result more = result;
  more.accepted_set.insert(10);
  more.numbers = 11;
  const check_result missing = check_orders(to, small_load(), more, before, held, 0);
  EXPECT_FALSE(missing.passed);
  EXPECT_EQ(missing.ids_missing, 2u) << "its posting and its timeline";
  EXPECT_EQ(missing.accounts_wrong, 3u) << "user, merchant and fee income";

  const check_result unexpected = check_orders(to, small_load(), result, before, {}, 0);
  EXPECT_FALSE(unexpected.passed);
  EXPECT_EQ(unexpected.ids_missing, 0u);
  EXPECT_GE(unexpected.accounts_wrong, 2u);

  load_result unanswered = result;  // the answer to one of them was lost: the server knows that it is paid
  unanswered.accepted_set = {};
  unanswered.accepted_set.insert_range(0, 9);
  unanswered.unknown_transfers.emplace_back(9, 1);
  const check_result settled = check_orders(to, small_load(), unanswered, before, held, 0);
  EXPECT_TRUE(settled.passed) << settled.why;
  EXPECT_EQ(settled.unknown_executed, 1u);
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace payloom::bench
