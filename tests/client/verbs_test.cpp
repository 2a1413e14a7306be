// Goal: the command line means what it says: what is parsed, what is printed, which exit code, against a fake server.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "actors/app/verbs/bank_mapping.hpp"
#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/register.hpp"
#include "actors/app/verbs/stats_rates.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "tests/client/fake_server.hpp"
#include "tests/client/run_verb.hpp"

namespace payloom::verbs {
namespace {

class temporary_folder {
 public:
  temporary_folder() : path_((std::filesystem::temp_directory_path() / "payloom-verbs-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(std::filesystem::path(path_) / name) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr const char* accounts_csv =
    "account_id,district_id,statement_frequency,opened\n"
    "7,1,monthly,1993-01-01\n"
    "8,1,monthly,1993-01-02\n";
constexpr const char* transactions_header =
    "transaction_id,account_id,date,direction,operation,amount_minor,purpose,partner_bank,partner_account\n";
constexpr const char* transactions_rows =
    "1,7,1993-01-05,credit,cash_deposit,70000,,,\n"
    "2,7,1993-01-06,debit,cash_withdrawal,1460,statement_fee,,\n"
    "3,7,1993-01-03,credit,internal,12,interest,,\n"
    "4,8,1993-01-07,credit,transfer_from_bank,5000,pension,YZ,87144583\n"
    "5,8,1993-01-08,debit,transfer_to_bank,2000,household,AB,1\n"
    "6,8,1993-01-08,debit,card_withdrawal,300,,,\n"
    "9,8,1993-01-08,debit,cash_withdrawal,40,penalty_interest,,\n";

TEST(VerbsText, TimesGoBothWays) {
  const std::pair<const char*, time_ns> rows[] = {
      {"1970-01-01T00:00:01Z", 1'000'000'000},
      {"1993-01-05", 726'192'000'000'000'000},
      {"2024-02-29T23:59:59.5Z", 1'709'251'199'500'000'000},
      {"2026-11-22T10:00:00.123456789", 1'795'341'600'123'456'789},
      {"12345", 12345},
  };
  for (const auto& [text, time] : rows) {
    EXPECT_EQ(parse_time_text(text), time) << text;
    EXPECT_EQ(parse_time_text(format_time(time)), time) << text;
  }
  EXPECT_EQ(format_time(1'709'251'199'500'000'000), "2024-02-29T23:59:59.500000000Z");
  EXPECT_EQ(format_time(0), "");
  for (const char* bad : {"", "yesterday", "2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T24:00:00", "1969-12-31",
                          "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01 00:00:00", "-5"}) {
    EXPECT_THROW(parse_time_text(bad), usage_error) << bad;
  }
}

TEST(VerbsText, FlagsLedgersAmountsAndIds) {
  using wire::field_kind;
  EXPECT_EQ(parse_flags_text(field_kind::transfer_flags, "hold,linked"), transfer_flags::hold | transfer_flags::linked);
  EXPECT_EQ(parse_flags_text(field_kind::account_flags, ""), 0);
  EXPECT_EQ(format_flags(field_kind::transfer_flags, transfer_flags::hold | transfer_flags::linked), "linked,hold");
  for (const char* bad : {"holds", "hold,,linked", ","}) {
    EXPECT_THROW(parse_flags_text(field_kind::transfer_flags, bad), usage_error) << bad;
  }
  EXPECT_EQ(parse_ledger_text("EUR"), 978u);
  EXPECT_EQ(parse_ledger_text("978"), 978u);
  EXPECT_EQ(parse_ledger_text("1234"), 1234u);
  for (const char* bad : {"", "eu", "0", "-1", "12x"}) EXPECT_THROW(parse_ledger_text(bad), usage_error) << bad;
  EXPECT_EQ(parse_amount_text(978, "12.34"), 1234u);
  EXPECT_EQ(parse_amount_text(392, "12"), 12u);  // yen have no decimals
  EXPECT_THROW(parse_amount_text(978, "12.345"), usage_error);
  EXPECT_THROW(parse_amount_text(978, "-1"), usage_error);
  EXPECT_EQ(parse_id_text("id", "0xff"), 255u);
  EXPECT_EQ(parse_id_text("id", "255"), 255u);
  EXPECT_THROW(parse_id_text("id", "xyz"), usage_error);
}

TEST(VerbsText, LedgersOfTheServerAreReadAndShownOnceTheyAreKnown) {
  EXPECT_THROW(parse_ledger_text("POINTS"), ledgers_needed);
  EXPECT_THROW(parse_amount_text(1234, "12"), ledgers_needed);
  const auto row = [](ledger_id ledger, std::uint8_t exponent, const char* name) {
    ledger_row r{};
    r.ledger = ledger;
    r.exponent = exponent;
    std::string_view(name).copy(r.name, sizeof r.name);
    return r;
  };
  // A server may say anything: what makes no sense is left out.
  const ledger_row rows[] = {row(1000, 3, "POINTS"), row(1000, 1, "TWICE"), row(1001, 1, "POINTS"),
                             row(978, 5, "MYEUR"),   row(1002, 200, "FAR"), row(1003, 1, "EUR"),
                             row(1004, 1, ""),       row(1005, 1, "12"),    row(1006, 0, "LONGLONGLONGLONGLONGLONG")};
  learn_ledgers(rows);
  EXPECT_EQ(parse_ledger_text("POINTS"), 1000u);
  EXPECT_EQ(parse_amount_text(1000, "1.5"), 1500u);
  EXPECT_EQ(ledgers().format(1000, 1500), "1.500");
  EXPECT_EQ(ledgers().name(1001), "1001");
  EXPECT_EQ(ledgers().format(978, 1), "0.01");
  EXPECT_FALSE(ledgers().contains(1002));
  EXPECT_FALSE(ledgers().contains(1003));
  EXPECT_FALSE(ledgers().contains(1004));
  EXPECT_EQ(ledgers().name(1006), "LONGLONGLONGLONGLONGLONG");
  EXPECT_THROW(parse_ledger_text("TWICE"), usage_error);
  EXPECT_EQ(parse_amount_text(1234, "12"), 12u);  // nobody knows it: minor units
  EXPECT_THROW(parse_amount_text(1234, "1.2"), usage_error);
}

TEST(VerbsTable, NumbersAreRightAlignedAndTextLeft) {
  table t({"name", "n"});
  t.add({"a", "5"});
  t.add({"long name", "1234"});
  EXPECT_EQ(t.text(), "name          n\na             5\nlong name  1234\n");
}

TEST(VerbsTable, AnyJsonBecomesTables) {
  const json value = json::parse(R"({"a":1,"list":[{"x":1,"y":2.5},{"x":10,"z":true}],"o":{"k":"v"}})");
  EXPECT_EQ(json_text(value), "a  1\n\nlist\n x     y  z\n 1  2.50\n10        yes\n\no\nk  v\n");
}

TEST(VerbsStats, RatesComeFromTwoReadings) {
  const json before = json::parse(R"({"shards":[{"events":100,"batches":10,"busy_ns":1000}],"journal":{"groups":5}})");
  const json now =
      json::parse(R"({"shards":[{"events":300,"batches":14,"busy_ns":500001000}],"journal":{"groups":9}})");
  const json rates = with_rates(before, now, 2);
  EXPECT_DOUBLE_EQ(rates["shards"][0]["events_per_second"].get<double>(), 100);
  EXPECT_DOUBLE_EQ(rates["shards"][0]["events_per_batch"].get<double>(), 50);
  EXPECT_DOUBLE_EQ(rates["shards"][0]["busy_percent"].get<double>(), 25);
  EXPECT_DOUBLE_EQ(rates["journal"]["groups_per_second"].get<double>(), 2);
}

TEST(VerbsExitCodes, AWrongCommandLineIsTwo) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"nonsense"},
           {"account"},
           {"account", "create"},  // --ledger is missing
           {"account", "create", "--ledger", "nope"},
           {"account", "show", "xyz"},
           {"account", "change", "1"},  // nothing to change
           {"account", "change", "1", "--close", "--reopen"},
           {"account", "statement", "1", "--debits", "--credits"},
           {"transfer", "create", "--amount", "1"},  // of which currency
           {"transfer", "list", "--limit", "0"},
           {"import"},
           {"import", "--generate", "5", "--berka", "x"},
           {"ping", "--count", "0"},
           {"version", "--colour"},
       }) {
    const run_result result = run(words);
    EXPECT_EQ(result.code, exit_usage) << ::testing::PrintToString(words);
    EXPECT_NE(result.out + result.err, "") << ::testing::PrintToString(words);
  }
}

TEST(VerbsExitCodes, NoServerIsThree) {
  std::string dead;
  {
    test::fake_server gone;
    dead = gone.address();
  }
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"account", "create", "--ledger", "EUR"},
           {"account", "show", "1"},
           {"account", "list"},
           {"account", "statement", "1"},
           {"account", "change", "1", "--close"},
           {"transfer", "create", "--debit", "1", "--credit", "2", "--ledger", "EUR", "--amount", "1"},
           {"transfer", "show", "1"},
           {"transfer", "list"},
           {"transfer", "seal", "1"},
           {"stats"},
           {"verify"},
           {"ping"},
           {"import", "--generate", "5"}}) {
    words.insert(words.end(), {"--address", dead});
    const run_result result = run(words);
    EXPECT_EQ(result.code, exit_cannot_connect) << ::testing::PrintToString(words) << result.err;
    EXPECT_NE(result.err, "");
  }
}

