// import-orders: a bank's standing orders, paid once, and every account explained afterwards.
#include <fmt/format.h>

#include <chrono>
#include <map>

#include "actors/app/verbs/bulk_import.hpp"
#include "actors/app/verbs/standing_orders.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  std::string berka;
  std::uint64_t generate = 0;
  std::uint64_t seed = 1;
  std::string ledger = "CZK";
};

/// What stands on all accounts of a role together: where the money is, and that it is all there.
json roles_json(const standing_commands& all) {
  struct sums {
    std::uint64_t accounts = 0;
    u128 debits = 0, credits = 0;
  };
  std::map<std::string, sums> roles;
  for (const expected_sums& e : all.expected) {
    sums& s = roles[e.name.substr(0, e.name.find(' '))];
    ++s.accounts;
    s.debits += e.debits;
    s.credits += e.credits;
  }
  json out = json::object();
  for (const auto& [role, s] : roles) {
    out[role] = json{{"accounts", s.accounts},
                     {"debits_minor", to_decimal(s.debits)},
                     {"credits_minor", to_decimal(s.credits)}};
  }
  return out;
}

int run(const arguments& a) {
  if (a.berka.empty() == (a.generate == 0)) throw usage_error("one of --berka DIR and --generate N is needed");
  const catalog_ptr catalog = a.payments.load();
  const auto rows = a.berka.empty() ? generate_standing_orders(a.generate, a.seed) : read_standing_orders(a.berka);
  const standing_commands all = to_orders(rows, *catalog, parse_ledger_text(a.ledger));
  auto server = connect(a.common);
  const tally accounts = send_all(server, frame_type::create_accounts, all.accounts, client::bulk_window);
  const tally funding = send_all(server, frame_type::create_transfers, all.funding, client::bulk_window);
  const auto start = std::chrono::steady_clock::now();
  const tally orders = send_all(server, frame_type::create_orders, all.orders, client::bulk_window);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const std::uint64_t wrong = check_balances(server, all.accounts, all.expected);
  const bool passed = wrong == 0 && accounts.refused.empty() && funding.refused.empty() && orders.refused.empty();
  json out;
  out["source"] = a.berka.empty() ? "generated" : "berka";
  out["seconds"] = taken.count();
  out["accounts"] = tally_json(accounts);
  out["funding"] = tally_json(funding);
  out["orders"] = tally_json(orders);
  out["sales"] = all.sales;
  out["transfers"] = all.transfers;
  out["fees_minor"] = to_decimal(all.fees_minor);
  out["explained"] = roles_json(all);
  out["balances_checked"] = all.accounts.size();
  out["balances_wrong"] = wrong;
  out["passed"] = passed;
  fmt::print("{}", a.common.json ? out.dump() + "\n" : json_text(out));
  return passed ? exit_ok : exit_refused;
}

}  // namespace

void add_import_orders(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  a->common.timeout_ms = 60'000;
  CLI::App* verb = app.add_subcommand(
      "import-orders", "Pays a bank's standing orders as sales and transfers and checks every balance");
  add_common(*verb, a->common);
  a->payments.add_to(*verb);
  auto* berka = verb->add_option("--berka", a->berka, "Folder with standing_orders.csv of the PKDD'99 set");
  verb->add_option("--generate", a->generate, "Make this many orders in the same shape instead")
      ->check(CLI::Range(1, 10'000'000))
      ->excludes(berka);
  verb->add_option("--seed", a->seed, "With --generate")->check(CLI::Range(1, 65'535))->capture_default_str();
  verb->add_option("--ledger", a->ledger, "Currency of all accounts")->capture_default_str();
  verb->callback([a, &exit_code] { exit_code = guarded("import-orders", [&] { return run(*a); }); });
}

}  // namespace payloom::verbs
