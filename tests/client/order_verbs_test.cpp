// Goal: the verbs of orders, events and parties send what they say, and print what a support person can read. Against a
// fake server.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/core/catalog/chart.hpp"
#include "config/payments/shipped_payments.hpp"
#include "protocol/types/u128_text.hpp"
#include "tests/client/fake_server.hpp"
#include "tests/client/run_verb.hpp"

namespace payloom::verbs {
namespace {

using words = std::vector<std::string>;

/// A server with order 7/42 of 12.00 EUR: created, paid under id 100, 2.00 refunded under id 101.
class OrderVerbs : public ::testing::Test {
 protected:
  run_result at_server(words all) {
    all.insert(all.end(), {"--address", server_.address()});
    return run(all);
  }
  json json_of(words all) {
    all.push_back("--json");
    const run_result r = at_server(all);
    EXPECT_EQ(r.code, exit_ok) << ::testing::PrintToString(all) << r.out << r.err;
    return json::parse(r.out, nullptr, false);
  }
  words create(const std::string& business_id) const {
    return {"order",  "create", "--merchant", "7",  "--business-id", business_id, "--product", "instant_sale",
            "--user", "9",      "--amount",   "12", "--ledger",      "EUR",       "--context", "0xbf"};
  }
  void sell() {
    json_of(create("42"));
    json_of({"order", "pay", "7/42", "--id", "100", "--expected-version", "1", "--context", "0xc0"});
    json_of({"order", "refund", "7/42", "--id", "101", "--amount", "2.00", "--reason", "3", "--context", "0xc1"});
  }

