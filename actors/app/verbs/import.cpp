#include <fmt/format.h>

#include <chrono>

#include "actors/app/verbs/bank_mapping.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/client/bulk.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

constexpr std::uint32_t lookup_rows = 5000;

struct arguments {
  common_options common;
  std::string berka;
  std::uint64_t generate = 0;
  std::uint64_t seed = 1;
  std::string ledger = "CZK";
};

struct tally {
  std::uint64_t done = 0;      ///< executed now
  std::uint64_t replayed = 0;  ///< were there already
  std::map<std::string, std::uint64_t> refused;

  void add(const client::reply& answer, std::uint32_t count) {
    const auto results = answer.rows<result_record>();
    for (std::uint32_t i = 0; i < count; ++i) {
      // A refused frame has no results: its code counts for every event.
      const result_code code = answer.code() != result_code::ok ? answer.code() : results[i].code;
      if (answer.code() == result_code::ok && (results[i].flags & result_flags::replayed) != 0 &&
          (code == result_code::ok || code == result_code::account_exists)) {
        ++replayed;
      } else if (code == result_code::ok) {
        ++done;
      } else {
        ++refused[std::string(name_of(code))];
      }
    }
  }
};

template <class Record>
tally send_all(client::blocking_connection& server, frame_type type, const std::vector<Record>& records,
               std::size_t window) {
  tally sum;
  client::for_each_frame<Record>(
      server, type, records.size(), limits::frame_events_max, [&](std::uint64_t i) { return records[i]; },
      [&](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        if (answer.code() == result_code::ok && answer.rows<result_record>().size() < count) {
          throw refused_error("a reply has too few results");
        }
        sum.add(answer, count);
      },
      window);
  return sum;
}

/// Compares every account with what the rows say; returns how many differ and prints the first few.
std::uint64_t check_balances(client::blocking_connection& server, const bank_commands& bank) {
  constexpr std::uint64_t shown_most = 10;
  std::uint64_t wrong = 0;
  client::for_each_frame<id_record>(
      server, frame_type::lookup_accounts, bank.accounts.size(), lookup_rows,
      [&](std::uint64_t i) { return id_record{bank.accounts[i].id.value}; },
      [&](std::uint64_t first, std::uint32_t count, const client::reply& answer) {
        if (answer.code() != result_code::ok) {
          throw refused_error(fmt::format("looking up accounts: {}", name_of(answer.code())));
        }
        client::match_rows(
            answer.rows<account_row>(), count, [&](std::uint32_t i) { return bank.accounts[first + i].id.value; },
            [](const account_row& row) { return row.id.value; },
            [&](std::uint32_t i, const account_row* row) {
              const expected_sums& e = bank.expected[first + i];
              const bool right = row != nullptr && row->counters.debits_posted == e.debits &&
                                 row->counters.credits_posted == e.credits;
              if (right || ++wrong > shown_most) return;
              fmt::print(stderr, "{}: expected debits {} credits {}, the ledger has {} and {}\n", e.name,
                         to_decimal(e.debits), to_decimal(e.credits),
                         row == nullptr ? "no account" : to_decimal(row->counters.debits_posted),
                         row == nullptr ? "" : to_decimal(row->counters.credits_posted));
            });
      });
  return wrong;
}

json tally_json(const tally& t) {
  json out{{"imported", t.done}, {"replayed", t.replayed}};
  json refused = json::object();
  for (const auto& [code, n] : t.refused) refused[code] = n;
  out["refused"] = std::move(refused);
  return out;
}

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
  const std::uint64_t wrong = check_balances(server, bank);
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
