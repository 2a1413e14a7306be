#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  query_options query;
};

int run_account_list(const arguments& a) {
  auto [query, server] = made_and_connected(a.common, [&] { return a.query.record(); });
  std::uint64_t cursor = 0;
  print_accounts(read_pages<account_row>(server, frame_type::list_accounts, query, a.query.limit, cursor),
                 a.common.json);
  print_more(cursor);
  return exit_ok;
}

}  // namespace

void add_account_list(CLI::App& account, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = account.add_subcommand("list", "Lists accounts; filters are combined");
  add_common(*verb, a->common);
  a->query.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("account list", [&] { return run_account_list(*a); }); });
}

}  // namespace payloom::verbs