  test::fake_server server_;
};

const std::string order_hex = to_hex(order_id_of(7, 42).value);

TEST_F(OrderVerbs, AResultSaysWhichOrderAndWhichCommand) {
  const json created = json_of(create("42"));
  EXPECT_EQ(created["order"], order_hex);
  EXPECT_EQ(created["code"], "ok");
  EXPECT_EQ(created["replayed"], false);
  EXPECT_EQ(json_of(create("0x2a"))["replayed"], true);
  const json paid = json_of({"order", "pay", order_hex, "--id", "100"});
  EXPECT_EQ(paid["id"], "0x64");
  EXPECT_EQ(paid["order"], order_hex);
  EXPECT_EQ(paid["action"], "pay");
  EXPECT_EQ(paid["sequence"], 2);
  const run_result again = at_server({"order", "pay", "7/42", "--id", "102"});
  EXPECT_EQ(again.code, exit_refused);
  EXPECT_NE(again.out.find("order_state_refuses"), std::string::npos) << again.out;
  const run_result table = at_server({"order", "pay", "7/42", "--id", "100"});
  EXPECT_NE(table.out.find("replayed   yes"), std::string::npos) << table.out;
}

TEST_F(OrderVerbs, ATimelineIsReadableFromTopToBottom) {
  sell();
  const run_result shown = at_server({"order", "show", "7/42"});
  ASSERT_EQ(shown.code, exit_ok) << shown.err;
  const std::string fee = " from user_available of user 9 to fee_income\n";
  EXPECT_EQ(
      shown.out,
      "order             " + order_hex +
          "\n"
          "business id       0x2a (42)\n"
          "product           instant_sale (101)\n"
          "merchant          7\n"
          "user              9\n"
          "state             PAID, until 2023-11-14T22:43:20.000000000Z\n"
          "amount            12.00 EUR\n"
          "paid              12.00 EUR in 1 payment by balance\n"
          "fee               0.24 EUR\n"
          "refunded          2.00 EUR in 1 refund\n"
          "accounting date   2023-11-14\n"
          "version           3\n"
          "rule version      1\n"
          "\n"
          "2023-11-14T22:13:20.000000001Z  commit 1  version 1  create: WAIT_PAY\n"
          "    order " +
          order_hex +
          ", context 0xbf\n"
          "2023-11-14T22:13:20.000000002Z  commit 2  version 2  pay, paid_in_full: WAIT_PAY -> PAID\n"
          "    command 0x64, for version 1, context 0xc0\n"
          "    transfer of 12.00 EUR, fee 0.24 EUR, POSTED, by rule instant_sale of version 1, "
          "accounting date 2023-11-14\n"
          "    commit 3  11.76 EUR from user_available of user 9 to merchant_pending of merchant 7\n"
          "    commit 4  0.24 EUR" +
          fee +
          "2023-11-14T22:13:20.000000005Z  commit 5  version 3  refund, refunded_in_part: PAID stays\n"
          "    command 0x65, reason 3, context 0xc1\n"
          "    refund of 2.00 EUR, COMPLETED, by rule refund_to_balance of version 1, accounting date 2023-11-14\n"
          "    commit 6  2.00 EUR from merchant_pending of merchant 7 to user_available of user 9\n");
  for (const std::string& id :
       {order_hex, std::string("100"), std::string("101"), to_hex(posting_id_of(0, 100, 1).value)}) {
    EXPECT_EQ(at_server({"order", "show", id}).out, shown.out) << id;
  }
  const run_result none = at_server({"order", "show", "7/43"});
  EXPECT_EQ(none.code, exit_refused);
  EXPECT_NE(none.err.find("not_found"), std::string::npos) << none.err;
}

TEST_F(OrderVerbs, ATimelineInPagesIsTheSame) {
  words now = create("42");
  now.push_back("--pay-now");
  json_of(now);
  json_of({"order", "refund", "7/42", "--id", "101", "--amount", "2"});
  json_of({"order", "refund", "7/42", "--id", "102", "--amount", "3"});
  const run_result whole = at_server({"order", "show", "7/42"});
  ASSERT_EQ(whole.code, exit_ok) << whole.err;
  EXPECT_NE(whole.out.find("create, pay, paid_in_full: PAID\n"), std::string::npos) << whole.out;
  server_.ledger.order_rows_max = 2;
  EXPECT_EQ(at_server({"order", "show", "7/42"}).out, whole.out);
  EXPECT_EQ(json_of({"order", "postings", "7/42"}).size(), 4u);
}

TEST_F(OrderVerbs, TheJsonHasNumbersAndNames) {
  sell();
  const json shown = json_of({"order", "show", "7/42"});
  EXPECT_EQ(shown["order"]["id"], order_hex);
  EXPECT_EQ(shown["order"]["state"], 9);
  EXPECT_EQ(shown["order"]["state_name"], "PAID");
  EXPECT_EQ(shown["order"]["product_name"], "instant_sale");
  EXPECT_EQ(shown["order"]["paid"], "12.00");
  EXPECT_EQ(shown["order"]["paid_minor"], "1200");
  EXPECT_EQ(shown["order"]["flags"], json::array({"resident"}));
  ASSERT_EQ(shown["events"].size(), 3u);
  const json& paid = shown["events"][1];
  EXPECT_EQ(paid["command"], "0x64");
  EXPECT_EQ(paid["action"], "pay");
  EXPECT_EQ(paid["expected_version"], 1);
  EXPECT_EQ(paid["context_id"], "0xc0");
  EXPECT_EQ(paid["event"], "pay");
  EXPECT_EQ(paid["fact"], "paid_in_full");
  EXPECT_EQ(paid["from_state"], "WAIT_PAY");
  EXPECT_EQ(paid["state"], "PAID");
  EXPECT_EQ(paid["fee"], "0.24");
  ASSERT_EQ(paid["postings"].size(), 2u);
  EXPECT_EQ(paid["postings"][1]["credit"], "fee_income");
  EXPECT_EQ(paid["postings"][1]["amount"], "0.24");
  EXPECT_EQ(shown["events"][0]["from_state"], json(nullptr));
  EXPECT_EQ(shown["events"][0]["posting_rule"], json(nullptr));
  EXPECT_EQ(json_of({"order", "postings", "101"})[0]["debit"], "merchant_pending of merchant 7");
  const run_result table = at_server({"order", "postings", "7/42"});
  EXPECT_NE(table.out.find("user_available of user 9"), std::string::npos) << table.out;
}

TEST_F(OrderVerbs, EventsAreListedFilteredAndPaged) {
  sell();
  json_of({"order", "create", "--merchant", "8", "--business-id", "1", "--product", "101", "--amount", "1", "--ledger",
           "EUR", "--context", "5"});
  const json all = json_of({"events"});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[3]["order"]["merchant"], 8);
  EXPECT_EQ(json_of({"events", "--merchant", "7"}).size(), 3u);
  EXPECT_EQ(json_of({"events", "--after", "2"}).size(), 2u);
  EXPECT_EQ(json_of({"events", "--order", "8/1"}).size(), 1u);
  EXPECT_EQ(json_of({"events", "--context", "5"}).size(), 1u);
  const run_result page = at_server({"events", "--limit", "2"});
  EXPECT_EQ(page.code, exit_ok);
  EXPECT_NE(page.err.find("more events are left: --after 2"), std::string::npos) << page.err;
  EXPECT_NE(page.out.find("pay, paid_in_full  PAID"), std::string::npos) << page.out;
}

TEST_F(OrderVerbs, EventsAreFollowed) {
  sell();
  const run_result lines = at_server({"events", "--follow", "--limit", "2", "--after", "1"});
  ASSERT_EQ(lines.code, exit_ok) << lines.err;
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 2);
  EXPECT_NE(lines.out.find("commit 2  order " + order_hex +
                           " (merchant 7, 0x2a)  version 2  pay, paid_in_full: " + "WAIT_PAY -> PAID  12.00 EUR\n"),
            std::string::npos)
      << lines.out;
  const run_result one = at_server({"events", "--follow", "--limit", "1", "--json"});
  EXPECT_EQ(json::parse(one.out)["event"], "create");
}

