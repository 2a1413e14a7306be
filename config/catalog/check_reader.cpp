#include "config/catalog/check_reader.hpp"

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;
using enum presence;

constexpr std::array<std::string_view, 1> drivers = {"simulator"};  // in the order of check_driver_kind

catalog::simulated_check_settings read_simulator(yaml_reader& reader, const YAML::Node& node, const std::string& what) {
  yaml_map map(reader, node, what + ": simulator",
               {"seed", "answer_ms_min", "answer_ms_max", "refused", "silent", "answered_twice"});
  constexpr std::uint64_t ms_max = 600'000;
  const auto share = [&](std::string_view key) {
    return static_cast<std::uint16_t>(map.count(key, optional, 0, 1000).value_or(0));
  };
  const auto ms = [&](std::string_view key) {
    return static_cast<std::uint32_t>(map.count(key, optional, 0, ms_max).value_or(0));
  };
  catalog::simulated_check_settings s;
  s.seed = map.count("seed", needed, 0, ~std::uint64_t{0}).value_or(0);
  s.answer_ms_min = ms("answer_ms_min");
  s.answer_ms_max = ms("answer_ms_max");
  s.refused = share("refused");
  s.silent = share("silent");
  s.answered_twice = share("answered_twice");
  return s;
}

catalog::check_plan read_check(yaml_reader& reader, const yaml_entry& entry) {
  const std::string what = "check " + entry.key.text;
  yaml_map map(reader, entry.value, what, {"number", "driver", "core", "in_flight_max", "simulator"});
  catalog::check_plan plan;
  plan.name = entry.key.text;
  plan.place = entry.key.at;
  plan.number = static_cast<std::uint8_t>(map.count("number", needed, 1, limits::checks_max).value_or(0));
  plan.driver = static_cast<catalog::check_driver_kind>(map.word("driver", needed, drivers).value_or(0));
  plan.core = map.flag("core", needed).value_or(true);
  plan.in_flight_max =
      static_cast<std::uint32_t>(map.count("in_flight_max", needed, 1, limits::check_in_flight_max).value_or(1));
  if (const auto node = map.node("simulator", needed)) plan.simulator = read_simulator(reader, *node, what);
  return plan;
}

}  // namespace

checks_file read_checks(yaml_reader& reader, const YAML::Node& root) {
  checks_file out;
  yaml_map file(reader, root, "checks.yaml", {"version", "checks"});
  out.version = static_cast<std::uint32_t>(file.count("version", needed, 1, 0xffffffff).value_or(0));
  std::vector<catalog::check_plan> plans;
  if (const auto node = file.node("checks", needed)) {
    for (const yaml_entry& entry : reader.entries(*node, "checks", limits::checks_max))
      plans.push_back(read_check(reader, entry));
  }
  if (!reader.ok()) return out;  // told; what follows from it need not be
  catalog::problem_list found;
  out.plans = catalog::check_plans::make(std::move(plans), found);
  reader.take(found);
  return out;
}

}  // namespace payloom::config
