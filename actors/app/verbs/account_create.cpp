#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/verbs.hpp"

#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/client/id_generator.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string id, ledger, flags, overdraft, effective_at;
  std::uint16_t code = 1;
  user_data_options data;
};

account_record record_of(const arguments& a) {
  account_record record{};
  record.id.value = a.id.empty() ? client::id_generator().next() : parse_id_text("--id", a.id);
  record.ledger = parse_ledger_text(a.ledger);
  record.code = a.code;
  record.flags = parse_flags_text(wire::field_kind::account_flags, a.flags);
  if (!a.overdraft.empty()) record.overdraft_limit_minor = parse_amount_text(record.ledger, a.overdraft);
  if (!a.effective_at.empty()) record.effective_at = parse_time_text(a.effective_at);
  a.data.fill(record);
  return record;
}

int run_account_create(const arguments& a) {
  auto [record, server] = made_and_connected(a.common, [&] { return record_of(a); });
  const client::reply answer = ask(server, frame_type::create_accounts, std::span<const account_record>(&record, 1));
  return print_result({{"id", to_hex(record.id.value)}}, answer.rows<result_record>()[0], a.common.json);
}

}  // namespace

void add_account_create(CLI::App& account, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = account.add_subcommand("create", "Opens an account");
  add_common(*verb, a->common);
  verb->add_option("--id", a->id, "Its id, decimal or 0x (default: a random one)");
  verb->add_option("--ledger", a->ledger, "Currency: EUR, 978, or a ledger of the server by name or number")
      ->required();
  verb->add_option("--code", a->code, "Chart of accounts")->capture_default_str();
  verb->add_option("--flags", a->flags, "Comma-separated: debits_must_not_exceed_credits, history, ...");
  verb->add_option("--overdraft", a->overdraft, "How far a limited account may pass zero");
  verb->add_option("--effective-at", a->effective_at, "With the flag imported: when it was opened elsewhere");
  a->data.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("account create", [&] { return run_account_create(*a); }); });
}

}  // namespace payloom::verbs