TEST_F(OrderVerbs, AGraphIsATreeFromAnyId) {  // TC-2
  sell();
  const auto posting = [](u128 cause, std::uint32_t leg) { return to_hex(posting_id_of(0, cause, leg).value); };
  const run_result shown = at_server({"order", "graph", "7/42"});
  ASSERT_EQ(shown.code, exit_ok) << shown.err;
  EXPECT_EQ(shown.out,
            "no root\n"
            "  order " +
                order_hex +
                " of merchant 7, paid 12.00 EUR, refunded 2.00 EUR\n"
                "    payment 0x64  12.00 EUR\n"
                "      posting " +
                posting(100, 0) +
                "  commit 3  11.76 EUR\n"
                "      posting " +
                posting(100, 1) +
                "  commit 4  0.24 EUR\n"
                "    refund 0x65  2.00 EUR\n"
                "      posting " +
                posting(101, 0) + "  commit 6  2.00 EUR\n");
  for (const std::string& id : {order_hex, std::string("100"), std::string("0x65"), posting(101, 0)})
    EXPECT_EQ(at_server({"order", "graph", id}).out, shown.out) << id;
  server_.ledger.order_rows_max = 2;
  EXPECT_EQ(at_server({"order", "graph", "7/42"}).out, shown.out) << "page by page";
  const json rows = json_of({"order", "graph", "100"});
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0]["relation"], "pays");
  EXPECT_EQ(rows[0]["from"], "0x64");
  EXPECT_EQ(rows[0]["amount"], "12.00");
  EXPECT_EQ(rows[0]["stands"], true);
  EXPECT_EQ(rows[4]["to_kind"], "posting");
  EXPECT_EQ(at_server({"order", "graph", "7/43"}).code, exit_refused);
  json_of(create("43"));
  EXPECT_EQ(at_server({"order", "graph", "7/43"}).out, "nothing belongs to it yet\n");
}