TEST(VerbsExitCodes, HelpIsZeroAndEveryVerbSpeaksJson) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"account", "create"},
                                                                                     {"account", "show"},
                                                                                     {"account", "list"},
                                                                                     {"account", "statement"},
                                                                                     {"account", "change"},
                                                                                     {"transfer", "create"},
                                                                                     {"transfer", "show"},
                                                                                     {"transfer", "list"},
                                                                                     {"transfer", "seal"},
                                                                                     {"stats"},
                                                                                     {"verify"},
                                                                                     {"ping"},
                                                                                     {"decode"},
                                                                                     {"version"},
                                                                                     {"import"}}) {
    std::vector<std::string> asked = words;
    asked.push_back("--help");
    const run_result result = run(asked);
    EXPECT_EQ(result.code, exit_ok) << ::testing::PrintToString(words);
    EXPECT_NE(result.out.find("--json"), std::string::npos) << ::testing::PrintToString(words);
  }
}

TEST(Verbs, AccountsAndTransfersFromCreationToShow) {
  test::fake_server server;
  const std::string at = server.address();
  const auto json_of = [](const run_result& r) { return json::parse(r.out); };
  for (const char* id : {"1", "0x2"}) {
    const run_result r = run({"account", "create", "--ledger", "EUR", "--id", id, "--json", "--address", at});
    ASSERT_EQ(r.code, exit_ok) << r.out << r.err;
    EXPECT_EQ(json_of(r)["code"], "ok");
  }
  const run_result paid = run({"transfer", "create", "--debit", "1", "--credit", "2", "--ledger", "EUR", "--amount",
                               "12.34", "--code", "1", "--id", "77", "--json", "--address", at});
  ASSERT_EQ(paid.code, exit_ok) << paid.out << paid.err;
  EXPECT_EQ(json_of(paid)["id"], "0x4d");
  EXPECT_EQ(json_of(paid)["replayed"], false);
  const run_result shown = run({"account", "show", "2", "--json", "--address", at});
  ASSERT_EQ(shown.code, exit_ok) << shown.out << shown.err;
  EXPECT_EQ(json_of(shown)[0]["balance"], "12.34");
  EXPECT_EQ(json_of(shown)[0]["credits_posted"], "1234");
  const run_result transfer = run({"transfer", "show", "77", "--json", "--address", at});
  ASSERT_EQ(transfer.code, exit_ok);
  EXPECT_EQ(json_of(transfer)[0]["amount"], "12.34");
  EXPECT_EQ(json_of(transfer)[0]["code"], 1);
  EXPECT_EQ(json_of(transfer)[0]["result"], "ok");
  const run_result table = run({"account", "show", "1", "2", "--address", at});
  EXPECT_NE(table.out.find("-12.34"), std::string::npos) << table.out;
  const run_result missing = run({"account", "show", "1", "3", "--address", at});
  EXPECT_EQ(missing.code, exit_refused);
  const run_result refused = run({"transfer", "create", "--debit", "1", "--credit", "9", "--ledger", "EUR", "--amount",
                                  "1", "--code", "1", "--json", "--address", at});
  EXPECT_EQ(refused.code, exit_refused);
  EXPECT_EQ(json_of(refused)["code"], "credit_account_not_found");
}

