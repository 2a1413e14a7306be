// settlement run, due, list, show: merchants' money from pending to available.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/query_options.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/settlement.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
  owner_number merchant = 0;
  std::string ledger, through;
  std::uint64_t limit = 0;
  bool days = false;
};

constexpr std::uint64_t list_limit = 100;  ///< of batches, unless said otherwise

/// "2026-11-22" or 20261122.
day_number parse_day(const std::string& what, const std::string& text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '-'; });
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool shape = digits.size() == 8 && std::all_of(digits.begin(), digits.end(), is_digit);
  const bool dashes = text.size() == 8 || (text.size() == 10 && text[4] == '-' && text[7] == '-');
  const day_number day = shape && dashes ? static_cast<day_number>(std::stoul(digits)) : 0;
  if (!is_day(day)) throw usage_error(what + ": '" + text + "' is no day: write 2026-11-22");
  return day;
}

std::string day_text(day_number day) {
  return day == 0 ? std::string() : fmt::format("{:04}-{:02}-{:02}", day / 10'000, day / 100 % 100, day % 100);
}

std::string signed_amount(const settlement_row& row) {
  const bool negative = (row.flags & settlement_row_flags::negative) != 0;
  return (negative ? "-" : "") + ledgers().format(row.ledger, row.gross_minor);
}

/// What became of a batch, in a word.
std::string result_text(const settlement_row& row) {
  if (row.code != result_code::ok) return std::string(name_of(row.code));
  if ((row.flags & settlement_row_flags::replayed) != 0) return "settled before";
  return (row.flags & settlement_row_flags::dry_run) != 0 ? "due" : "settled";
}

json batch_json(const settlement_row& row) {
  const auto amount = [&](u128 minor) { return ledgers().format(row.ledger, minor); };
  return {{"merchant", row.merchant},
          {"currency", ledgers().name(row.ledger)},
          {"through_date", day_text(row.through_date)},
          {"gross", signed_amount(row)},
          {"fee", amount(row.fee_minor)},
          {"reserve", amount(row.reserve_minor)},
          {"available", amount(row.available_minor)},
          {"result", std::string(name_of(row.code))},
          {"flags", format_flags(wire::field_kind::settlement_row_flags, row.flags)},
          {"order", row.order.value == 0 ? json(nullptr) : json(to_hex(row.order.value))},
          {"sequence", row.sequence},
          {"timestamp", format_time(row.timestamp)},
          {"as_of", row.as_of},
          {"settled_before", day_text(row.settled_before)}};
}

void print_batches(std::span<const settlement_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const settlement_row& row : rows) all.push_back(batch_json(row));
    fmt::print("{}\n", all.dump());
    return;
  }
  table out({"merchant", "currency", "through", "gross", "fee", "reserve", "available", "result", "commit", "order"});
  for (const settlement_row& row : rows) {
    const auto amount = [&](u128 minor) { return ledgers().format(row.ledger, minor); };
    out.add({std::to_string(row.merchant), ledgers().name(row.ledger), day_text(row.through_date), signed_amount(row),
             amount(row.fee_minor), amount(row.reserve_minor), amount(row.available_minor), result_text(row),
             row.sequence == 0 ? "" : std::to_string(row.sequence),
             row.order.value == 0 ? "" : to_hex(row.order.value)});
  }
  fmt::print("{}", out.text());
}

void print_days(std::span<const settlement_row> rows, bool as_json) {
  json all = json::array();
  table out({"merchant", "currency", "accounting date", "amount", "settled through"});
  for (const settlement_row& row : rows) {
    all.push_back({{"merchant", row.merchant},
                   {"currency", ledgers().name(row.ledger)},
                   {"accounting_date", day_text(row.through_date)},
                   {"amount", signed_amount(row)},
                   {"settled_through", day_text(row.settled_before)},
                   {"as_of", row.as_of}});
    out.add({std::to_string(row.merchant), ledgers().name(row.ledger), day_text(row.through_date), signed_amount(row),
             day_text(row.settled_before)});
  }
  fmt::print("{}", as_json ? all.dump() + "\n" : out.text());
}

/// All pages of an answer, at most `most` rows.
template <class Request>
std::vector<settlement_row> read_all(client::blocking_connection& server, frame_type type, Request request,
                                     std::uint64_t most) {
  std::vector<settlement_row> rows;
  bool more = true;
  while (more && rows.size() < most) {
    request.limit = limits::settlement_rows_max;
    const client::reply answer = ask(server, type, std::span<const Request>(&request, 1));
    const auto page = answer.rows<settlement_row>();
    rows.insert(rows.end(), page.begin(), page.end());
    more = (answer.header.flags & frame_flags::more) != 0 && answer.header.cursor != request.cursor;
    request.cursor = answer.header.cursor;
  }
  if (rows.size() > most) rows.resize(most);
  return rows;
}

