// Settlement over the wire (issue 3, fund management; domain 1.5): what merchants have pending becomes available once,
// whoever asks, however often, at once, and across kills; settled + unsettled = everything that was paid.
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "protocol/client/sync_client.hpp"
#include "protocol/types/settlement.hpp"
#include "tests/e2e/orders_fixture.hpp"

namespace payloom::e2e {
namespace {

constexpr int looks_max = 3000;
constexpr auto between_looks = std::chrono::milliseconds(10);
const std::string by_command_only = "payments.settle_automatically=false";

day_number today() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return utc_day_of(static_cast<time_ns>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
}

}  // namespace

class settlement : public orders_fixture {
 protected:
  /// The platform's accounts, one user with money, and merchants with their accounts.
  void open_all(client::blocking_connection& to, owner_number merchants, bool available = true) {
    std::vector<account_record> accounts = {chart_account("fee_income"), chart_account("refund_transit"),
                                            chart_account("bank", 1), chart_account("user_available", 1)};
    for (owner_number m = merchant; m < merchant + merchants; ++m) {
      accounts.push_back(chart_account("merchant_pending", m));
      accounts.push_back(chart_account("merchant_reserve", m));
      if (available) accounts.push_back(chart_account("merchant_available", m));
    }
    for (const result_record& r : send(to, frame_type::create_accounts, accounts)) ASSERT_EQ(name_of(r.code), "ok");
    const auto funded = send_one(to, transfer(account_of("bank", 1), account_of("user_available", 1), 1'000'000'000));
    ASSERT_EQ(name_of(funded.code), "ok");
  }
  /// A paid sale of a merchant for an accounting date.
  order_record sale_of(owner_number of, u128 amount, day_number day) {
    order_record r = order(1, amount, instant_sale, order_flags::pay_now);
    r.merchant = of;
    r.id = order_id_of(of, r.business_id);
    r.accounting_date = day;
    return r;
  }
  void sell(client::blocking_connection& to, u128 amount, day_number day, owner_number of = merchant) {
    ASSERT_EQ(create(to, sale_of(of, amount, day)), "ok");
  }
  static std::vector<settlement_row> settle(client::blocking_connection& to, settle_request request = {}) {
    std::vector<settlement_row> rows;
    request.limit = request.limit == 0 ? limits::settlement_rows_max : request.limit;
    for (bool more = true; more;) {
      const client::reply reply = to.call(frame_type::settle, std::span<const settle_request>(&request, 1));
      EXPECT_EQ(name_of(reply.code()), "ok");
      const auto page = reply.rows<settlement_row>();
      rows.insert(rows.end(), page.begin(), page.end());
      more = (reply.header.flags & frame_flags::more) != 0;
      request.cursor = reply.header.cursor;
    }
    return rows;
  }
  static std::vector<settlement_row> settle_through(client::blocking_connection& to, day_number day) {
    settle_request request{};
    request.through_date = day;
    return settle(to, request);
  }
  static std::vector<settlement_row> ask(client::blocking_connection& to, settlement_view view,
                                         owner_number of = merchant) {
    settlement_query q{};
    q.merchant = of;
    q.ledger = euro;
    q.view = view;
    q.limit = limits::settlement_rows_max;
    const client::reply reply = to.call(frame_type::settlements, std::span<const settlement_query>(&q, 1));
    EXPECT_EQ(name_of(reply.code()), "ok");
    const auto rows = reply.rows<settlement_row>();
    return {rows.begin(), rows.end()};
  }
  /// 10.00 less the standard fee.
  static constexpr std::int64_t earned = 1'000 - 39;
  const day_number due_day = plus_days(today(), -3);  ///< due by the shipped plan at any time of today
};

TEST_F(settlement, what_is_due_is_settled_once) {
  start({by_command_only});
  auto to = connect();
  open_all(to, 2, false);
  EXPECT_TRUE(settle(to).empty()) << "nothing was earned";
  for (int i = 0; i < 5; ++i) sell(to, 1'000, due_day);
  sell(to, 1'000, today());

  settle_request dry{};
  dry.flags = settle_flags::dry_run;
  auto rows = settle(to, dry);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(lo64(rows[0].gross_minor), static_cast<std::uint64_t>(5 * earned));
  EXPECT_EQ(rows[0].flags, settlement_row_flags::dry_run);
  EXPECT_EQ(rows[0].sequence, 0u);
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 6 * earned) << "only said";

  rows = settle(to);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(name_of(rows[0].code), "credit_account_not_found");
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 6 * earned);
  const account_record available = chart_account("merchant_available", merchant);
  ASSERT_EQ(name_of(send(to, frame_type::create_accounts, std::vector{available}).front().code), "ok");
  rows = settle(to);
  ASSERT_EQ(rows.size(), 1u);
  const settlement_row first = rows[0];
  EXPECT_EQ(name_of(first.code), "ok") << "a refusal left nothing behind";
  EXPECT_EQ(first.flags, 0);
  EXPECT_EQ(first.available_minor, first.gross_minor);
  EXPECT_EQ(first.order.value, settlement_id_of(merchant, euro, first.through_date).value);
  EXPECT_EQ(balance(to, "merchant_pending", merchant), earned) << "today's is not due";
  EXPECT_EQ(balance(to, "merchant_available", merchant), 5 * earned);

  const auto expect_replay = [&](client::blocking_connection& by) {
    const auto again = settle_through(by, first.through_date);
    ASSERT_EQ(again.size(), 1u);
    settlement_row expected = first;
    expected.flags = settlement_row_flags::replayed;
    EXPECT_EQ(std::memcmp(&again[0], &expected, sizeof expected), 0);
  };
  expect_replay(to);
  sell(to, 2'000, due_day);  // late: in the next batch
  expect_replay(to);
  server->kill_now();
  start({by_command_only, "topology.order_shards=3", "topology.account_shards=2"});
  auto later = connect();
  expect_replay(later);
  EXPECT_EQ(balance(later, "merchant_available", merchant), 5 * earned);
  rows = settle_through(later, today());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].settled_before, first.through_date);
  EXPECT_EQ(balance(later, "merchant_pending", merchant), 0);
  EXPECT_EQ(balance(later, "merchant_available", merchant), 6 * earned + 2'000 - 53);

  const auto batches = ask(later, settlement_view::batches);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].through_date, today());
  EXPECT_EQ(std::memcmp(&batches[1], &first, sizeof first), 0);
  EXPECT_TRUE(ask(later, settlement_view::days).empty());
  const auto events = timeline(later, first.order.value);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event.legs, 1);
  expect_verified();
}