TEST(Verbs, PingStatsAndVersion) {
  test::fake_server server;
  const run_result ping = run({"ping", "--json", "--count", "3", "--address", server.address()});
  ASSERT_EQ(ping.code, exit_ok) << ping.err;
  EXPECT_EQ(json::parse(ping.out)["version"], protocol_version);
  const run_result stats = run({"stats", "--interval", "0", "--address", server.address()});
  ASSERT_EQ(stats.code, exit_ok) << stats.err;
  EXPECT_EQ(stats.out, "\nfollower\nindex_lag_events  0\n");
  EXPECT_EQ(json::parse(run({"version", "--json"}).out)["protocol"], protocol_version);
}

TEST(Verbs, VerifyBelievesOnlyAReportThatSaysItPassed) {
  EXPECT_TRUE(verify_passed(json{{"passed", true}}));
  EXPECT_TRUE(verify_passed(json{{"ok", true}}));
  EXPECT_FALSE(verify_passed(json{{"passed", false}}));
  EXPECT_FALSE(verify_passed(json{{"passed", "yes"}}));
  EXPECT_FALSE(verify_passed(json::object()));
  EXPECT_FALSE(verify_passed(json::array()));
}

TEST(Verbs, DecodeSaysWhetherTheFrameIsSound) {
  EXPECT_EQ(run({"decode", "00"}).code, exit_refused);
  const run_result wrong = run({"decode", "--json", "zz"});
  EXPECT_EQ(wrong.code, exit_refused);
  EXPECT_EQ(json::parse(wrong.out)["sound"], false);
}