TEST_F(OrderVerbs, APaymentsLife) {
  sell();
  const run_result shown = at_server({"payment", "show", "100"});
  ASSERT_EQ(shown.code, exit_ok) << shown.err;
  for (const char* text : {"payment           0x64\n", "state             POSTED\n", "amount            12.00 EUR\n",
                           "  balance         12.00 EUR\n", "fee               0.24 EUR\n",
                           "pay, paid_in_full: WAIT_PAY -> PAID", "11.76 EUR from user_available of user 9"})
    EXPECT_NE(shown.out.find(text), std::string::npos) << text << " in\n" << shown.out;
  EXPECT_EQ(shown.out.find("refund"), std::string::npos) << shown.out;
  EXPECT_EQ(at_server({"payment", "show", to_hex(posting_id_of(0, 100, 1).value)}).out, shown.out);
  const json all = json_of({"payment", "show", "7/42"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["kind"], "payment");
  EXPECT_EQ(all[0]["parts"][0]["tool"], "balance");
  EXPECT_EQ(all[0]["postings"].size(), 2u);
  EXPECT_EQ(all[1]["kind"], "refund");
  EXPECT_EQ(all[1]["events"][0]["reason"], 3);
  const json refunds = json_of({"refund", "show", "7/42"});
  ASSERT_EQ(refunds.size(), 1u);
  EXPECT_EQ(refunds[0]["id"], "0x65");
  const run_result none = at_server({"refund", "show", "100"});
  EXPECT_EQ(none.code, exit_refused);
  EXPECT_NE(none.err.find("0x64 is no refund"), std::string::npos) << none.err;
}

TEST_F(OrderVerbs, RefundsAreMadeAndListed) {
  sell();
  const json made = json_of({"refund", "create", "7/42", "--id", "102", "--amount", "3", "--expected-version", "3"});
  EXPECT_EQ(made["id"], "0x66");
  EXPECT_EQ(made["code"], "ok");
  const json all = json_of({"refund", "list", "7/42"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1]["from"], "0x66");
  EXPECT_EQ(all[1]["amount"], "3.00");
  EXPECT_NE(at_server({"refund", "list", "100"}).out.find("given back"), std::string::npos);
  EXPECT_EQ(at_server({"refund", "create", "7/42", "--amount", "9"}).code, exit_refused) << "7.00 are left";
  EXPECT_EQ(json_of({"refund", "create", "7/42", "--id", "103"})["code"], "ok");
  EXPECT_EQ(at_server({"refund", "create"}).code, exit_usage);
  EXPECT_EQ(at_server({"refund", "create", "7/42", "--payment", "100"}).code, exit_usage);
  EXPECT_EQ(at_server({"refund", "create", "7/42", "--amount", "0"}).code, exit_usage);
  EXPECT_EQ(at_server({"refund", "create", "--payment", "100"}).code, exit_refused) << "no combined payment";
}

TEST_F(OrderVerbs, ARefundOfACombinedPaymentFallsToItsOrders) {  // TC-3
  for (const char* name : {"42", "43", "44"}) {
    json_of(create(name));
    json_of({"order", "pay", std::string("7/") + name, "--id", std::string("1") + name});
  }
  for (const u128 payment : {142, 143, 144}) server_.ledger.orders.combined[payment] = 142;
  const json done = json_of({"refund", "create", "--payment", "142", "--amount", "10", "--id", "500", "--reason", "4"});
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ(done[0]["amount_minor"], "333");
  EXPECT_EQ(done[2]["amount_minor"], "334");
  EXPECT_EQ(done[2]["id"], to_hex(502));
  for (const json& one : done) EXPECT_EQ(one["code"], "ok");
  const json events = json_of({"order", "show", "7/43"})["events"];
  EXPECT_EQ(events[2]["reason"], 4);
  EXPECT_EQ(events[2]["expected_version"], 2) << "only if nobody was faster";
  EXPECT_EQ(json_of({"refund", "list", "142"}).size(), 3u);
  EXPECT_EQ(json_of({"payment", "show", "142"}).size(), 3u) << "of the combined payment, all parts";
  const run_result much = at_server({"refund", "create", "--payment", "142", "--amount", "26.01"});
  EXPECT_EQ(much.code, exit_refused);
  EXPECT_NE(much.err.find("26.00 EUR can still be given back"), std::string::npos) << much.err;
  EXPECT_EQ(json_of({"refund", "create", "--payment", "142"}).size(), 3u);
  EXPECT_NE(at_server({"order", "graph", "7/44"}).out.find("part of combined payment 0x8e  12.00 EUR"),
            std::string::npos);
}

// A long scan is answered in pages that may be empty: only the flag `more` says whether there is an end.
TEST(Events, EmptyPagesAreNoEnd) {
  test::fake_server server([](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() != frame_type::order_events) return s.answer_from_ledger(r);
    order_event_query query{};
    std::memcpy(&query, r.body.data(), sizeof query);
    order_event_row row{};
    row.sequence = 2500;
    row.event.fact = 255;
    if (query.after < 2000) return s.answer_page(r, {}, 0, query.after + 1000, true);
    s.answer_page(r, std::as_bytes(std::span(&row, 1)), 1, 3000, false);
  });
  const run_result r = run({"events", "--json", "--address", server.address()});
  ASSERT_EQ(r.code, exit_ok) << r.err;
  ASSERT_EQ(json::parse(r.out).size(), 1u);
  EXPECT_EQ(json::parse(r.out)[0]["sequence"], 2500);
}