TEST_F(settlement, only_the_server_makes_batches) {
  start({by_command_only});
  auto to = connect();
  open_all(to, 1);
  order_record batch = sale_of(merchant, 1'000, 0);
  batch.business_id = settlement_business_id(euro, due_day);
  batch.id = settlement_id_of(merchant, euro, due_day);
  EXPECT_EQ(create(to, batch), "business_id_reserved");
  batch.product = settlement_product;
  EXPECT_EQ(create(to, batch), "product_is_the_servers");
  sell(to, 1'000, due_day);
  const auto rows = settle(to);
  ASSERT_EQ(rows.size(), 1u);
  order_record settled{};
  settled.id = rows[0].order;
  for (const order_action what : {order_action::refund, order_action::cancel, order_action::pay})
    EXPECT_EQ(act(to, action(settled, what)), "order_state_refuses");
  settle_request request{};
  const auto code = [&] {
    return std::string(name_of(to.call(frame_type::settle, std::span<const settle_request>(&request, 1)).code()));
  };
  EXPECT_EQ(code(), "query_malformed") << "no limit";
  request.limit = 1;
  request.through_date = plus_days(today(), 2);
  EXPECT_EQ(code(), "settlement_day_wrong");
  request.through_date = 20'261'301;
  EXPECT_EQ(code(), "settlement_day_wrong");
}

TEST_F(settlement, little_and_negative_sums_wait) {
  start({by_command_only});
  auto to = connect();
  open_all(to, 1);
  sell(to, 100, due_day);  // less the fee: 74
  auto rows = settle_through(to, due_day);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(name_of(rows[0].code), "settlement_below_minimum");
  const order_record returned = sale_of(merchant, 1'000, due_day);
  ASSERT_EQ(create(to, returned), "ok");
  rows = settle_through(to, due_day);
  EXPECT_EQ(name_of(rows.at(0).code), "ok");
  ASSERT_EQ(act(to, action(returned, order_action::refund)), "ok");
  rows = settle_through(to, today());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(name_of(rows[0].code), "settlement_negative");
  EXPECT_EQ(rows[0].flags, settlement_row_flags::negative);
  EXPECT_EQ(lo64(rows[0].gross_minor), 1'000u) << "a refund takes what the buyer paid";
  sell(to, 2'000, today());
  rows = settle_through(to, today());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(name_of(rows[0].code), "ok") << "it nets";
  EXPECT_EQ(lo64(rows[0].gross_minor), 2'000u - 53 - 1'000);
  settle_request passed{};
  passed.merchant = merchant;
  passed.through_date = plus_days(today(), -2);
  rows = settle(to, passed);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(name_of(rows[0].code), "settlement_day_passed");
  expect_verified();
}

TEST_F(settlement, many_at_once_settle_everything_once) {
  start({by_command_only, "topology.order_shards=3", "topology.account_shards=2"});
  constexpr owner_number merchants = 60;
  constexpr int clients = 6;
  auto to = connect();
  open_all(to, merchants);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&, c] {
      auto by = connect();
      settle_request request{};
      // Different days overlap on purpose: each batch must take what none before it has.
      request.through_date = c % 2 == 0 ? today() : plus_days(today(), -c);
      request.limit = 7;
      while (!stop)
        for (const settlement_row& row : settle(by, request))
          ASSERT_TRUE(row.code == result_code::ok || row.code == result_code::settlement_negative) << name_of(row.code);
    });
  }
  std::int64_t sold = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<order_record> frame;
    for (owner_number m = merchant; m < merchant + merchants; ++m)
      frame.push_back(sale_of(m, 1'000, plus_days(today(), -round % 9)));
    for (const result_record& r : send(to, frame_type::create_orders, frame)) ASSERT_EQ(name_of(r.code), "ok");
    sold += static_cast<std::int64_t>(frame.size()) * earned;
  }
  stop = true;
  for (std::thread& t : threads) t.join();
  std::int64_t settled = 0, pending = 0, listed = 0;
  for (owner_number m = merchant; m < merchant + merchants; ++m) {
    settled += balance(to, "merchant_available", m);
    pending += balance(to, "merchant_pending", m);
    EXPECT_GE(balance(to, "merchant_pending", m), 0) << "nothing is settled that was not earned";
    for (const settlement_row& row : ask(to, settlement_view::batches, m))
      listed += static_cast<std::int64_t>(lo64(row.gross_minor));
  }
  EXPECT_EQ(settled + pending, sold);
  EXPECT_EQ(listed, settled);
  EXPECT_GT(settled, 0);
  expect_verified();
}

TEST_F(settlement, kills_and_repeats_settle_everything_once) {
  constexpr owner_number merchants = 300;
  start({by_command_only});
  {
    auto to = connect();
    open_all(to, merchants);
    for (int round = 0; round < 3; ++round) {
      std::vector<order_record> frame;
      for (owner_number m = merchant; m < merchant + merchants; ++m) frame.push_back(sale_of(m, 1'000, due_day));
      for (const result_record& r : send(to, frame_type::create_orders, frame)) ASSERT_EQ(name_of(r.code), "ok");
    }
  }
  for (int round = 0; round < 4; ++round) {
    std::atomic<int> pages{0};
    std::thread settler([&] {
      try {
        auto by = connect();
        settle_request request{};
        request.through_date = plus_days(due_day, round / 2);
        request.limit = 20;
        for (bool more = true; more; ++pages) {
          const client::reply reply = by.call(frame_type::settle, std::span<const settle_request>(&request, 1));
          more = (reply.header.flags & frame_flags::more) != 0;
          request.cursor = reply.header.cursor;
        }
      } catch (const client::connection_lost&) {
      }
    });
    while (pages < 3 + round) std::this_thread::yield();
    server->kill_now();
    settler.join();
    start({by_command_only, "topology.account_shards=" + std::to_string(1 + round)});
    expect_verified();
  }
  auto to = connect();
  for (const settlement_row& row : settle_through(to, today())) EXPECT_EQ(name_of(row.code), "ok");
  for (owner_number m = merchant; m < merchant + merchants; ++m) {
    EXPECT_EQ(balance(to, "merchant_pending", m), 0) << m;
    EXPECT_EQ(balance(to, "merchant_available", m), 3 * earned) << m;
  }
  expect_verified();
}

TEST_F(settlement, plans_that_are_due_are_settled_without_being_asked) {
  start({by_command_only});
  {
    auto to = connect();
    open_all(to, 2);
    sell(to, 1'000, due_day);
    sell(to, 1'000, due_day, merchant + 1);
    sell(to, 1'000, today());
  }
  server->kill_now();
  start();
  auto to = connect();
  for (const owner_number m : {merchant, merchant + 1})  // either may be the first
    for (int i = 0; i < looks_max && balance(to, "merchant_available", m) == 0; ++i)
      std::this_thread::sleep_for(between_looks);
  EXPECT_EQ(balance(to, "merchant_available", merchant), earned);
  EXPECT_EQ(balance(to, "merchant_available", merchant + 1), earned);
  EXPECT_EQ(balance(to, "merchant_pending", merchant), earned) << "today's is not due";
  expect_verified();
}

TEST_F(settlement, a_reserve_is_kept_as_the_merchants_plan_says) {
  const std::filesystem::path folder = directory.path() / "catalogue";
  std::filesystem::create_directory(folder);
  for (const config::shipped_file& file : config::shipped_files()) {
    std::string text(file.text);
    if (file.name == "settlements.yaml")
      text.replace(text.find("merchants: []"), 13, "merchants: [{merchant: 8, plan: merchant_weekly_reserve}]");
    std::ofstream(folder / file.name) << text;
  }
  start({by_command_only, "payments.folder=" + folder.string()});
  auto to = connect();
  open_all(to, 2);
  for (const owner_number of : {merchant, merchant + 1}) sell(to, 100'000, due_day, of);
  settle_through(to, today());
  constexpr std::int64_t net = 100'000 - 1'425;
  EXPECT_EQ(balance(to, "merchant_available", 7), net);
  EXPECT_EQ(balance(to, "merchant_reserve", 7), 0);
  EXPECT_EQ(balance(to, "merchant_reserve", 8), net / 10);
  EXPECT_EQ(balance(to, "merchant_available", 8), net - net / 10);
  const auto batches = ask(to, settlement_view::batches, 8);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(lo64(batches[0].reserve_minor), static_cast<std::uint64_t>(net / 10));
  const auto made = timeline(to, batches[0].order.value);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_NE(made[0].event.order.flags & order_row_flags::resident, 0) << "time releases it";
  EXPECT_EQ(made[0].event.order.timeout_at / 1'000'000'000, made[0].timestamp / 1'000'000'000 + 90 * 86'400);
  expect_verified();
}

TEST_F(settlement, a_bank_of_standing_orders_is_explained_to_the_last_cent) {
  start({by_command_only});
  const std::vector<std::string> words = {"import-orders", "--generate", "400", "--settle", "--json"};
  const auto first = verb(words);
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_NE(first.out.find("\"settlement\":{\"ok\":"), std::string::npos) << first.out;
  const auto again = verb(words);
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_NE(again.out.find("\"settled_before\":"), std::string::npos) << again.out;
  EXPECT_NE(again.out.find("\"balances_wrong\":0"), std::string::npos) << again.out;
  expect_verified();
}

TEST_F(settlement, the_client_library_asks_for_it) {
  start({by_command_only});
  auto to = connect();
  open_all(to, 1);
  sell(to, 1'000, due_day);
  client::client_options options;
  options.addresses = {address};
  client::sync_client c(options);
  settle_request request{};
  request.limit = 10;
  const client::answer made = c.settle(request);
  ASSERT_EQ(made.how, client::outcome::result);
  ASSERT_EQ(made.rows<settlement_row>().size(), 1u);
  settlement_query query{};
  query.merchant = merchant;
  query.ledger = euro;
  query.limit = 10;
  const client::answer listed = c.settlements(query);
  ASSERT_EQ(listed.rows<settlement_row>().size(), 1u);
  EXPECT_EQ(std::memcmp(&listed.rows<settlement_row>()[0], &made.rows<settlement_row>()[0], sizeof(settlement_row)), 0);
}

TEST_F(settlement, the_verbs_show_it) {
  start({by_command_only});
  auto to = connect();
  open_all(to, 1);
  sell(to, 1'000, due_day);
  const auto due = verb({"settlement", "due"});
  EXPECT_EQ(due.exit_code, 0) << due.err;
  EXPECT_NE(due.out.find("9.61"), std::string::npos) << due.out;
  EXPECT_NE(verb({"settlement", "due", "--days"}).out.find("9.61"), std::string::npos);
  const std::string through = std::to_string(due_day);
  const auto run = verb({"settlement", "run", "--through", through});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("settled"), std::string::npos) << run.out;
  EXPECT_NE(verb({"settlement", "run", "--through", through}).out.find("settled before"), std::string::npos);
  const auto list = verb({"settlement", "list", "7", "EUR", "--json"});
  EXPECT_NE(list.out.find("\"gross\":\"9.61\""), std::string::npos) << list.out;
  const auto show = verb({"settlement", "show", "7", "EUR", through});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_NE(show.out.find("merchant_available"), std::string::npos) << show.out;
  EXPECT_EQ(verb({"settlement", "show", "7", "EUR", "2026-13-01"}).exit_code, 2);
  EXPECT_EQ(verb({"settlement", "list", "7"}).exit_code, 2);
}

}  // namespace payloom::e2e
