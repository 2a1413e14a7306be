// The command line's verbs against a real server: what people read, what programs read, and the exit codes.
#include <nlohmann/json.hpp>
#include <sstream>

#include "protocol/client/blocking_connection.hpp"
#include "protocol/wire/frame_codec.hpp"
#include "protocol/wire/frame_types.hpp"
#include "tests/e2e/ledger_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::e2e {

using nlohmann::json;

class cli : public ledger_fixture {
 protected:
  void SetUp() override { start(); }

  /// Runs a verb with --json and reads what it printed; `exit_code` is what it has to end with.
  json ask(std::vector<std::string> words, int exit_code = 0) {
    words.push_back("--json");
    const auto said = verb(words);
    EXPECT_EQ(said.exit_code, exit_code) << words[0] << ": " << said.out << said.err;
    json out = json::parse(said.out, nullptr, false);
    EXPECT_FALSE(out.is_discarded()) << said.out;
    return out;
  }
  std::string open(const std::string& flags = {}) {
    std::vector<std::string> words{"account", "create", "--ledger", "EUR", "--code", "7"};
    if (!flags.empty()) words.insert(words.end(), {"--flags", flags});
    return ask(words)["id"];
  }
  static std::string to_hex(std::span<const std::byte> bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const std::byte b : bytes) {
      hex += digits[static_cast<unsigned>(b) >> 4];
      hex += digits[static_cast<unsigned>(b) & 15];
    }
    return hex;
  }
  json pay(const std::string& from, const std::string& into, const std::string& amount, int exit_code = 0) {
    return ask(
        {"transfer", "create", "--debit", from, "--credit", into, "--amount", amount, "--ledger", "EUR", "--code", "3"},
        exit_code);
  }
};

TEST_F(cli, account_create_show_and_list) {
  const std::string id = open("history");
  const json shown = ask({"account", "show", id});
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0]["id"], id);
  EXPECT_EQ(shown[0]["currency"], "EUR");
  EXPECT_EQ(shown[0]["balance"], "0.00");
  EXPECT_EQ(shown[0]["flags"], json::array({"history"}));
  open();
  EXPECT_EQ(ask({"account", "list"}).size(), 2u);
  EXPECT_EQ(ask({"account", "list", "--code", "8"}).size(), 0u);
  EXPECT_EQ(ask({"account", "list", "--limit", "1"}).size(), 1u);

  const auto table = verb({"account", "show", id});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.out.find("balance"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find(id), std::string::npos) << table.out;
}

TEST_F(cli, an_account_that_is_not_there_is_exit_code_1) { EXPECT_EQ(ask({"account", "show", "0x123"}, 1).size(), 0u); }

TEST_F(cli, the_same_account_again_is_replayed_and_other_content_is_refused) {
  const std::vector<std::string> words{"account", "create", "--id", "0x77", "--ledger", "EUR"};
  EXPECT_EQ(ask(words)["code"], "ok");
  const json again = ask(words);
  EXPECT_EQ(again["code"], "account_exists");
  EXPECT_EQ(again["replayed"], true);
  EXPECT_EQ(ask({"account", "create", "--id", "0x77", "--ledger", "USD"}, 1)["code"], "exists_with_different_ledger");
}

TEST_F(cli, transfer_create_show_list_and_statement) {
  const std::string from = open("history"), into = open("history");
  const json paid = pay(from, into, "12.34");
  EXPECT_EQ(paid["code"], "ok");
  EXPECT_EQ(paid["replayed"], false);
  const std::string id = paid["id"];
  const json shown = ask({"transfer", "show", id});
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0]["amount"], "12.34");
  EXPECT_EQ(shown[0]["debit_account"], from);
  EXPECT_EQ(shown[0]["state"], "posted");
  EXPECT_EQ(shown[0]["sequence"], paid["sequence"]);
  EXPECT_EQ(ask({"transfer", "show", "0x1"}, 1).size(), 0u);
  pay(into, from, "2.00");
  EXPECT_EQ(ask({"transfer", "list"}).size(), 2u);
  EXPECT_EQ(ask({"transfer", "list", "--debit", from}).size(), 1u);
  EXPECT_EQ(ask({"transfer", "list", "--account", from, "--backward", "--limit", "1"})[0]["amount"], "2.00");

  const json lines = ask({"account", "statement", from});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["amount"], "12.34");
  EXPECT_EQ(lines[1]["debits_posted_after"], "1234");
  EXPECT_EQ(lines[1]["credits_posted_after"], "200");
  EXPECT_EQ(ask({"account", "statement", from, "--credits"}).size(), 1u);
  const auto table = verb({"account", "statement", from});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.out.find("-10.34"), std::string::npos) << table.out;
  EXPECT_EQ(ask({"account", "show", from})[0]["balance"], "-10.34");
}