settle_request request_of(const arguments& a, std::uint16_t flags) {
  settle_request request{};
  request.merchant = a.merchant;
  if (!a.ledger.empty()) request.ledger = parse_ledger_text(a.ledger);
  if (!a.through.empty()) request.through_date = parse_day("--through", a.through);
  request.flags = flags;
  return request;
}

settlement_query query_of(const arguments& a, settlement_view view) {
  settlement_query query{};
  query.merchant = a.merchant;
  if (!a.ledger.empty()) query.ledger = parse_ledger_text(a.ledger);
  query.view = view;
  return query;
}

int run_settle(const arguments& a, std::uint16_t flags) {
  auto [request, server] = made_and_connected(a.common, [&] { return request_of(a, flags); });
  const auto rows = read_all(server, frame_type::settle, request, UINT64_MAX);
  print_batches(rows, a.common.json);
  // What waits for the next batch is as it should be; what was refused is not.
  const bool refused = std::any_of(rows.begin(), rows.end(), [](const settlement_row& row) {
    return row.code != result_code::ok && row.code != result_code::settlement_below_minimum &&
           row.code != result_code::settlement_negative;
  });
  return refused ? exit_refused : exit_ok;
}

int run_days(const arguments& a) {
  auto [query, server] = made_and_connected(a.common, [&] { return query_of(a, settlement_view::days); });
  print_days(read_all(server, frame_type::settlements, query, UINT64_MAX), a.common.json);
  return exit_ok;
}

int run_list(const arguments& a) {
  auto [query, server] = made_and_connected(a.common, [&] { return query_of(a, settlement_view::batches); });
  print_batches(read_all(server, frame_type::settlements, query, a.limit == 0 ? list_limit : a.limit), a.common.json);
  return exit_ok;
}

int run_show(const arguments& a) {
  const day_number day = parse_day("DATE", a.through);
  auto [ledger, server] = made_and_connected(a.common, [&] { return parse_ledger_text(a.ledger); });
  return show_order(a.common, a.payments, server, settlement_id_of(a.merchant, ledger, day));
}

using runner = int (*)(const arguments&);

std::shared_ptr<arguments> add(CLI::App& group, CLI::App*& verb, const std::string& name, const std::string& what,
                               runner run, int& exit_code) {
  auto a = std::make_shared<arguments>();
  verb = group.add_subcommand(name, what);
  add_common(*verb, a->common);
  verb->callback([a, name, run, &exit_code] { exit_code = guarded("settlement " + name, [&] { return run(*a); }); });
  return a;
}

void add_filters(CLI::App& verb, arguments& a) {
  verb.add_option("--merchant", a.merchant, "Only this merchant");
  verb.add_option("--ledger", a.ledger, "Only this currency: EUR, 978, or a ledger of the server");
  verb.add_option("--through", a.through, "Through this accounting date, at most today (default: as the plan says)");
}

}  // namespace

void add_settlement(CLI::App& app, int& exit_code) {
  CLI::App* group = app.add_subcommand("settlement", "Settlement of merchants' money: run, due, list, show");
  group->require_subcommand(1);
  CLI::App* verb = nullptr;
  auto run = add(
      *group, verb, "run", "Settles what is due; again is safe", [](const arguments& a) { return run_settle(a, 0); },
      exit_code);
  add_filters(*verb, *run);
  auto due = add(
      *group, verb, "due", "Shows what `run` would settle, and why not; or what is not settled, by day",
      [](const arguments& a) { return a.days ? run_days(a) : run_settle(a, settle_flags::dry_run); }, exit_code);
  add_filters(*verb, *due);
  verb->add_flag("--days", due->days, "All that is not settled, by accounting date")->excludes("--through");
  auto list = add(*group, verb, "list", "Lists a merchant's batches, newest first", run_list, exit_code);
  verb->add_option("MERCHANT", list->merchant, "Number of the merchant")->required()->check(CLI::PositiveNumber);
  verb->add_option("LEDGER", list->ledger, "Currency: EUR, 978, or a ledger of the server")->required();
  verb->add_option("--limit", list->limit, "Batches at most (default 100)")->check(CLI::Range(1, 10'000'000));
  auto show = add(*group, verb, "show", "Shows a batch: the order, its postings, the release of its reserve", run_show,
                  exit_code);
  verb->add_option("MERCHANT", show->merchant, "Number of the merchant")->required()->check(CLI::PositiveNumber);
  verb->add_option("LEDGER", show->ledger, "Currency: EUR, 978, or a ledger of the server")->required();
  verb->add_option("DATE", show->through, "The batch's last day: 2026-11-22")->required();
  show->payments.add_to(*verb);
}

}  // namespace payloom::verbs
