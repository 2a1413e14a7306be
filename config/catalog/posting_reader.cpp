#include "config/catalog/posting_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "config/catalog/leg_reader.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;

std::optional<std::uint8_t> index_of(const std::vector<std::string>& names, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - names.begin());
}

std::vector<std::string_view> views(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

class posting_file {
 public:
  posting_file(yaml_reader& reader, posting_references known) : reader_(reader), known_(known) {}

  catalog::posting_definitions read(yaml_map& root) {
    using enum presence;
    for (const placed_name& name : root.names("amounts", optional, limits::posting_amounts_max)) {
      if (is_amount_word(name.text)) {
        reader_.complain(name.at,
                         fmt::format("amounts: {} means something in every rule: choose another name", name.text));
      }
      all_.amounts.push_back(name.text);
    }
    if (const std::optional<YAML::Node> forms = root.node("forms", needed)) {
      for (const yaml_entry& entry : reader_.entries(*forms, "forms", limits::posting_forms_max)) read_form(entry);
    }
    if (const std::optional<YAML::Node> rules = root.node("rules", needed)) {
      for (const yaml_entry& entry : reader_.entries(*rules, "rules", limits::posting_rules_max)) read_rule(entry);
    }
    return std::move(all_);
  }

 private:
  void complain_unknown(const placed_name& wrong, const std::string& what, std::span<const std::string_view> known) {
    reader_.complain(wrong.at, fmt::format("{} {}{}", what, wrong.text, suggestion(wrong.text, known)));
  }

  void read_form(const yaml_entry& entry) {
    using enum presence;
    const std::string what = "form " + entry.key.text;
    yaml_map map(reader_, entry.value, what, {"events", "flows"});
    catalog::posting_form form;
    form.name = entry.key.text;
    form.place = entry.key.at;
    for (const placed_name& event : map.names("events", needed, limits::posting_events_max)) {
      form.events.push_back(event.text);
    }
    if (const std::optional<YAML::Node> flows = map.node("flows", optional)) {
      for (const YAML::Node& flow : reader_.items(*flows, what + ": flows", limits::posting_flows_max)) {
        read_flow(flow, what, form);
      }
    }
    all_.forms.push_back(std::move(form));
  }

  void read_flow(const YAML::Node& node, const std::string& what, catalog::posting_form& form) {
    std::vector<std::uint8_t> flow;
    for (const placed_name& event : reader_.names(node, what + ": flow", limits::posting_events_max)) {
      if (const std::optional<std::uint8_t> index = index_of(form.events, event.text)) {
        flow.push_back(*index);
      } else {
        complain_unknown(event, what + ": flow: unknown event", views(form.events));
        broken_forms_.push_back(form.name);
      }
    }
    form.flows.push_back(std::move(flow));
  }

  // Index of the form that a rule names; nullopt with a problem when there is none.
  std::optional<std::size_t> form_of(yaml_map& map) {
    const std::optional<placed_name> name = map.name("form", presence::needed);
    if (!name) return std::nullopt;
    const auto at = std::ranges::find(all_.forms, name->text, &catalog::posting_form::name);
    if (at != all_.forms.end()) return static_cast<std::size_t>(at - all_.forms.begin());
    std::vector<std::string_view> names;
    for (const catalog::posting_form& form : all_.forms) names.push_back(form.name);
    complain_unknown(*name, map.what() + ": unknown form", names);
    return std::nullopt;
  }

  std::optional<std::size_t> split_plan_of(yaml_map& map) {
    const std::optional<placed_name> name = map.name("split_plan", presence::optional);
    if (!name) return std::nullopt;
    const std::optional<std::size_t> index = known_.splits.find(name->text);
    if (index) return index;
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < known_.splits.size(); ++i) names.push_back(known_.splits.at(i).name);
    complain_unknown(*name, map.what() + ": unknown split plan", names);
    return std::nullopt;
  }

  void read_rule(const yaml_entry& entry) {
    using enum presence;
    const std::size_t before = reader_.problems().size();
    yaml_map map(reader_, entry.value, "rule " + entry.key.text, {"form", "split_plan", "events"});
    catalog::posting_rule rule;
    rule.name = entry.key.text;
    rule.place = entry.key.at;
    rule.split_plan = split_plan_of(map);
    const std::optional<std::size_t> form = form_of(map);
    const std::optional<YAML::Node> events = map.node("events", needed);
    if (!form || !events) return;
    rule.form = *form;
    const catalog::posting_form& of = all_.forms[*form];
    rule.events.resize(of.events.size());
    leg_reader legs(reader_, known_.accounts, all_.amounts,
                    rule.split_plan ? &known_.splits.at(*rule.split_plan) : nullptr);
    for (const yaml_entry& event : reader_.entries(*events, map.what() + ": events", limits::posting_events_max)) {
      if (const std::optional<std::uint8_t> index = index_of(of.events, event.key.text)) {
        read_event(legs, event, map.what() + ", " + event.key.text, rule.events[*index]);
      } else {
        complain_unknown(event.key, fmt::format("{}: form {} has no event", map.what(), of.name), views(of.events));
      }
    }
    // A rule that could not be read is told about; checking what is left of it would tell the consequences as well.
    const bool readable =
        reader_.problems().size() == before && std::ranges::find(broken_forms_, of.name) == broken_forms_.end();
    if (readable) all_.rules.push_back(std::move(rule));
  }

  // none; a list of legs that take the gross amount; or {total: [...], legs: [...]}.
  void read_event(leg_reader& legs, const yaml_entry& entry, const std::string& what, catalog::event_rule& event) {
    event.said = true;
    event.place = entry.key.at;
    if (entry.value.IsScalar() && entry.value.Scalar() == "none") return;
    if (entry.value.IsSequence()) {
      event.total = {{catalog::amount_kind::gross, 0}};
      return read_legs(legs, entry.value, what, event);
    }
    if (!entry.value.IsMap()) {
      return reader_.complain(entry.key.at,
                              what + ": `none`, a list of legs, or {total: [...], legs: [...]} is expected");
    }
    yaml_map map(reader_, entry.value, what, {"total", "legs"});
    if (const std::optional<YAML::Node> total = map.node("total", presence::needed)) {
      for (const YAML::Node& item : reader_.items(*total, what + ": total", limits::posting_amounts_max)) {
        const std::optional<catalog::posting_amount> amount = legs.amount(item, what + ": total");
        if (!amount) continue;
        if (amount->kind == catalog::amount_kind::remainder) {
          reader_.complain(item, what + ": total: the remainder is what is left of the total: name what the total is");
        } else {
          event.total.push_back(*amount);
        }
      }
    }
    if (const std::optional<YAML::Node> list = map.node("legs", presence::needed)) read_legs(legs, *list, what, event);
  }

  void read_legs(leg_reader& legs, const YAML::Node& list, const std::string& what, catalog::event_rule& event) {
    for (const YAML::Node& item : reader_.items(list, what + ": legs", limits::posting_legs_max)) {
      const std::string leg_name = fmt::format("{}: leg {}", what, event.legs.size() + 1);
      if (std::optional<catalog::leg_rule> leg = legs.leg(item, leg_name)) event.legs.push_back(*leg);
    }
    if (list.IsSequence() && list.size() == 0) {
      reader_.complain(list, what + ": no legs: write `none` when nothing moves");
    }
  }

  yaml_reader& reader_;
  posting_references known_;
  catalog::posting_definitions all_;
  std::vector<std::string> broken_forms_;  // named in a flow that could not be read
};

}  // namespace

catalog::posting_rules read_posting_rules(yaml_reader& reader, yaml_map& root, posting_references known) {
  catalog::posting_definitions read = posting_file(reader, known).read(root);
  catalog::problem_list found;
  catalog::posting_rules made = catalog::posting_rules::make(std::move(read), known.accounts, found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config
