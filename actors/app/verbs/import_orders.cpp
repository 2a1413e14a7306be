// import-orders: a bank's standing orders, paid once, and every account explained afterwards.
#include <fmt/format.h>

#include <chrono>
#include <map>

#include "actors/app/verbs/bulk_import.hpp"
#include "actors/app/verbs/standing_orders.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/settlement.hpp"
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
  bool settle = false;
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
    out[role] = json{
        {"accounts", s.accounts}, {"debits_minor", to_decimal(s.debits)}, {"credits_minor", to_decimal(s.credits)}};
  }
  return out;
}

/// Settles all merchants through today; rows by what became of them.
json settle_all(client::blocking_connection& server, ledger_id ledger, bool& refused) {
  settle_request request{};
  request.ledger = ledger;
  request.limit = limits::settlement_rows_max;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  request.through_date =
      utc_day_of(static_cast<time_ns>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
  std::map<std::string, std::uint64_t> results;
  for (bool more = true; more;) {
    const client::reply answer = ask(server, frame_type::settle, std::span<const settle_request>(&request, 1));
    for (const settlement_row& row : answer.rows<settlement_row>()) {
      ++results[(row.flags & settlement_row_flags::replayed) != 0 ? "settled_before" : std::string(name_of(row.code))];
      const bool waits = row.code == result_code::settlement_below_minimum;
      refused = refused || (row.code != result_code::ok && !waits);
    }
    more = (answer.header.flags & frame_flags::more) != 0;
    request.cursor = answer.header.cursor;
  }
  json out = json::object();
  for (const auto& [what, count] : results) out[what] = count;
  return out;
}

/// A reserve that time has released: its batch has a second event.
bool is_released(client::blocking_connection& server, order_id batch) {
  const id_record id{batch.value};
  return ask(server, frame_type::order_timeline, std::span<const id_record>(&id, 1)).rows<order_event_row>().size() > 1;
}

/// Adds to what is expected of merchants' accounts what their settlement batches have moved so far, whoever made them.
void expect_batches(client::blocking_connection& server, ledger_id ledger, standing_commands& all) {
  for (const selling_merchant& merchant : all.merchants) {
    settlement_query query{};
    query.merchant = merchant.number;
    query.ledger = ledger;
    query.limit = limits::settlement_rows_max;
    for (bool more = true; more;) {
      const client::reply answer = ask(server, frame_type::settlements, std::span<const settlement_query>(&query, 1));
      for (const settlement_row& row : answer.rows<settlement_row>()) {
        all.expected[merchant.pending].debits += row.gross_minor;
        all.expected[merchant.available].credits += row.available_minor;
        all.expected[all.fee_income].credits += row.fee_minor;
        if (row.reserve_minor == 0) continue;
        all.expected[merchant.reserve].credits += row.reserve_minor;
        if (!is_released(server, row.order)) continue;
        all.expected[merchant.reserve].debits += row.reserve_minor;
        all.expected[merchant.available].credits += row.reserve_minor;
      }
      more = (answer.header.flags & frame_flags::more) != 0;
      query.cursor = answer.header.cursor;
    }
  }
}

int run(const arguments& a) {
  if (a.berka.empty() == (a.generate == 0)) throw usage_error("one of --berka DIR and --generate N is needed");
  const catalog_ptr catalog = a.payments.load();
  const auto rows = a.berka.empty() ? generate_standing_orders(a.generate, a.seed) : read_standing_orders(a.berka);
  standing_commands all = to_orders(rows, *catalog, parse_ledger_text(a.ledger));
  auto server = connect(a.common);
  const tally accounts = send_all(server, frame_type::create_accounts, all.accounts, client::bulk_window);
  const tally funding = send_all(server, frame_type::create_transfers, all.funding, client::bulk_window);
  const auto start = std::chrono::steady_clock::now();
  const tally orders = send_all(server, frame_type::create_orders, all.orders, client::bulk_window);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const ledger_id ledger = parse_ledger_text(a.ledger);
  bool settlement_refused = false;
  const json settled = a.settle ? settle_all(server, ledger, settlement_refused) : json(nullptr);
  expect_batches(server, ledger, all);
  const std::uint64_t wrong = check_balances(server, all.accounts, all.expected);
  const bool nothing_refused =
      !settlement_refused && accounts.refused.empty() && funding.refused.empty() && orders.refused.empty();
  const bool passed = wrong == 0 && nothing_refused;
  json out;
  out["source"] = a.berka.empty() ? "generated" : "berka";
  out["seconds"] = taken.count();
  out["accounts"] = tally_json(accounts);
  out["funding"] = tally_json(funding);
  out["orders"] = tally_json(orders);
  out["sales"] = all.sales;
  out["transfers"] = all.transfers;
  out["fees_minor"] = to_decimal(all.fees_minor);
  if (a.settle) out["settlement"] = settled;
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
  CLI::App* verb = app.add_subcommand("import-orders",
                                      "Pays a bank's standing orders as sales and transfers and checks every balance");
  add_common(*verb, a->common);
  a->payments.add_to(*verb);
  auto* berka = verb->add_option("--berka", a->berka, "Folder with standing_orders.csv of the PKDD'99 set");
  verb->add_option("--generate", a->generate, "Make this many orders in the same shape instead")
      ->check(CLI::Range(1, 10'000'000))
      ->excludes(berka);
  verb->add_option("--seed", a->seed, "With --generate")->check(CLI::Range(1, 65'535))->capture_default_str();
  verb->add_option("--ledger", a->ledger, "Currency of all accounts")->capture_default_str();
  verb->add_flag("--settle", a->settle, "Then settle all merchants through today");
  verb->callback([a, &exit_code] { exit_code = guarded("import-orders", [&] { return run(*a); }); });
}

}  // namespace payloom::verbs
