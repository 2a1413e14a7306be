#include "config/catalog/settlement_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;
using enum presence;

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> cycles = {"daily", "weekly"};
constexpr std::array<std::string_view, 7> weekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};

/// "02:30" as the minute of the day.
std::optional<std::uint32_t> read_minute(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const auto two = [&](std::size_t i) {
    return static_cast<std::uint32_t>((text[i] - '0') * 10 + (text[i + 1] - '0'));
  };
  if (two(0) > 23 || two(3) > 59) return std::nullopt;
  return two(0) * 60 + two(3);
}

void read_minimums(yaml_reader& reader, yaml_map& map, const ledger_directory& ledgers,
                   catalog::settlement_plan& plan) {
  const std::optional<YAML::Node> node = map.node("minimum", needed);
  if (!node) return;
  const std::vector<yaml_entry> entries = reader.entries(*node, map.what() + ": minimum", limits::fee_currencies_max);
  for (const yaml_entry& entry : entries) {
    const std::optional<ledger_directory::entry> ledger = ledgers.find(entry.key.text);
    if (!ledger) {
      reader.complain(entry.key.at, fmt::format("{}: minimum: unknown currency {}: write an ISO code like EUR, or the "
                                                "name of a configured ledger",
                                                map.what(), entry.key.text));
      continue;
    }
    yaml_map one(reader, entry.value, fmt::format("{}: minimum, {}", map.what(), entry.key.text), {"minor"});
    const std::optional<u128> minor = one.amount("minor", needed, 1, u128_max - 1);
    if (minor) plan.minimums.push_back({ledger->id, *minor, entry.key.at});
  }
}

std::optional<catalog::settlement_plan> read_plan(yaml_reader& reader, const yaml_entry& entry,
                                                  const ledger_directory& ledgers) {
  const std::size_t before = reader.problems().size();
  yaml_map map(
      reader, entry.value, "settlement plan " + entry.key.text,
      {"cycle", "weekday", "days_after", "cut_time", "reserve_millionths", "reserve_days", "fee_plan", "minimum"});
  catalog::settlement_plan plan;
  plan.name = entry.key.text;
  plan.place = entry.key.at;
  plan.cycle = static_cast<catalog::settlement_cycle>(map.word("cycle", needed, cycles).value_or(0));
  if (const auto day = map.word("weekday", optional, weekdays)) plan.weekday = static_cast<std::uint8_t>(*day);
  const auto count = [&](std::string_view key, presence need, std::uint64_t max) {
    return static_cast<std::uint32_t>(map.count(key, need, 0, max).value_or(0));
  };
  plan.days_after = count("days_after", needed, limits::settlement_days_after_max);
  plan.reserve_millionths = count("reserve_millionths", optional, limits::rate_whole);
  plan.reserve_days = count("reserve_days", optional, limits::reserve_days_max);
  if (const std::optional<YAML::Node> cut = map.node("cut_time", needed)) {
    const auto minute = cut->IsScalar() ? read_minute(cut->Scalar()) : std::nullopt;
    if (!minute) map.complain("cut_time", "a time of the day (UTC) is written as hh:mm, like \"02:00\"");
    plan.cut_minute = minute.value_or(0);
  }
  if (std::optional<placed_name> fee = map.name("fee_plan", needed); fee && fee->text != "none") {
    plan.fee = std::move(fee);
  }
  read_minimums(reader, map, ledgers, plan);
  if (reader.problems().size() != before) return std::nullopt;  // told; its consequences need not be
  return plan;
}

}  // namespace

catalog::settlement_plans load_settlement_plans(yaml_reader& reader, const YAML::Node& root, std::uint32_t version,
                                                const ledger_directory& ledgers, const catalog::name_set& named_by_map,
                                                const catalog::fee_plans& fees) {
  catalog::settlement_definitions read;
  yaml_map top(reader, root, "settlements.yaml", {"version", "plans", "merchants"});
  const auto said = top.count("version", needed, 1, UINT32_MAX);
  if (said && *said != version) {
    top.complain("version", fmt::format("{} here, but {} in the files before: give all files of a catalogue the same",
                                        *said, version));
  }
  if (const auto plans = top.node("plans", needed)) {
    for (const yaml_entry& entry : reader.entries(*plans, "plans", limits::plan_names_max)) {
      if (auto plan = read_plan(reader, entry, ledgers)) read.plans.push_back(std::move(*plan));
    }
  }
  if (const auto merchants = top.node("merchants", needed)) {
    for (const YAML::Node& item : reader.items(*merchants, "merchants", limits::settlement_merchants_max)) {
      yaml_map map(reader, item, "merchants: item", {"merchant", "plan"});
      const auto number = map.count("merchant", needed, 1, UINT64_MAX);
      std::optional<placed_name> plan = map.name("plan", needed);
      if (number && plan) read.merchants.push_back({*number, std::move(*plan), map.place()});
    }
  }
  if (!reader.ok()) return {};  // told; what follows from it need not be
  catalog::problem_list found;
  catalog::settlement_plans made = catalog::settlement_plans::make(std::move(read), named_by_map, fees, found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config
