// subscription list, show, forget: who follows the events of orders, and how far they got.
#include <fmt/format.h>

#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/subscription_records.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string name;
};

bool pushing(const subscription_row& row) { return (row.flags & subscription_flags::pushing) != 0; }

json row_json(const subscription_row& row) {
  return {{"name", to_hex(row.name)},
          {"merchant", row.merchant},
          {"context", to_hex(row.context_id)},
          {"root", to_hex(row.root_id)},
          {"order", to_hex(row.order.value)},
          {"pushing", pushing(row)},
          {"window", row.window},
          {"acknowledged", row.acknowledged},
          {"acknowledged_at", format_time(row.acknowledged_at)},
          {"pushed", row.pushed},
          {"waiting", row.waiting},
          {"unseen", row.unseen},
          {"backlog_since", format_time(row.backlog_since)}};
}

/// What it is about, for people: only filters that are set.
std::string filter_text(const subscription_row& row) {
  std::string out;
  const auto add = [&out](std::string_view what, const std::string& value) {
    out += (out.empty() ? "" : ", ") + std::string(what) + " " + value;
  };
  if (row.merchant != 0) add("merchant", std::to_string(row.merchant));
  if (row.context_id != 0) add("context", to_hex(row.context_id));
  if (row.root_id != 0) add("root", to_hex(row.root_id));
  if (row.order.value != 0) add("order", to_hex(row.order.value));
  return out.empty() ? "all" : out;
}

void print_rows(std::span<const subscription_row> rows, bool as_json) {
  if (as_json) {
    json all = json::array();
    for (const subscription_row& row : rows) all.push_back(row_json(row));
    fmt::print("{}\n", all.dump());
    return;
  }
  table out({"name", "events of", "pushing", "window", "acknowledged", "at", "waiting", "unseen", "backlog since"});
  for (const subscription_row& row : rows)
    out.add({to_hex(row.name), filter_text(row), pushing(row) ? "yes" : "no", std::to_string(row.window),
             std::to_string(row.acknowledged), format_time(row.acknowledged_at), std::to_string(row.waiting),
             std::to_string(row.unseen), format_time(row.backlog_since)});
  fmt::print("{}", out.text());
}

int run_list(const arguments& a) {
  subscribe_record ask_for{};
  ask_for.flags = subscribe_flags::show;
  if (!a.name.empty()) ask_for.name = parse_id_text("NAME", a.name);
  if (!a.name.empty() && ask_for.name == 0) throw usage_error("NAME: no subscription is called 0");
  auto server = connect(a.common);
  const client::reply answer = ask(server, frame_type::subscribe, std::span<const subscribe_record>(&ask_for, 1));
  const auto rows = answer.rows<subscription_row>();
  if (a.common.json && !a.name.empty() && rows.size() == 1) {
    fmt::print("{}\n", row_json(rows.front()).dump());
  } else {
    print_rows(rows, a.common.json);
  }
  return exit_ok;
}

int run_forget(const arguments& a) {
  acknowledge_record gone{};
  gone.name = parse_id_text("NAME", a.name);
  gone.flags = acknowledge_flags::forget;
  auto server = connect(a.common);
  const client::reply answer = ask(server, frame_type::acknowledge, std::span<const acknowledge_record>(&gone, 1));
  print_rows(answer.rows<subscription_row>(), a.common.json);
  return exit_ok;
}

CLI::App* add_verb(CLI::App& under, const std::string& name, const std::string& help, arguments& a, bool named,
                   int& exit_code, int (*run)(const arguments&), std::shared_ptr<arguments> keep) {
  CLI::App* verb = under.add_subcommand(name, help);
  add_common(*verb, a.common);
  if (named) verb->add_option("NAME", a.name, "The subscription, decimal or 0x")->required();
  verb->callback(
      [keep, name, run, &exit_code] { exit_code = guarded("subscription " + name, [&] { return run(*keep); }); });
  return verb;
}

}  // namespace

void add_subscription(CLI::App& app, int& exit_code) {
  CLI::App* verb = app.add_subcommand("subscription", "Who follows the events of orders: list, show, forget");
  verb->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help, bool named, int (*run)(const arguments&)) {
    auto a = std::make_shared<arguments>();
    add_verb(*verb, name, help, *a, named, exit_code, run, a);
  };
  add("list", "All subscriptions of the tenant, and how far each was acknowledged", false, run_list);
  add("show", "One of them", true, run_list);
  add("forget", "Ends one for ever: who has it is told, and its place is lost", true, run_forget);
}

}  // namespace payloom::verbs