TEST_F(cli, a_hold_is_captured_and_another_voided) {
  const std::string from = open(), into = open();
  const auto hold = [&] {
    return std::string(ask({"transfer", "create", "--debit", from, "--credit", into, "--amount", "50", "--ledger",
                            "EUR", "--code", "3", "--flags", "hold"})["id"]);
  };
  const std::string first = hold(), second = hold();
  EXPECT_EQ(ask({"account", "show", from})[0]["debits_pending"], "10000");
  EXPECT_EQ(
      ask({"transfer", "create", "--flags", "capture", "--target", first, "--amount", "20", "--ledger", "EUR"})["code"],
      "ok");
  EXPECT_EQ(ask({"transfer", "create", "--flags", "void_hold", "--target", second})["code"], "ok");
  EXPECT_EQ(ask({"transfer", "create", "--flags", "capture", "--target", second}, 1)["code"], "hold_already_voided");
  const json row = ask({"account", "show", from})[0];
  EXPECT_EQ(row["debits_pending"], "0");
  EXPECT_EQ(row["debits_posted"], "2000");
  EXPECT_EQ(ask({"transfer", "show", first})[0]["state"], "captured");
}

TEST_F(cli, a_refused_transfer_is_exit_code_1_and_says_why) {
  const std::string from = open("debits_must_not_exceed_credits"), into = open();
  const json refused = pay(from, into, "1", 1);
  EXPECT_EQ(refused["code"], "exceeds_credits");
  EXPECT_EQ(refused["class"], "new_key");
  EXPECT_EQ(ask({"transfer", "show", refused["id"]})[0]["state"], "refused");
}

TEST_F(cli, changes_close_and_reopen_and_seal) {
  const std::string from = open(), into = open();
  EXPECT_EQ(ask({"account", "change", from, "--close"})["code"], "ok");
  EXPECT_EQ(pay(from, into, "1", 1)["code"], "debit_account_closed");
  EXPECT_EQ(ask({"account", "change", from, "--reopen"})["code"], "ok");
  EXPECT_EQ(pay(from, into, "1")["code"], "ok");
  EXPECT_EQ(ask({"transfer", "seal", "0x5ea1"})["code"], "id_sealed");
  EXPECT_EQ(ask({"transfer", "create", "--id", "0x5ea1", "--debit", from, "--credit", into, "--amount", "1", "--ledger",
                 "EUR", "--code", "3"},
                1)["code"],
            "id_sealed");
}