TEST(OrderActions, EachVerbSendsItsAction) {
  order_action_record got{};
  u128 context = 0;
  test::fake_server server([&](test::fake_server& s, const test::fake_server::request& r) {
    if (r.type() != frame_type::act_on_orders) return s.answer_from_ledger(r);
    std::memcpy(&got, r.body.data(), sizeof got);
    context = r.header.context_id;
    result_record result{};
    result.code = got.action == order_action::cancel ? result_code::order_unchanged : result_code::ok;
    s.answer(r, std::as_bytes(std::span(&result, 1)), 1);
  });
  const std::pair<const char*, order_action> verbs[] = {
      {"pay", order_action::pay},      {"cancel", order_action::cancel},   {"capture", order_action::capture},
      {"void", order_action::void_},   {"confirm", order_action::confirm}, {"release", order_action::release},
      {"refund", order_action::refund}};
  for (const auto& [name, action] : verbs) {
    const run_result r =
        run({"order", name, "7/42", "--id", "5", "--reason", "6", "--expected-version", "8", "--user-data-64", "9",
             "--user-data-128", "10", "--context", "11", "--address", server.address()});
    EXPECT_EQ(r.code, exit_ok) << name << r.out << r.err;
    EXPECT_EQ(got.action, action) << name;
    EXPECT_EQ(got.id.value, u128{5});
    EXPECT_EQ(got.order, order_id_of(7, 42));
    EXPECT_EQ(got.amount_minor, u128{0});
    EXPECT_EQ(got.reason, 6u);
    EXPECT_EQ(got.expected_version, 8u);
    EXPECT_EQ(got.user_data_64, 9u);
    EXPECT_EQ(got.user_data_128, u128{10});
    EXPECT_EQ(context, u128{11});
  }
  EXPECT_EQ(run({"order", "capture", "1", "--amount", "1.5", "--ledger", "EUR", "--address", server.address()}).code,
            exit_ok);
  EXPECT_EQ(got.amount_minor, u128{150});
  EXPECT_NE(got.id.value, u128{5});
  EXPECT_EQ(run({"order", "pay", "1", "--tools", "balance,coupon", "--address", server.address()}).code, exit_ok);
  EXPECT_EQ(got.tools, 3u);
}

TEST_F(OrderVerbs, APartyHasAllAccountsOfTheChart) {
  const json opened = json_of({"party", "open", "merchant", "7", "--ledger", "EUR", "--ledger", "CZK", "--history"});
  ASSERT_EQ(opened.size(), 6u);
  EXPECT_EQ(opened[0]["role"], "merchant_pending");
  EXPECT_EQ(opened[0]["account"], to_hex(core::catalog::derived_account(211, 978, 7).value));
  EXPECT_EQ(opened[0]["flags"], "history,hot");
  EXPECT_EQ(opened[4]["currency"], "CZK");
  EXPECT_EQ(opened[4]["flags"], "debits_must_not_exceed_credits,history");
  EXPECT_EQ(json_of({"party", "open", "merchant", "7", "--ledger", "EUR"})[0]["result"], "account_exists");
  EXPECT_EQ(json_of({"party", "open", "platform", "--ledger", "EUR"}).size(), 12u);
  EXPECT_EQ(json_of({"party", "open", "channel", "1", "--ledger", "EUR"}).size(), 2u);

  // A debit of the channel's account is its growth; both sides show what they have.
  const std::string channel = to_hex(core::catalog::derived_account(101, 978, 1).value);
  const std::string merchant = to_hex(core::catalog::derived_account(211, 978, 7).value);
  json_of({"transfer", "create", "--debit", channel, "--credit", merchant, "--ledger", "EUR", "--amount", "10",
           "--code", "1"});
  json_of({"transfer", "create", "--debit", merchant, "--credit", channel, "--ledger", "EUR", "--amount", "4", "--code",
           "1", "--flags", "hold"});
  const json shown = json_of({"party", "show", "merchant", "7", "--ledger", "EUR"});
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown[0]["posted"], "10.00");
  EXPECT_EQ(shown[0]["pending_out"], "4.00");
  EXPECT_EQ(shown[0]["available"], "6.00");
  const json assets = json_of({"party", "show", "channel", "1", "--ledger", "EUR"});
  EXPECT_EQ(assets[0]["role"], "channel_receivable");
  EXPECT_EQ(assets[0]["posted"], "10.00");
  EXPECT_EQ(assets[0]["available"], "6.00");
  const run_result missing = at_server({"party", "show", "user", "9", "--ledger", "EUR"});
  EXPECT_EQ(missing.code, exit_refused);
  EXPECT_NE(missing.err.find("3 of 3 accounts are not open"), std::string::npos) << missing.err;
}

