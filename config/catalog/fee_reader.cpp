#include "config/catalog/fee_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> bearers = {"payer", "payee"};
constexpr std::array<std::string_view, 4> roundings = {"half_up", "half_even", "down", "up"};
constexpr std::array<std::string_view, 3> choices = {"amount", "slices", "turnover"};
constexpr std::array<std::string_view, 2> excesses = {"cut", "allow"};
constexpr std::array<std::string_view, 2> refunds = {"keep", "proportional"};

catalog::fee_tier read_tier(yaml_map& map) {
  using enum presence;
  catalog::fee_tier tier;
  tier.up_to_minor =
      map.has("up_to_minor") ? map.amount("up_to_minor", optional, 1, u128_max - 1).value_or(u128_max) : u128_max;
  tier.fixed_minor = map.amount("fixed_minor", optional, 0, u128_max - 1).value_or(0);
  tier.rate_millionths =
      static_cast<std::uint32_t>(map.count("rate_millionths", optional, 0, limits::rate_whole).value_or(0));
  return tier;
}

void read_tiers(yaml_reader& reader, yaml_map& map, catalog::fee_schedule& schedule) {
  const std::optional<YAML::Node> tiers = map.node("tiers", presence::optional);
  if (!tiers) {
    schedule.tiers[0] = read_tier(map);
    schedule.tier_count = 1;
    return;
  }
  if (map.has("fixed_minor") || map.has("rate_millionths")) {
    map.complain("tiers", "fixed_minor and rate_millionths belong into the tiers: move them there");
  }
  for (const YAML::Node& item : reader.items(*tiers, map.what() + ": tiers", limits::fee_tiers_max)) {
    yaml_map tier(reader, item, fmt::format("{}: tier {}", map.what(), schedule.tier_count + 1),
                  {"up_to_minor", "fixed_minor", "rate_millionths"});
    schedule.tiers[schedule.tier_count++] = read_tier(tier);
  }
}

void read_schedule(yaml_reader& reader, const yaml_entry& entry, const std::string& what,
                   const ledger_directory& ledgers, catalog::fee_plan& plan) {
  using enum presence;
  catalog::fee_schedule schedule;
  schedule.place = entry.key.at;
  const std::optional<ledger_directory::entry> ledger = ledgers.find(entry.key.text);
  if (!ledger) {
    return reader.complain(entry.key.at, fmt::format("{}: unknown currency {}: write an ISO code like EUR, or the name "
                                                     "of a configured ledger",
                                                     what, entry.key.text));
  }
  schedule.ledger = ledger->id;
  yaml_map map(reader, entry.value, what + ", " + entry.key.text,
               {"fixed_minor", "rate_millionths", "tiers", "floor_minor", "cap_minor"});
  read_tiers(reader, map, schedule);
  schedule.floor_minor = map.amount("floor_minor", optional, 0, u128_max - 1).value_or(0);
  schedule.cap_minor = map.amount("cap_minor", optional, 0, u128_max - 1).value_or(u128_max);
  plan.schedules.push_back(schedule);
}

std::optional<catalog::fee_plan> read_plan(yaml_reader& reader, const yaml_entry& entry,
                                           const ledger_directory& ledgers) {
  using enum presence;
  const std::size_t before = reader.problems().size();
  const std::string what = "fee plan " + entry.key.text;
  yaml_map map(reader, entry.value, what, {"bearer", "rounding", "tiers_by", "above_gross", "refund", "currencies"});
  catalog::fee_plan plan;
  plan.name = entry.key.text;
  plan.place = entry.key.at;
  plan.bearer = static_cast<catalog::fee_bearer>(map.word("bearer", needed, bearers).value_or(0));
  plan.rounding = static_cast<catalog::fee_rounding>(map.word("rounding", needed, roundings).value_or(0));
  plan.choice = static_cast<catalog::tier_choice>(map.word("tiers_by", optional, choices).value_or(0));
  plan.excess = static_cast<catalog::fee_excess>(map.word("above_gross", optional, excesses).value_or(0));
  plan.refund = static_cast<catalog::fee_refund>(map.word("refund", needed, refunds).value_or(0));
  if (const std::optional<YAML::Node> currencies = map.node("currencies", needed)) {
    for (const yaml_entry& each : reader.entries(*currencies, what + ": currencies", limits::fee_currencies_max)) {
      read_schedule(reader, each, what, ledgers, plan);
    }
  }
  // What could not be read is told; a check of the rest would tell its consequences as well.
  if (reader.problems().size() != before) return std::nullopt;
  return plan;
}

}  // namespace

catalog::fee_plans read_fee_plans(yaml_reader& reader, const YAML::Node& plans, const ledger_directory& ledgers) {
  std::vector<catalog::fee_plan> read;
  for (const yaml_entry& entry : reader.entries(plans, "plans", limits::fee_plans_max)) {
    if (std::optional<catalog::fee_plan> plan = read_plan(reader, entry, ledgers)) read.push_back(std::move(*plan));
  }
  catalog::problem_list found;
  catalog::fee_plans made = catalog::make_fee_plans(std::move(read), found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config