TEST_F(cli, stats_verify_ping_and_version) {
  pay(open(), open(), "3");
  const json stats = ask({"stats", "--interval", "0"});
  EXPECT_TRUE(stats.is_object());
  EXPECT_FALSE(stats.empty());
  EXPECT_EQ(verb({"stats", "--interval", "0"}).exit_code, 0);
  const json report = ask({"verify"});
  EXPECT_EQ(report["accounts"], 2);
  EXPECT_EQ(report["problem_count"], 0);
  EXPECT_EQ(verb({"verify"}).exit_code, 0);
  const json ping = ask({"ping", "--count", "3"});
  EXPECT_EQ(ping["shadow"], false);
  EXPECT_EQ(ping["sequence"], 3);
  const auto version = support::run_program({PAYLOOM_PROGRAM, "version", "--json"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(json::parse(version.out)["protocol"], protocol_version);
}

TEST_F(cli, a_server_that_shall_end_at_a_place_that_is_none_does_not_start) {
  const auto said = support::run_program({PAYLOOM_PROGRAM, "server", "--kill-at", "group_writen:2"});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.err.find("group_written"), std::string::npos) << said.err;
}

TEST_F(cli, decode_explains_a_frame_and_refuses_a_damaged_one) {
  const std::vector<std::byte> hello = client::make_hello("someone", 0, false);
  std::string hex = to_hex(hello);
  const auto said = verb({"decode", hex}, false);
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_NE(said.out.find("hello"), std::string::npos) << said.out;
  const auto piped = support::run_program({PAYLOOM_PROGRAM, "decode", "-", "--json"}, hex);
  EXPECT_EQ(piped.exit_code, 0);
  EXPECT_EQ(json::parse(piped.out)["sound"], true);
  hex[40] = hex[40] == '0' ? '1' : '0';
  EXPECT_EQ(verb({"decode", hex}, false).exit_code, 1);
}

TEST_F(cli, decode_knows_requests_and_replies_of_every_frame_type) {
  for (const wire::frame_type_info& info : wire::all_frame_types()) {
    for (const bool is_reply : {false, true}) {
      if (is_reply && !info.from_client) continue;
      const std::uint32_t record = is_reply ? info.reply_record_bytes : info.record_bytes;
      const std::vector<std::byte> body(record);
      frame_header header{};
      header.type = static_cast<std::uint16_t>(is_reply ? reply_type(info.type) : info.type);
      header.record_count = record == 0 ? 0 : 1;
      wire::seal_frame(header, body);
      std::string hex = to_hex(std::as_bytes(std::span{&header, 1})) + to_hex(body);
      const auto said = verb({"decode", hex}, false);
      EXPECT_EQ(said.exit_code, 0) << info.name << "\n" << said.out;
      EXPECT_NE(said.out.find(" = " + std::string(info.name) + (is_reply ? ", reply\n" : "\n")), std::string::npos)
          << said.out;
    }
  }
}

TEST_F(cli, the_offline_verbs_speak_json_too) {
  pay(open(), open(), "7");
  ASSERT_EQ(server->drain(), 0);
  const auto run = [&](std::vector<std::string> words, int exit_code = 0) {
    const auto said = verb(words, false);
    EXPECT_EQ(said.exit_code, exit_code) << words[0] << ": " << said.out << said.err;
    return said.out;
  };
  std::istringstream lines(run({"journal", "dump", "--data", data(), "--json"}));
  std::vector<json> events;
  for (std::string line; std::getline(lines, line);) events.push_back(json::parse(line));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2]["sequence"], 3);
  EXPECT_EQ(events[2]["kind"], "transfer");
  EXPECT_EQ(events[2]["amount"], "700");
  EXPECT_EQ(json::parse(run({"journal", "inspect", "--data", data(), "--json"}))["segments"].size(), 1u);
  EXPECT_EQ(json::parse(run({"journal", "verify", "--data", data(), "--json"}))["last_sequence"], 3);
  EXPECT_EQ(json::parse(run({"index", "rebuild", "--data", data(), "--json"}))["indexed_sequence"], 3);
  EXPECT_EQ(json::parse(run({"verify", "--data", data(), "--json"}))["passed"], true);
  const std::string fresh = directory.path().string() + "/fresh";
  EXPECT_EQ(json::parse(run({"init", "--data", fresh, "--cluster", "0xc1", "--json"}))["cluster"], "0xc1");
  run({"init", "--data", fresh, "--json"}, 1);  // there already
  run({"init", "--data", fresh + "2", "--cluster", "xyz"}, 2);
  const json bad = json::parse(run({"check-config", "--set", "foo=1", "--json"}, 1));
  EXPECT_EQ(bad["good"], false);
  EXPECT_EQ(bad["problems"].size(), 1u);
  EXPECT_EQ(json::parse(run({"check-config", "--json"}))["good"], true);
  // A catalogue of one's own is part of it.
  const std::string folder = directory.path().string() + "/payments";
  support::edited_catalog files;
  files.write(folder);
  EXPECT_EQ(json::parse(run({"check-config", "--set", "payments.folder=" + folder, "--json"}))["good"], true);
  files.replace("templates.yaml", "on_unknown: stop", "on_unknown: fail").write(folder);
  const json wrong = json::parse(run({"check-config", "--set", "payments.folder=" + folder, "--json"}, 1));
  EXPECT_EQ(wrong["problems"].size(), 1u);
  EXPECT_NE(wrong["problems"][0].get<std::string>().find("templates.yaml:27:17: "), std::string::npos) << wrong;
  EXPECT_EQ(json::parse(run({"print-config", "--set", "topology.order_shards=3", "--json"}))["topology.order_shards"],
            "3");
}

TEST_F(cli, every_verb_has_a_help_that_says_its_exit_codes) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"server"},
                                                                                     {"init"},
                                                                                     {"bench"},
                                                                                     {"import"},
                                                                                     {"account", "create"},
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
                                                                                     {"journal", "inspect"},
                                                                                     {"journal", "verify"},
                                                                                     {"journal", "dump"},
                                                                                     {"index", "rebuild"},
                                                                                     {"check-config"},
                                                                                     {"print-config"},
                                                                                     {"decode"},
                                                                                     {"ping"},
                                                                                     {"version"}}) {
    std::vector<std::string> asked = words;
    asked.push_back("--help");
    const auto said = verb(asked, false);
    EXPECT_EQ(said.exit_code, 0) << words.back();
    EXPECT_NE(said.out.find("Exit codes: 0"), std::string::npos) << words[0] << " " << words.back() << ": " << said.out;
  }
}

TEST_F(cli, an_unknown_verb_is_named) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"acount"}, {"account", "shwo"}, {"--colour"}}) {
    const auto said = verb(words, false);
    EXPECT_EQ(said.exit_code, 2);
    EXPECT_NE(said.err.find(words.back()), std::string::npos) << said.err;
  }
}

TEST_F(cli, exit_codes_for_usage_and_no_server) {
  EXPECT_EQ(verb({"account", "show", "not-an-id"}).exit_code, 2);
  EXPECT_EQ(verb({"transfer", "create", "--debit", "1", "--credit", "2", "--amount", "1.999", "--ledger", "EUR",
                  "--code", "1"})
                .exit_code,
            2);
  const auto nobody = support::run_program({PAYLOOM_PROGRAM, "ping", "--address", "127.0.0.1:1"});
  EXPECT_EQ(nobody.exit_code, 3) << nobody.err;
  EXPECT_NE(nobody.err.find("127.0.0.1:1"), std::string::npos) << nobody.err;
}

}  // namespace payloom::e2e