TEST(BankData, TheCsvFilesAreReadInOrderOfDate) {
  const temporary_folder folder;
  folder.write("accounts.csv", accounts_csv);
  folder.write("transactions.csv", std::string(transactions_header) + transactions_rows);
  const bank_data data = read_berka(folder.path());
  ASSERT_EQ(data.accounts.size(), 2u);
  ASSERT_EQ(data.transactions.size(), 7u);
  EXPECT_EQ(data.transactions[0].number, 3u);
  EXPECT_EQ(data.transactions[0].operation, bank_operation::interest);
  EXPECT_EQ(data.transactions[2].operation, bank_operation::statement_fee);
  EXPECT_EQ(data.transactions[3].partner_bank, "YZ");
  EXPECT_EQ(data.transactions[3].partner_account, 87144583u);
}

TEST(BankData, BadFilesAreNamedWithTheirLine) {
  const std::pair<const char*, const char*> rows[] = {
      {"1,7,1993-01-05,credit,cash_deposit,70000,,\n", "transactions.csv:2: 8 fields"},
      {"1,99,1993-01-05,credit,cash_deposit,70000,,,\n", "transactions.csv:2: its account"},
      {"1,7,1993-02-30,credit,cash_deposit,70000,,,\n", "transactions.csv:2: '1993-02-30'"},
      {"1,7,1993-01-05,credit,barter,70000,,,\n", "transactions.csv:2: unknown kind"},
      {"1,7,1993-01-05,credit,cash_deposit,-1,,,\n", "transactions.csv:2: '-1'"},
      {"1,7,1993-01-05,credit,cash_deposit,1,,,\n1,7,1993-01-05,credit,cash_deposit,1,,,\n", "transactions.csv:3: the"},
  };
  for (const auto& [text, why] : rows) {
    const temporary_folder folder;
    folder.write("accounts.csv", accounts_csv);
    folder.write("transactions.csv", std::string(transactions_header) + text);
    try {
      read_berka(folder.path());
      ADD_FAILURE() << text;
    } catch (const data_error& e) {
      EXPECT_EQ(std::string(e.what()).rfind(why, 0), 0u) << e.what();
    }
  }
  EXPECT_THROW(read_berka(temporary_folder().path()), data_error);
}