TEST_F(OrderVerbs, TheCatalogueMayBeAFolder) {
  std::string folder = (std::filesystem::temp_directory_path() / "payloom-payments-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto write = [&](std::string_view name, std::string text) {
    std::ofstream(std::filesystem::path(folder) / name) << text;
  };
  for (const config::shipped_file& file : config::shipped_files()) {
    std::string text(file.text);
    // A catalogue of somebody else's: another name for the same code.
    if (file.name == "business_map.yaml") text.replace(text.find("\n  instant_sale:\n"), 17, "\n  quick_sale:\n");
    write(file.name, text);
  }
  words own = create("42");
  std::replace(own.begin(), own.end(), std::string("instant_sale"), std::string("quick_sale"));
  EXPECT_EQ(at_server(own).code, exit_usage);
  own.insert(own.end(), {"--payments", folder});
  EXPECT_EQ(json_of(own)["code"], "ok");
  EXPECT_NE(at_server({"order", "show", "7/42", "--payments", folder}).out.find("quick_sale (101)"), std::string::npos);
  write("chart.yaml", "version: 1\nroles: {}\nrolls: {}\n");
  const run_result wrong = at_server({"order", "show", "7/42", "--payments", folder});
  EXPECT_EQ(wrong.code, exit_usage);
  EXPECT_NE(wrong.err.find("chart.yaml:3:1"), std::string::npos) << wrong.err;
  std::filesystem::remove_all(folder);
}

TEST(OrderVerbsExitCodes, WrongCommandLinesHelpAndNoServer) {
  const words create{"order",    "create", "--merchant", "7",   "--business-id", "1",
                     "--amount", "1",      "--ledger",   "EUR", "--product",     "instant_sale"};
  const auto with = [&](words more) {
    words all = create;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  for (const words& wrong : std::vector<words>{{"order"},
                                               {"order", "create"},
                                               {"order", "fold", "7/1"},
                                               {"order", "pay"},
                                               {"order", "pay", "7/x"},
                                               {"order", "pay", "x/7"},
                                               {"order", "pay", "7/1", "--tools", "gold"},
                                               {"order", "pay", "7/1", "--amount", "0", "--ledger", "EUR"},
                                               {"order", "cancel", "7/1", "--amount", "5"},
                                               {"order", "show"},
                                               with({"--product", "magic"}),
                                               with({"--tools", "balance"}),
                                               with({"--accounting-date", "tomorrow"}),
                                               with({"--context", "x"}),
                                               {"events", "--limit", "0"},
                                               {"events", "--order", "x"},
                                               {"party"},
                                               {"party", "open", "bank", "1", "--ledger", "EUR"},
                                               {"party", "open", "user", "--ledger", "EUR"},
                                               {"party", "open", "platform", "1", "--ledger", "EUR"},
                                               {"party", "show", "user", "1"}}) {
    const run_result r = run(wrong);
    EXPECT_EQ(r.code, exit_usage) << ::testing::PrintToString(wrong) << r.out << r.err;
    EXPECT_NE(r.out + r.err, "") << ::testing::PrintToString(wrong);
  }
  std::string dead;
  {
    test::fake_server gone;
    dead = gone.address();
  }
  for (words all : std::vector<words>{create,
                                      {"order", "pay", "7/1"},
                                      {"order", "show", "7/1"},
                                      {"order", "postings", "7/1"},
                                      {"events"},
                                      {"events", "--follow"},
                                      {"party", "open", "user", "1", "--ledger", "EUR"},
                                      {"party", "show", "user", "1", "--ledger", "EUR"}}) {
    all.insert(all.end(), {"--address", dead});
    EXPECT_EQ(run(all).code, exit_cannot_connect) << ::testing::PrintToString(all);
  }
  for (const char* verb :
       {"create", "pay", "cancel", "capture", "void", "confirm", "release", "refund", "show", "postings"}) {
    const run_result help = run({"order", verb, "--help"});
    EXPECT_EQ(help.code, exit_ok);
    EXPECT_NE(help.out.find("--json"), std::string::npos) << verb;
  }
  for (const words& group : {words{"events"}, words{"party", "open"}, words{"party", "show"}}) {
    words all = group;
    all.push_back("--help");
    EXPECT_NE(run(all).out.find("--payments"), std::string::npos) << group.back();
  }
}

}  // namespace
}  // namespace payloom::verbs
