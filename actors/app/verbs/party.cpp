// party open, party show: all accounts that the chart has for a merchant, a user, a channel or the platform.
#include <fmt/format.h>

#include <algorithm>

#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

using core::catalog::account_role;
using core::catalog::normal_side;
using core::catalog::owner_scope;
using core::catalog::role_index;

struct arguments {
  common_options common;
  payment_options payments;
  std::string scope;
  owner_number number = 0;
  std::vector<std::string> ledgers;
  bool history = false;

  void add_to(CLI::App& verb) {
    add_common(verb, common);
    verb.add_option("SCOPE", scope, "platform, merchant, user or channel")
        ->required()
        ->check(CLI::IsMember({"platform", "merchant", "user", "channel"}));
    verb.add_option("NUMBER", number, "Of the merchant, user or channel; the platform has none");
    verb.add_option("--ledger", ledgers, "Currency: EUR, 978, or a ledger of the server; may stand several times")
        ->required()
        ->allow_extra_args(false);
    payments.add_to(verb);
  }
};

/// One account of the party: its role and the record that the chart says.
struct party_account {
  const account_role* role = nullptr;
  account_record record{};
};

std::vector<party_account> accounts_of(const arguments& a, const payment_catalog& catalog) {
  if ((a.scope == "platform") != (a.number == 0)) {
    throw usage_error(a.number == 0 ? "NUMBER: which " + a.scope + "? Numbers begin at 1"
                                    : "NUMBER: the platform has none");
  }
  const core::catalog::chart& chart = catalog.parts().accounts;
  std::vector<party_account> all;
  for (const std::string& name : a.ledgers) {
    const ledger_id ledger = parse_ledger_text(name);
    for (std::size_t i = 0; i < chart.size(); ++i) {
      const auto index = static_cast<role_index>(i);
      const account_role& role = chart.at(index);
      if (scope_name(role.scope) != a.scope) continue;
      party_account one;
      one.role = &role;
      one.record.id = chart.account_of(index, ledger, a.number);
      one.record.ledger = ledger;
      one.record.code = role.code;
      one.record.flags = chart.flags_of(index);
      if (a.history) one.record.flags |= account_flags::history;
      all.push_back(one);
    }
  }
  if (all.size() > limits::frame_events_max) throw usage_error("--ledger: too many at once");
  return all;
}

/// The catalogue, whose roles the accounts point to, and the accounts.
struct party {
  catalog_ptr catalog;
  std::vector<party_account> accounts;
};

party party_of(const arguments& a) {
  party p{a.payments.load(), {}};
  p.accounts = accounts_of(a, *p.catalog);
  return p;
}

void print_rows(const json& rows, bool as_json) { fmt::print("{}", as_json ? rows.dump() + "\n" : json_text(rows)); }

int run_party_open(const arguments& a) {
  auto [who, server] = made_and_connected(a.common, [&] { return party_of(a); });
  std::vector<account_record> records;
  for (const party_account& one : who.accounts) records.push_back(one.record);
  const client::reply answer = ask(server, frame_type::create_accounts, std::span<const account_record>(records));
  json rows = json::array();
  bool all_open = true;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const result_code code = answer.rows<result_record>()[i].code;
    all_open = all_open && describe(code).klass == result_class::done;
    rows.push_back({{"role", who.accounts[i].role->name},
                    {"currency", ledgers().name(records[i].ledger)},
                    {"account", to_hex(records[i].id.value)},
                    {"flags", format_flags(wire::field_kind::account_flags, records[i].flags)},
                    {"result", std::string(name_of(code))}});
  }
  print_rows(rows, a.common.json);
  return all_open ? exit_ok : exit_refused;
}

/// How an account of a role stands: its balance is positive on its own side.
json balance_json(const account_role& role, const account_row& row) {
  const account_counters& c = row.counters;
  const bool credit = role.side == normal_side::credit;
  const auto text = [&](u128 plus, u128 minus) {
    return plus >= minus ? ledgers().format(row.ledger, plus - minus)
                         : "-" + ledgers().format(row.ledger, minus - plus);
  };
  const u128 in = credit ? c.credits_posted : c.debits_posted;
  const u128 out = credit ? c.debits_posted : c.credits_posted;
  const u128 in_pending = credit ? c.credits_pending : c.debits_pending;
  const u128 out_pending = credit ? c.debits_pending : c.credits_pending;
  return {{"role", role.name},
          {"currency", ledgers().name(row.ledger)},
          {"posted", text(in, out)},
          {"pending_in", text(in_pending, 0)},
          {"pending_out", text(out_pending, 0)},
          {"available", text(in, out + out_pending)},
          {"side", credit ? "credit" : "debit"},
          {"account", to_hex(row.id.value)},
          {"flags", format_flags(wire::field_kind::account_flags, row.flags)}};
}

int run_party_show(const arguments& a) {
  auto [who, server] = made_and_connected(a.common, [&] { return party_of(a); });
  std::vector<id_record> ids;
  for (const party_account& one : who.accounts) ids.push_back({one.record.id.value});
  const client::reply answer = ask(server, frame_type::balances_at, std::span<const id_record>(ids));
  json rows = json::array();
  std::size_t missing = 0;
  for (const party_account& one : who.accounts) {
    const auto found = answer.rows<account_row>();
    const auto row =
        std::find_if(found.begin(), found.end(), [&](const account_row& r) { return r.id == one.record.id; });
    if (row == found.end()) {
      ++missing;
    } else {
      rows.push_back(balance_json(*one.role, *row));
    }
  }
  print_rows(rows, a.common.json);
  if (missing != 0) fmt::print(stderr, "{} of {} accounts are not open\n", missing, ids.size());
  return missing == 0 ? exit_ok : exit_refused;
}

}  // namespace

void add_party(CLI::App& app, int& exit_code) {
  CLI::App* group =
      app.add_subcommand("party", "Accounts of a merchant, a user, a channel or the platform: open, show");
  group->require_subcommand(1);
  auto open = std::make_shared<arguments>();
  CLI::App* verb = group->add_subcommand("open", "Opens all accounts that the chart has for somebody");
  open->add_to(*verb);
  verb->add_flag("--history", open->history, "Their statements carry running balances");
  verb->callback([open, &exit_code] { exit_code = guarded("party open", [&] { return run_party_open(*open); }); });
  auto show = std::make_shared<arguments>();
  verb = group->add_subcommand("show", "Shows their balances, all at one commit");
  show->add_to(*verb);
  verb->callback([show, &exit_code] { exit_code = guarded("party show", [&] { return run_party_show(*show); }); });
}

}  // namespace payloom::verbs
