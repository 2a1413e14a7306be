// Ledgers that only the server's configuration knows: listed over the protocol, and amounts of them read and shown by
// verbs that have no configuration.
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

using nlohmann::json;

class ledgers : public ledger_fixture {
 protected:
  void SetUp() override {
    const std::string file = directory.path().string() + "/payloom.yaml";
    std::ofstream(file) << "ledgers:\n"
                           "  - {id: 2000, name: MILES, exponent: 0}\n"
                           "  - {id: 1000, name: POINTS, exponent: 3}\n"
                           "  - {id: 4294967295, name: LAST, exponent: 18}\n";
    start({}, {"--config", file});
  }
  json ask(std::vector<std::string> words, int exit_code = 0) {
    words.push_back("--json");
    const auto said = verb(words);
    EXPECT_EQ(said.exit_code, exit_code) << said.out << said.err;
    return json::parse(said.out, nullptr, false);
  }
  client::reply list(client::blocking_connection& to, const query_record& query) {
    return to.call(frame_type::list_ledgers, std::span<const query_record>(&query, 1));
  }
};

TEST_F(ledgers, are_listed_page_by_page_in_ascending_order) {
  auto to = connect();
  std::vector<std::string> found;
  query_record query{};
  query.limit = 2;
  for (int pages = 1; pages <= 2; ++pages) {
    const client::reply page = list(to, query);
    ASSERT_EQ(name_of(page.code()), "ok");
    for (const ledger_row& row : page.rows<ledger_row>())
      found.push_back(std::to_string(row.ledger) + " " + row.name + " " + std::to_string(row.exponent));
    EXPECT_EQ((page.header.flags & frame_flags::more) != 0, pages == 1);
    query.cursor = page.header.cursor;
  }
  EXPECT_EQ(found, (std::vector<std::string>{"1000 POINTS 3", "2000 MILES 0", "4294967295 LAST 18"}));
}

TEST_F(ledgers, a_query_with_anything_else_is_malformed) {
  auto to = connect();
  query_record query{};
  EXPECT_EQ(name_of(list(to, query).code()), "query_malformed");  // no limit
  query.limit = limits::query_rows_max + 1;
  EXPECT_EQ(name_of(list(to, query).code()), "query_malformed");
  query.limit = 1;
  query.code = 1;
  EXPECT_EQ(name_of(list(to, query).code()), "query_malformed");
  query.code = 0;
  query.cursor = std::uint64_t{1} << 32;
  EXPECT_EQ(name_of(list(to, query).code()), "cursor_malformed");
}

TEST_F(ledgers, the_verbs_read_and_show_amounts_of_them_without_a_configuration) {
  const std::string from = ask({"account", "create", "--ledger", "POINTS", "--flags",
                                "debits_must_not_exceed_credits,history", "--overdraft", "5.5"})["id"];
  const std::string into = ask({"account", "create", "--ledger", "1000", "--flags", "history"})["id"];
  const json paid = ask({"transfer", "create", "--debit", from, "--credit", into, "--amount", "1.234", "--ledger",
                         "POINTS", "--code", "3"});
  EXPECT_EQ(paid["code"], "ok");
  const json shown = ask({"account", "show", from})[0];
  EXPECT_EQ(shown["currency"], "POINTS");
  EXPECT_EQ(shown["balance"], "-1.234");
  EXPECT_EQ(shown["overdraft_limit_minor"], "5500");
  EXPECT_EQ(ask({"account", "list", "--ledger", "POINTS"}).size(), 2u);
  EXPECT_EQ(ask({"account", "list", "--ledger", "MILES"}).size(), 0u);
  EXPECT_EQ(ask({"transfer", "list", "--ledger", "POINTS"})[0]["amount"], "1.234");
  EXPECT_EQ(ask({"transfer", "show", std::string(paid["id"])})[0]["amount"], "1.234");
  EXPECT_EQ(ask({"account", "statement", into})[0]["amount"], "1.234");
  EXPECT_EQ(ask({"account", "change", from, "--limit", "0.001"}, 1)["code"], "account_outside_new_limit");
  const auto table = verb({"account", "statement", into});
  EXPECT_NE(table.out.find("1.234"), std::string::npos) << table.out;
}

TEST_F(ledgers, what_is_none_is_a_usage_error) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"account", "create", "--ledger", "NOPE"},
                                             {"account", "create", "--ledger", "POINTS", "--overdraft", "1.2345"},
                                             {"account", "list", "--ledger", "points"}}) {
    const auto said = verb(words);
    EXPECT_EQ(said.exit_code, 2) << said.out << said.err;
    EXPECT_NE(said.err.find("payloom account"), std::string::npos) << said.err;
  }
}

}  // namespace payloom::e2e
