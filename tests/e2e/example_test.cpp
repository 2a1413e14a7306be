// The example of the client library, as a newcomer runs it.
#include "tests/e2e/ledger_fixture.hpp"

namespace payloom::e2e {

class example : public ledger_fixture {};

TEST_F(example, pays_between_two_new_accounts) {
  start();
  const auto said = support::run_program({PAYLOOM_EXAMPLE_PAY, address});
  EXPECT_EQ(said.exit_code, 0) << said.out << said.err;
  EXPECT_EQ(said.out, "result, code ok\n");
  const auto listed = verb({"transfer", "list", "--json"});
  EXPECT_NE(listed.out.find("\"amount\":\"12.34\""), std::string::npos) << listed.out;
}

TEST_F(example, says_unknown_or_not_sent_when_nobody_listens) {
  const auto said = support::run_program({PAYLOOM_EXAMPLE_PAY, "127.0.0.1:1"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_NE(said.out.find("not sent"), std::string::npos) << said.out << said.err;
}

TEST_F(example, without_an_address_says_its_usage) {
  EXPECT_EQ(support::run_program({PAYLOOM_EXAMPLE_PAY}).exit_code, 2);
}

}  // namespace payloom::e2e
