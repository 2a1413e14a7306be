#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  query_options query;
  std::string account;
  bool debits = false, credits = false;
};

query_record query_of(const arguments& a) {
  query_record query = a.query.record();
  query.account.value = parse_id_text("ACCOUNT", a.account);
  if (a.debits) query.flags |= payloom::query_flags::debits;
  if (a.credits) query.flags |= payloom::query_flags::credits;
  return query;
}

int run_account_statement(const arguments& a) {
  auto [query, server] = made_and_connected(a.common, [&] { return query_of(a); });
  std::uint64_t cursor = 0;
  print_statement(read_pages<statement_row>(server, frame_type::statement, query, a.query.limit, cursor), query.account,
                  a.common.json);
  print_more(cursor);
  return exit_ok;
}

}  // namespace

void add_account_statement(CLI::App& account, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = account.add_subcommand("statement", "Shows the postings of an account");
  add_common(*verb, a->common);
  verb->add_option("ACCOUNT", a->account, "Id of the account, decimal or 0x")->required();
  auto* debits = verb->add_flag("--debits", a->debits, "Debit lines only");
  verb->add_flag("--credits", a->credits, "Credit lines only")->excludes(debits);
  a->query.add_to(*verb);
  verb->callback(
      [a, &exit_code] { exit_code = guarded("account statement", [&] { return run_account_statement(*a); }); });
}

}  // namespace payloom::verbs
