#include "actors/app/bench/scenario/scenario_reader.hpp"

#include <fmt/format.h>

#include <charconv>

#include "config/catalog/yaml_map.hpp"
#include "config/file_text.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::bench {
namespace {

using config::presence;
using config::yaml_map;
using config::yaml_reader;

constexpr std::string_view what = "scenario";
constexpr std::array<std::string_view, 2> arrivals = {"even", "poisson"};
constexpr std::uint64_t seconds_max = 86'400, rate_max = 10'000'000, users_max = 1'000'000, weight_max = 1'000'000;
constexpr double skew_max = 3, percent_max = 100;
constexpr std::size_t decimals_max = 3;

/// "0.99": digits, perhaps a point and up to three digits behind it.
std::optional<double> decimal_of(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == text.size() ? "0" : text.substr(point + 1);
  const auto digits = [](std::string_view s) { return !s.empty() && s.find_first_not_of("0123456789") == s.npos; };
  if (!digits(whole) || !digits(part) || part.size() > decimals_max || whole.size() > 9) return std::nullopt;
  if (whole.size() > 1 && whole.front() == '0') return std::nullopt;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void read_decimal(yaml_map& map, std::string_view key, double max, double& into) {
  const auto node = map.node(key, presence::optional);
  if (!node) return;
  const auto value = node->IsScalar() ? decimal_of(node->Scalar()) : std::nullopt;
  if (!value || *value > max) {
    return map.complain(
        key, fmt::format("a number within 0 .. {}, with at most {} decimals, is expected", max, decimals_max));
  }
  into = *value;
}

template <class Number>
void read_count(yaml_map& map, std::string_view key, std::uint64_t min, std::uint64_t max, Number& into) {
  if (const auto value = map.count(key, presence::optional, min, max)) into = static_cast<Number>(*value);
}

void read_amounts(yaml_reader& reader, yaml_map& map, scenario& into) {
  const auto node = map.node("amount", presence::optional);
  if (!node) return;
  constexpr std::uint64_t amount_max = 100'000'000;  // so that no user runs out of money
  yaml_map amounts(reader, *node, "scenario: amount", {"min", "max"});
  into.amount_min = amounts.count("min", presence::needed, 1, amount_max).value_or(1);
  into.amount_max = amounts.count("max", presence::needed, 1, amount_max).value_or(amount_max);
  if (into.amount_min > into.amount_max) amounts.complain("min", "it is larger than max: exchange them");
}

void read_mix(yaml_reader& reader, yaml_map& map, scenario& into) {
  const auto node = map.node("mix", presence::needed);
  if (!node) return;
  static_assert(kind_count == 9);
  const auto name = [](std::size_t i) { return operation_kinds[i].name; };
  yaml_map mix(reader, *node, "scenario: mix",
               {name(0), name(1), name(2), name(3), name(4), name(5), name(6), name(7), name(8)});
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kind_count; ++i) {
    into.mix[i] = mix.count(name(i), presence::optional, 0, weight_max).value_or(0);
    sum += into.mix[i];
  }
  if (!node->IsMap()) return;
  if (sum == 0) map.complain("mix", "at least one kind needs a weight above 0");
  for (std::size_t i = 0; i < kind_count; ++i) {
    const std::uint8_t on = operation_kinds[i].on;
    if (into.mix[i] == 0 || on == operation_kind::none || into.mix[on] != 0) continue;
    mix.complain(name(i), fmt::format("it needs orders of {}: give {} a weight", name(on), name(on)));
  }
}

}  // namespace

read_scenario read_scenario_text(const std::string& file, std::string_view text) {
  yaml_reader reader(file);
  read_scenario out;
  scenario s;
  if (const auto root = reader.parse(text)) {
    yaml_map map(
        reader, *root, std::string(what),
        {"version", "seed", "seconds", "rate", "arrivals", "connections", "window", "frame", "users", "merchants",
         "users_skew", "merchants_skew", "top_merchant_percent", "duplicates_percent", "amount", "mix"});
    map.count("version", presence::needed, 1, 1);
    read_count(map, "seed", 0, ~std::uint64_t{0} >> 1, s.seed);
    read_count(map, "seconds", 1, seconds_max, s.seconds);
    read_count(map, "rate", 0, rate_max, s.rate);
    if (const auto word = map.word("arrivals", presence::optional, arrivals)) s.poisson = *word == 1;
    if (map.has("arrivals") && s.rate <= 0) map.complain("arrivals", "only operations at a rate arrive: set rate");
    read_count(map, "connections", 1, 4096, s.connections);
    read_count(map, "window", 1, 4096, s.window);
    read_count(map, "frame", 1, limits::frame_events_max, s.frame);
    read_count(map, "users", 2, users_max, s.users);
    read_count(map, "merchants", 1, users_max, s.merchants);
    read_decimal(map, "users_skew", skew_max, s.users_skew);
    read_decimal(map, "merchants_skew", skew_max, s.merchants_skew);
    read_decimal(map, "top_merchant_percent", percent_max, s.top_merchant_percent);
    read_decimal(map, "duplicates_percent", percent_max, s.duplicates_percent);
    read_amounts(reader, map, s);
    read_mix(reader, map, s);
  }
  out.problems = reader.problems();
  if (out.problems.empty()) out.value = s;
  return out;
}

read_scenario read_scenario_file(const std::filesystem::path& path) {
  if (const auto text = config::read_file_text(path)) return read_scenario_text(path.string(), *text);
  yaml_reader reader(path.string());
  reader.complain(config::source_place{}, "cannot be read: name a file that exists and may be read");
  return {std::nullopt, reader.problems()};
}

}  // namespace payloom::bench
