#include "config/catalog/rule_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

using namespace core::rules;

constexpr std::array<std::string_view, 4> state_words = {"DRAFT", "SHADOW", "ACTIVE", "RETIRED"};
constexpr std::array<std::string_view, order_rule_kinds> kind_words = {"limit", "risk", "tool_selection", "fee",
                                                                       "split"};
constexpr std::array<std::string_view, 7> weekday_words = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr u128 amount_max = u128_max - 1;
constexpr std::size_t action_values_max = 16;

class rule_file {
 public:
  rule_file(yaml_reader& reader, const ledger_directory& ledgers) : reader_(reader), ledgers_(ledgers) {}

  rules_definition read(const YAML::Node& root, std::uint32_t version) {
    rules_definition out;
    yaml_map top(reader_, root, "rules", {"version", "watch_drafts", "rules"});
    const auto own = top.count("version", presence::needed, 1, UINT32_MAX);
    if (own && version != 0 && *own != version)
      top.complain("version", fmt::format("{} here, but {} in the files before: give all files of a catalogue the same",
                                          *own, version));
    out.watch_drafts = top.flag("watch_drafts", presence::optional).value_or(false);
    const auto rules = top.node("rules", presence::needed);
    if (!rules) return out;
    for (const yaml_entry& entry : reader_.entries(*rules, "rules", limits::rules_max))
      out.rules.push_back(rule(entry));
    return out;
  }

 private:
  rule_definition rule(const yaml_entry& entry) {
    rule_definition out;
    out.name = entry.key;
    yaml_map fields(
        reader_, entry.value, "rule " + entry.key.text,
        {"id", "version", "kind", "priority", "state", "valid_from", "valid_to", "maker", "checker", "when", "then"});
    const auto number = [&](std::string_view key, std::uint64_t min) {
      return static_cast<std::uint16_t>(fields.count(key, presence::needed, min, UINT16_MAX).value_or(0));
    };
    out.id = number("id", 1);
    out.version = number("version", 1);
    out.priority = number("priority", 0);
    out.kind = static_cast<rule_kind>(fields.word("kind", presence::needed, kind_words).value_or(0));
    out.state = static_cast<rule_state>(fields.word("state", presence::needed, state_words).value_or(0));
    out.valid_from = fields.time("valid_from", presence::optional).value_or(0);
    out.valid_to = fields.time("valid_to", presence::optional).value_or(UINT64_MAX);
    out.maker = fields.text("maker", presence::optional, limits::catalog_person_bytes_max).value_or("");
    out.checker = fields.text("checker", presence::optional, limits::catalog_person_bytes_max).value_or("");
    out.when.at = fields.place();
    if (const auto when = fields.node("when", presence::optional)) read_when(*when, out);
    out.then_at = fields.place_of("then");
    if (const auto then = fields.node("then", presence::needed)) read_then(*then, out);
    return out;
  }

  void read_when(const YAML::Node& node, rule_definition& out) {
    condition_definition& when = out.when;
    when.at = yaml_reader::place_of(node);
    yaml_map fields(reader_, node, "rule " + out.name.text + ": when",
                    {"ledger", "amount", "merchant", "user", "products", "tools", "hours", "weekdays"});
    if (const auto name = fields.name("ledger", presence::optional)) {
      if (const auto ledger = ledgers_.find(std::string_view(name->text))) {
        when.ledger = ledger->id;
      } else {
        fields.complain("ledger", name->text +
                                      " is no ledger: name an ISO 4217 currency or one of `ledgers` in the "
                                      "configuration");
      }
    }
    if (const auto amount = fields.node("amount", presence::optional)) {
      yaml_map bounds(reader_, *amount, "rule " + out.name.text + ": when: amount", {"min", "max"});
      when.amount_min = bounds.amount("min", presence::optional, 0, amount_max).value_or(0);
      when.amount_max = bounds.amount("max", presence::optional, 0, amount_max).value_or(u128_max);
      if (when.ledger == 0) bounds.complain("min, max", "an amount needs the `ledger` that it is of");
    }
    when.merchant = fields.count("merchant", presence::optional, 1, UINT64_MAX).value_or(0);
    when.user = fields.count("user", presence::optional, 1, UINT64_MAX).value_or(0);
    when.products = fields.names("products", presence::optional, limits::products_max);
    when.tools = fields.names("tools", presence::optional, limits::payment_tools_max);
    read_hours(fields, when);
    read_weekdays(fields, when);
  }

  /// "22:00-06:00"
  static void read_hours(yaml_map& fields, condition_definition& when) {
    const auto text = fields.text("hours", presence::optional, 11);
    if (!text) return;
    const auto minute = [](std::string_view t) -> std::optional<std::uint16_t> {
      const auto digit = [&](std::size_t i) { return t[i] >= '0' && t[i] <= '9'; };
      if (t.size() != 5 || t[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
      const int hours = (t[0] - '0') * 10 + t[1] - '0', minutes = (t[3] - '0') * 10 + t[4] - '0';
      if (minutes > 59 || hours * 60 + minutes > minutes_of_day) return std::nullopt;
      return static_cast<std::uint16_t>(hours * 60 + minutes);
    };
    const std::size_t dash = text->find('-');
    const auto from = minute(std::string_view(*text).substr(0, dash));
    const auto to = minute(std::string_view(*text).substr(std::min(dash, text->size() - 1) + 1));
    if (dash == std::string::npos || !from || !to || *from == *to || *from == minutes_of_day) {
      fields.complain("hours", "`" + *text + "` is no time of the day: write 22:00-06:00 (UTC, the end is not in it)");
      return;
    }
    when.minute_from = *from;
    when.minute_to = *to;
  }

  void read_weekdays(yaml_map& fields, condition_definition& when) {
    const auto node = fields.node("weekdays", presence::optional);
    if (!node) return;
    when.weekdays = 0;
    for (const YAML::Node& day : reader_.items(*node, fields.what() + ": weekdays", weekday_words.size())) {
      const auto word = reader_.word(day, fields.what() + ": weekdays", weekday_words);
      if (word) when.weekdays = static_cast<std::uint8_t>(when.weekdays | 1u << *word);
    }
    if (when.weekdays == 0 && reader_.ok()) fields.complain("weekdays", "name at least one");
  }

  void read_then(const YAML::Node& node, rule_definition& out) {
    const std::string what = "rule " + out.name.text + ": then";
    for (const yaml_entry& entry : reader_.entries(node, what, action_values_max)) {
      action_entry action{entry.key, {}};
      if (entry.value.IsSequence()) {
        action.values = reader_.names(entry.value, what + ": " + entry.key.text, action_values_max);
      } else if (entry.value.IsScalar()) {
        action.values.push_back({entry.value.Scalar(), yaml_reader::place_of(entry.value)});
      } else {
        reader_.complain(entry.value, what + ": " + entry.key.text + ": a value or a list is expected");
      }
      out.then.push_back(std::move(action));
    }
  }

  yaml_reader& reader_;
  const ledger_directory& ledgers_;
};

}  // namespace

rules_definition read_rules(yaml_reader& reader, const YAML::Node& root, const ledger_directory& ledgers,
                            std::uint32_t version) {
  return rule_file(reader, ledgers).read(root, version);
}

}  // namespace payloom::config
