#include <fmt/format.h>

#include <chrono>

#include "actors/app/verbs/bulk_import.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string berka;
  std::uint64_t generate = 0;
  std::uint64_t seed = 1;
  std::string ledger = "CZK";
};

int run_import(const arguments& a) {
  if (a.berka.empty() == (a.generate == 0)) throw usage_error("one of --berka DIR and --generate N is needed");
  const ledger_id ledger = parse_ledger_text(a.ledger);
  const bank_data data = a.berka.empty() ? generate_bank(a.generate, a.seed) : read_berka(a.berka);
  const bank_commands bank = to_commands(data, ledger);
  auto server = connect(a.common);
  const auto start = std::chrono::steady_clock::now();
  const tally accounts = send_all(server, frame_type::create_accounts, bank.accounts, client::bulk_window);
  // One frame at a time: statements then show the rows in order of date.
  const tally transfers = send_all(server, frame_type::create_transfers, bank.transfers, 1);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const std::uint64_t wrong = check_balances(server, bank.accounts, bank.expected);
  const bool passed = wrong == 0 && accounts.refused.empty() && transfers.refused.empty();
  json out;
  out["source"] = a.berka.empty() ? "generated" : "berka";
  out["seconds"] = taken.count();
  out["accounts"] = tally_json(accounts);
  out["transfers"] = tally_json(transfers);
  out["balances_checked"] = bank.accounts.size();
  out["balances_wrong"] = wrong;
  out["passed"] = passed;
  fmt::print("{}", a.common.json ? out.dump() + "\n" : json_text(out));
  return passed ? exit_ok : exit_refused;
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  a->common.timeout_ms = 60'000;
  CLI::App* verb = app.add_subcommand(
      "import", "Imports a bank's transactions and checks every balance; doing it again changes nothing");
  add_common(*verb, a->common);
  auto* berka =
      verb->add_option("--berka", a->berka, "Folder with accounts.csv and transactions.csv of the PKDD'99 set");
  verb->add_option("--generate", a->generate, "Make this many transactions in the same shape instead")
      ->check(CLI::Range(1, 100'000'000))
      ->excludes(berka);
  verb->add_option("--seed", a->seed, "With --generate")->check(CLI::Range(1, 65'535))->capture_default_str();
  verb->add_option("--ledger", a->ledger, "Currency of all accounts")->capture_default_str();
  verb->callback([a, &exit_code] { exit_code = guarded("import", [&] { return run_import(*a); }); });
}

}  // namespace payloom::verbs
