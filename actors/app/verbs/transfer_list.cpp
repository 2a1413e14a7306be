#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  query_options query;
  std::string account, debit, credit, flags;
};

query_record query_of(const arguments& a) {
  query_record query = a.query.record();
  if (!a.account.empty()) query.account.value = parse_id_text("--account", a.account);
  if (!a.debit.empty()) query.debit_account.value = parse_id_text("--debit", a.debit);
  if (!a.credit.empty()) query.credit_account.value = parse_id_text("--credit", a.credit);
  query.transfer_flags_set = parse_flags_text(wire::field_kind::transfer_flags, a.flags);
  return query;
}

int run_transfer_list(const arguments& a) {
  auto [query, server] = made_and_connected(a.common, [&] { return query_of(a); });
  std::uint64_t cursor = 0;
  print_transfers(read_pages<transfer_row>(server, frame_type::list_transfers, query, a.query.limit, cursor),
                  a.common.json);
  print_more(cursor);
  return exit_ok;
}

}  // namespace

void add_transfer_list(CLI::App& transfer, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = transfer.add_subcommand("list", "Lists transfers; filters are combined");
  add_common(*verb, a->common);
  verb->add_option("--account", a->account, "Debit or credit account");
  verb->add_option("--debit", a->debit, "Debit account");
  verb->add_option("--credit", a->credit, "Credit account");
  verb->add_option("--flags", a->flags, "Transfers with all of these flags");
  a->query.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("transfer list", [&] { return run_transfer_list(*a); }); });
}

}  // namespace payloom::verbs
