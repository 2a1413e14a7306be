#include "actors/app/verbs/verbs.hpp"

#include <fmt/format.h>

#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::vector<std::string> ids;
  bool at_one_sequence = false;
};

int run_account_show(const arguments& a) {
  std::vector<id_record> ids;
  for (const std::string& id : a.ids) ids.push_back({parse_id_text("ACCOUNT", id)});
  auto server = connect_for_amounts(a.common);
  const auto type = a.at_one_sequence ? frame_type::balances_at : frame_type::lookup_accounts;
  const client::reply answer = ask(server, type, std::span<const id_record>(ids));
  std::vector<account_row> found;
  for (const account_row& row : answer.rows<account_row>()) {
    if (row.id.value != 0) found.push_back(row);
  }
  print_accounts(found, a.common.json);
  if (found.size() < ids.size()) fmt::print(stderr, "{} of {} not found\n", ids.size() - found.size(), ids.size());
  return found.size() == ids.size() ? exit_ok : exit_refused;
}

}  // namespace

void add_account_show(CLI::App& account, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = account.add_subcommand("show", "Shows accounts by id");
  add_common(*verb, a->common);
  verb->add_option("ACCOUNT", a->ids, "Ids, decimal or 0x")->required()->expected(1, 5000);
  verb->add_flag("--at-one-sequence", a->at_one_sequence, "All balances at one commit sequence");
  verb->callback([a, &exit_code] { exit_code = guarded("account show", [&] { return run_account_show(*a); }); });
}

}  // namespace payloom::verbs
