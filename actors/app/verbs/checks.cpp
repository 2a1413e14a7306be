// check list: what is asked before payments begin, and what became of it since the server's start.
#include <fmt/format.h>

#include "actors/app/verbs/payment_names.hpp"
#include "actors/app/verbs/payment_options.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  payment_options payments;
};

constexpr std::initializer_list<const char*> counts = {"asked", "passed", "refused", "missed", "late", "in_flight"};

/// Templates whose payments wait for a check.
std::vector<std::string> asked_by(const payment_catalog& catalog, const core::catalog::check_plan& plan) {
  std::vector<std::string> out;
  const auto& templates = catalog.parts().templates;
  for (std::size_t i = 0; i < templates.size(); ++i)
    if ((templates.at(i).checks & plan.bit()) != 0) out.push_back(templates.at(i).name);
  return out;
}

int run_list(const arguments& a) {
  auto server = connect_for_amounts(a.common);
  const catalog_ptr catalog = a.payments.load();
  const json stats = json::parse(ask(server, frame_type::stats, {}, 0).text(), nullptr, false);
  if (stats.is_discarded()) throw refused_error("the server's statistics are no JSON");
  json all = json::array();
  for (const auto& plan : catalog->parts().checks.all()) {
    json one{{"check", plan.number},
             {"name", plan.name},
             {"core", plan.core},
             {"in_flight_max", plan.in_flight_max},
             {"templates", asked_by(*catalog, plan)}};
    for (const char* count : counts) one[count] = 0;
    for (const json& row : stats.value("checks", json::array()))
      if (row.value("check", 0u) == plan.number)
        for (const char* count : counts) one[count] = row.value(count, std::uint64_t{0});
    all.push_back(std::move(one));
  }
  if (a.common.json) {
    fmt::print("{}\n", all.dump());
    return exit_ok;
  }
  table out({"check", "name", "kind", "asked", "passed", "refused", "missed", "late", "in flight", "templates"});
  for (const json& one : all) {
    std::vector<std::string> row = {std::to_string(one["check"].get<unsigned>()), one["name"].get<std::string>(),
                                    one["core"].get<bool>() ? "core" : "optional"};
    for (const char* count : counts) row.push_back(std::to_string(one[count].get<std::uint64_t>()));
    std::string templates;
    for (const json& name : one["templates"]) templates += (templates.empty() ? "" : ", ") + name.get<std::string>();
    row.push_back(templates);
    out.add(std::move(row));
  }
  fmt::print("{}", out.text());
  return exit_ok;
}

}  // namespace

void add_check_list(CLI::App& checks, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb =
      checks.add_subcommand("list", "Lists the checks, what asks them, and what they said since the start");
  add_common(*verb, a->common);
  a->payments.add_to(*verb);
  verb->callback([a, &exit_code] { exit_code = guarded("check list", [&] { return run_list(*a); }); });
}

}  // namespace payloom::verbs