TEST(BankData, PostingsBalanceAndIdsAreUniqueAndStable) {
  const bank_commands a = to_commands(generate_bank(5000, 3), 203);
  const bank_commands b = to_commands(generate_bank(5000, 3), 203);
  const bank_commands other = to_commands(generate_bank(5000, 4), 203);
  ASSERT_EQ(a.transfers.size(), 5000u);
  EXPECT_EQ(a.accounts.size(), 500u + 4 + 4);  // customers, own accounts, clearing accounts
  std::set<std::pair<std::uint64_t, std::uint64_t>> ids;
  const auto add = [&](u128 id) { EXPECT_TRUE(ids.emplace(hi64(id), lo64(id)).second); };
  for (const account_record& r : a.accounts) add(r.id.value);
  for (const transfer_record& r : a.transfers) add(r.id.value);
  for (const transfer_record& r : other.transfers) add(r.id.value);
  u128 debits = 0, credits = 0;
  for (const expected_sums& e : a.expected) debits += e.debits, credits += e.credits;
  EXPECT_EQ(debits, credits);
  EXPECT_GT(debits, 0u);
  for (std::size_t i = 0; i < a.transfers.size(); ++i) {
    ASSERT_EQ(std::memcmp(&a.transfers[i], &b.transfers[i], sizeof(transfer_record)), 0);
    ASSERT_EQ(a.transfers[i].flags, transfer_flags::imported);
    ASSERT_GT(a.transfers[i].effective_at, 0u);
    ASSERT_GE(a.transfers[i].effective_at, a.transfers[i == 0 ? 0 : i - 1].effective_at);
  }
}

TEST(Import, TheBalancesAreThoseOfTheRowsAndASecondImportReplays) {
  test::fake_server server;
  const temporary_folder folder;
  folder.write("accounts.csv", accounts_csv);
  folder.write("transactions.csv", std::string(transactions_header) + transactions_rows);
  const std::vector<std::string> words{"import", "--berka", folder.path(), "--json", "--address", server.address()};
  const run_result first = run(words);
  ASSERT_EQ(first.code, exit_ok) << first.out << first.err;
  const json report = json::parse(first.out);
  EXPECT_EQ(report["transfers"]["imported"], 7);
  EXPECT_EQ(report["accounts"]["imported"], 2 + 4 + 2);
  EXPECT_EQ(report["balances_wrong"], 0);
  const run_result second = run(words);
  ASSERT_EQ(second.code, exit_ok) << second.out << second.err;
  EXPECT_EQ(json::parse(second.out)["transfers"]["imported"], 0);
  EXPECT_EQ(json::parse(second.out)["transfers"]["replayed"], 7);
}

TEST(Import, ALedgerThatLosesAPostingIsFoundOut) {
  test::fake_server server;
  server.ledger.forget_one_posting = true;
  const run_result result = run({"import", "--generate", "200", "--json", "--address", server.address()});
  EXPECT_EQ(result.code, exit_refused);
  EXPECT_EQ(json::parse(result.out)["balances_wrong"], 2);
  EXPECT_NE(result.err.find("expected debits"), std::string::npos);
}

}  // namespace
}  // namespace payloom::verbs
