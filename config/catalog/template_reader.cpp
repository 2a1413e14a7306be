#include "config/catalog/template_reader.hpp"

#include <fmt/format.h>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;
using enum presence;

/// "{execute: channel}" or "{reserve: [balance, coupon]}".
std::optional<catalog::step_definition> read_step(yaml_reader& reader, const YAML::Node& node,
                                                  const std::string& what) {
  const std::vector<yaml_entry> entries = reader.entries(node, what + ": a step", 1);
  if (entries.empty()) {
    if (node.IsMap() && node.size() == 0)
      reader.complain(node, what + ": a step is empty: write one like {reserve: [balance]}");
    return std::nullopt;
  }
  catalog::step_definition step;
  step.kind = entries.front().key;
  const YAML::Node& value = entries.front().value;
  const std::string label = fmt::format("{}, {}", what, step.kind.text);
  if (value.IsSequence()) {
    step.tools = reader.names(value, label, limits::payment_tools_max);
  } else if (std::optional<placed_name> name = reader.name(value, label)) {
    step.tools.push_back(std::move(*name));
  } else {
    return std::nullopt;
  }
  return step;
}

catalog::template_definition read_template(yaml_reader& reader, const yaml_entry& entry) {
  const std::string what = "template " + entry.key.text;
  yaml_map map(reader, entry.value, what,
               {"steps", "combine", "rest", "on_rejected", "on_unknown", "checks", "check_deadline_ms"});
  catalog::template_definition out;
  out.name = entry.key;
  if (const auto steps = map.node("steps", needed)) {
    for (const YAML::Node& item : reader.items(*steps, what + ": steps", catalog::template_steps_max))
      if (auto step = read_step(reader, item, what)) out.steps.push_back(std::move(*step));
  }
  if (const auto combine = map.node("combine", optional)) {
    for (const YAML::Node& item : reader.items(*combine, what + ": combine", catalog::template_combines_max))
      out.combine.push_back(reader.names(item, what + ": combine", limits::payment_tools_max));
  }
  out.rest = map.names("rest", needed, limits::payment_tools_max);
  out.on_rejected = map.name("on_rejected", optional);
  out.on_unknown = map.name("on_unknown", optional);
  out.checks = map.names("checks", optional, limits::checks_max);
  out.check_deadline_ms = static_cast<std::uint32_t>(
      map.count("check_deadline_ms", optional, 1, limits::check_deadline_ms_max).value_or(0));
  return out;
}

}  // namespace

catalog::payment_templates load_payment_templates(yaml_reader& reader, const YAML::Node& root, std::uint32_t version,
                                                  const catalog::business_map* map,
                                                  const catalog::check_plans& checks) {
  catalog::templates_definition read;
  yaml_map top(reader, root, "templates.yaml", {"version", "templates"});
  const auto said = top.count("version", needed, 1, UINT32_MAX);
  if (said && version != 0 && *said != version) {
    top.complain("version", fmt::format("{} here, but {} in the files before: give all files of a catalogue the same",
                                        *said, version));
  }
  if (const auto templates = top.node("templates", needed)) {
    for (const yaml_entry& entry : reader.entries(*templates, "templates", limits::plan_names_max))
      read.templates.push_back(read_template(reader, entry));
  }
  if (map == nullptr || !reader.ok()) return {};  // told; what follows from it need not be
  catalog::problem_list found;
  catalog::payment_templates made = catalog::payment_templates::make(read, *map, checks, found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config
