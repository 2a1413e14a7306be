#include <fmt/format.h>

#include <cstring>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/catalog_records.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string maker, checker, note, rule;
  std::uint32_t version = 0;
  bool check = false;
};

template <std::size_t N>
void fill(char (&field)[N], const std::string& what, const std::string& text) {
  if (text.size() >= N) throw usage_error(fmt::format("{}: at most {} bytes", what, N - 1));
  std::memcpy(field, text.data(), text.size());
}

json report_of(const client::reply& answer) {
  json report = json::parse(answer.text(), nullptr, false);
  if (!report.is_object()) throw refused_error("the server's report is no JSON");
  return report;
}

/// Prints what became of a request; exit code 1 when it was refused.
int run_load(const arguments& a, catalog_action action) {
  load_catalog_record asked{};
  asked.action = action;
  asked.version = a.version;
  fill(asked.maker, "--maker", a.maker);
  fill(asked.checker, "--checker", a.checker);
  fill(asked.note, "--note", a.note);
  auto server = connect(a.common);
  const json report = report_of(ask(server, frame_type::load_catalog, std::span<const load_catalog_record>(&asked, 1)));
  const bool accepted = report.value("accepted", false);
  if (a.common.json) {
    fmt::print("{}\n", report.dump());
    return accepted ? exit_ok : exit_refused;
  }
  if (!accepted) {
    const json& problems = report["problems"];
    fmt::print("refused, nothing changed: {} problem{}\n", problems.size(), problems.size() == 1 ? "" : "s");
    for (const json& p : problems) fmt::print("  {}\n", p.get<std::string>());
    return exit_refused;
  }
  const char* what = report.value("known", false)       ? "was so before"
                     : action == catalog_action::retire ? "is retired"
                     : action == catalog_action::check  ? "would be accepted"
                                                        : "is accepted";
  fmt::print("version {} {}; new orders begin with version {}\n", report.value("version", 0u), what,
             report.value("active", 0u));
  return exit_ok;
}

int run_list(const arguments& a) {
  auto server = connect(a.common);
  const json report = report_of(ask(server, frame_type::list_catalogs, {}, 0));
  if (a.common.json) {
    fmt::print("{}\n", report.dump());
    return exit_ok;
  }
  table out({"version", "state", "effective from", "accepted", "orders", "maker", "checker", "note"});
  for (const json& v : report["versions"]) {
    const std::uint64_t from = v.value("effective_from_ns", std::uint64_t{0});
    out.add({cell(v["version"]), cell(v["state"]), from == 0 ? "" : format_time(from),
             format_time(v.value("accepted_ns", std::uint64_t{0})), cell(v["orders_since_start"]), cell(v["maker"]),
             cell(v["checker"]), cell(v["note"])});
  }
  fmt::print("{}", out.text());
  table all({"rule", "version", "name", "kind", "priority", "state", "maker", "checker"});
  for (const json& r : report["rules"])
    all.add({cell(r["id"]), cell(r["rule_version"]), cell(r["name"]), cell(r["kind"]), cell(r["priority"]),
             cell(r["state"]), cell(r["maker"]), cell(r["checker"])});
  if (!all.empty()) fmt::print("\nrules of the active version\n{}", all.text());
  return exit_ok;
}

/// "12.00 EUR, 5.00 USD".
std::string money_of(const json& row) {
  std::string text;
  for (const json& m : row["money"]) {
    const auto ledger = m.value("ledger", ledger_id{0});
    const auto minor = parse_decimal(m.value("minor", std::string("0"))).value_or(0);
    if (!text.empty()) text += ", ";
    text += ledger == 0 ? to_decimal(minor) + " of other ledgers" : money_text(ledger, minor);
  }
  return text;
}

int run_diff(const arguments& a) {
  auto server = connect_for_amounts(a.common);
  json report = report_of(ask(server, frame_type::rules_diff, {}, 0));
  json rows = json::array();
  for (const json& r : report["rules"])
    if (a.rule.empty() || a.rule == cell(r["id"]) || a.rule == cell(r["name"])) rows.push_back(r);
  if (!a.rule.empty() && rows.empty()) throw refused_error("no SHADOW rule is called " + a.rule);
  if (a.common.json) {
    report["rules"] = rows;
    fmt::print("{}\n", report.dump());
    return exit_ok;
  }
  if (rows.empty()) fmt::print("no rule is watched: give one the state SHADOW\n");
  table out({"catalogue", "rule", "version", "name", "kind", "state", "evaluated", "matched", "otherwise", "money"});
  for (const json& r : rows)
    out.add({cell(r["version"]), cell(r["id"]), cell(r["rule_version"]), cell(r["name"]), cell(r["kind"]),
             cell(r["state"]), cell(r["evaluated"]), cell(r["matched"]), cell(r["otherwise"]), money_of(r)});
  if (!out.empty()) fmt::print("{}", out.text());
  if (a.rule.empty()) return exit_ok;
  fmt::print("\nsome of the orders that it would have treated otherwise\n");
  for (const json& r : rows)
    for (const json& order : r["orders"]) fmt::print("  {}\n", order.get<std::string>());
  return exit_ok;
}

void add_signature(CLI::App& verb, arguments& a) {
  verb.add_option("--maker", a.maker, "Who made the change (recorded; else as the catalogue says)");
  verb.add_option("--checker", a.checker, "Who looked at it (likewise)");
  verb.add_option("--note", a.note, "Why (likewise)");
}

}  // namespace

void add_rules(CLI::App& app, int& exit_code) {
  CLI::App* rules = app.add_subcommand("rules", "The payment catalogue's versions and rules");
  rules->require_subcommand(1);
  auto a = std::make_shared<arguments>();
  CLI::App* reload = rules->add_subcommand("reload", "Takes what is in the server's payments.folder, whole or not");
  add_common(*reload, a->common);
  add_signature(*reload, *a);
  reload->add_option("--version", a->version, "Only if that version is there");
  reload->add_flag("--check", a->check, "Say what would become of it, change nothing");
  reload->callback([a, &exit_code] {
    const auto action = a->check ? catalog_action::check : catalog_action::reload;
    exit_code = guarded("rules reload", [&] { return run_load(*a, action); });
  });
  auto l = std::make_shared<arguments>();
  CLI::App* list = rules->add_subcommand("list", "All versions, their states, and what began with them");
  add_common(*list, l->common);
  list->callback([l, &exit_code] { exit_code = guarded("rules list", [&] { return run_list(*l); }); });
  auto d = std::make_shared<arguments>();
  CLI::App* diff = rules->add_subcommand("diff", "What SHADOW rules would have decided otherwise, since the start");
  add_common(*diff, d->common);
  diff->add_option("RULE", d->rule, "Only this one, by id or name, with some of the orders");
  diff->callback([d, &exit_code] { exit_code = guarded("rules diff", [&] { return run_diff(*d); }); });
  auto r = std::make_shared<arguments>();
  CLI::App* retire = rules->add_subcommand("retire", "No order begins with VERSION any more; those that did go on");
  add_common(*retire, r->common);
  add_signature(*retire, *r);
  retire->add_option("VERSION", r->version, "The version")->required();
  retire->callback(
      [r, &exit_code] { exit_code = guarded("rules retire", [&] { return run_load(*r, catalog_action::retire); }); });
}

}  // namespace payloom::verbs
