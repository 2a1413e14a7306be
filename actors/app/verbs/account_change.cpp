#include "actors/app/verbs/verbs.hpp"

#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string account, id, set, clear, limit;
  bool close = false, reopen = false;
  std::uint32_t reason = 0;
};

/// Amounts are written in the account's currency: the server knows which.
ledger_id ledger_of(client::blocking_connection& server, account_id id) {
  const id_record asked{id.value};
  const client::reply answer = ask(server, frame_type::lookup_accounts, std::span<const id_record>(&asked, 1));
  for (const account_row& row : answer.rows<account_row>()) {
    if (row.id == id) return row.ledger;
  }
  throw refused_error("account_not_found");
}

int run_account_change(const arguments& a) {
  const int asked = !a.set.empty() + !a.clear.empty() + !a.limit.empty() + a.close + a.reopen;
  if (asked != 1) throw usage_error("exactly one of --set, --clear, --limit, --close, --reopen is needed");
  auto server = a.limit.empty() ? connect(a.common) : connect_for_amounts(a.common);
  account_change_record record{};
  record.id.value = a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id);
  record.account.value = parse_id_text("ACCOUNT", a.account);
  record.reason = a.reason;
  if (!a.set.empty() || !a.clear.empty()) {
    record.kind = a.set.empty() ? account_change_kind::clear_flags : account_change_kind::set_flags;
    record.flags = parse_flags_text(wire::field_kind::account_flags, a.set + a.clear);
  } else if (!a.limit.empty()) {
    record.kind = account_change_kind::set_limit;
    record.overdraft_limit_minor = parse_amount_text(ledger_of(server, record.account), a.limit);
  } else {
    record.kind = a.close ? account_change_kind::close : account_change_kind::reopen;
  }
  const client::reply answer =
      ask(server, frame_type::change_accounts, std::span<const account_change_record>(&record, 1));
  return print_result({{"id", to_hex(record.id.value)}}, answer.rows<result_record>()[0], a.common.json);
}

}  // namespace

void add_account_change(CLI::App& account, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = account.add_subcommand("change", "Changes flags or limit, closes, reopens");
  add_common(*verb, a->common);
  verb->add_option("ACCOUNT", a->account, "Id of the account, decimal or 0x")->required();
  verb->add_option("--id", a->id, "Id of this command (default: a random one); repeating it changes nothing");
  verb->add_option("--set", a->set, "Flags to set: history, stop_in, stop_out, hot, ...");
  verb->add_option("--clear", a->clear, "Flags to clear");
  verb->add_option("--limit", a->limit, "New overdraft limit");
  verb->add_flag("--close", a->close, "Closes it; refused while holds are open");
  verb->add_flag("--reopen", a->reopen, "Opens it again");
  verb->add_option("--reason", a->reason, "The caller's own number");
  verb->callback([a, &exit_code] { exit_code = guarded("account change", [&] { return run_account_change(*a); }); });
}

}  // namespace payloom::verbs
