#include "config/catalog/yaml_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/value_text.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::config {
namespace {

struct time_unit {
  std::string_view suffix;
  std::uint64_t seconds;
};
constexpr std::array time_units = {time_unit{"s", 1}, time_unit{"min", 60}, time_unit{"h", 3'600},
                                   time_unit{"d", 86'400}};
constexpr std::string_view duration_hint = "durations are written like 30min (s, min, h, d)";

}  // namespace

std::optional<std::string> read_duration(std::string_view text, std::chrono::seconds max, std::chrono::seconds& out) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<u128> value = parse_decimal(text.substr(0, end));
  if (!value || hi64(*value) != 0) return fmt::format("`{}` is no duration: {}", text.substr(0, 64), duration_hint);
  const auto unit = std::ranges::find(time_units, text.substr(end), &time_unit::suffix);
  if (unit == time_units.end()) return fmt::format("`{}` has no known unit: {}", text.substr(0, 64), duration_hint);
  std::uint64_t seconds = 0;
  const bool overflow = __builtin_mul_overflow(lo64(*value), unit->seconds, &seconds);
  if (overflow || seconds == 0 || seconds > static_cast<std::uint64_t>(max.count())) {
    return fmt::format("{} is out of bounds: 1s .. {}s", text, max.count());
  }
  out = std::chrono::seconds(seconds);
  return std::nullopt;
}

std::optional<std::uint64_t> read_utc(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
  constexpr std::size_t day_size = 10;
  if (text.size() != day_size && text.size() != form.size()) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    unsigned value = 0;
    for (const char c : text.substr(at, size)) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return std::nullopt;
  }
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(0, 4))),
                                        std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2))};
  std::uint64_t seconds = 0;
  if (text.size() > day_size) {
    const unsigned hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    seconds = hour * 3600 + minute * 60 + second;
  }
  if (!day.ok() || number(0, 4) < 1970 || number(0, 4) > 2500) return std::nullopt;
  const auto days = static_cast<std::uint64_t>(std::chrono::sys_days(day).time_since_epoch().count());
  return (days * 86'400 + seconds) * 1'000'000'000;
}

yaml_map::yaml_map(yaml_reader& reader, const YAML::Node& node, std::string what,
                   std::initializer_list<std::string_view> keys)
    : reader_(reader), what_(std::move(what)), place_(yaml_reader::place_of(node)), is_map_(node.IsMap()) {
  if (!is_map_) {
    reader_.complain(node,
                     what_ + ": a map with the keys " + words_in_a_row({keys.begin(), keys.size()}) + " is expected");
    return;
  }
  for (const auto& pair : node) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
    if (std::ranges::find(keys, std::string_view(key)) == keys.end()) {
      reader_.complain(pair.first, fmt::format("{}: unknown key `{}`{}", what_, key.substr(0, 64),
                                               suggestion(key, {keys.begin(), keys.size()})));
    } else if (has(key)) {
      reader_.complain(pair.first, fmt::format("{}: {} stands twice: remove one", what_, key));
    } else {
      fields_.push_back({key, pair.second});
    }
  }
}

const YAML::Node* yaml_map::find(std::string_view key) const {
  const auto at = std::ranges::find(fields_, key, &field::key);
  return at == fields_.end() ? nullptr : &at->value;
}

source_place yaml_map::place_of(std::string_view key) const {
  const YAML::Node* value = find(key);
  return value == nullptr ? place_ : yaml_reader::place_of(*value);
}

void yaml_map::complain(std::string_view key, std::string message) {
  reader_.complain(place_of(key), fmt::format("{}: {}: {}", what_, key, message));
}

std::optional<YAML::Node> yaml_map::node(std::string_view key, presence need) {
  if (const YAML::Node* value = find(key)) return *value;
  if (need == presence::needed && is_map_) {
    reader_.complain(place_, fmt::format("{}: `{}` is missing: add it", what_, key));
  }
  return std::nullopt;
}

std::optional<std::string> yaml_map::scalar(std::string_view key, presence need) {
  const std::optional<YAML::Node> value = node(key, need);
  if (!value) return std::nullopt;
  if (value->IsScalar()) return value->Scalar();
  complain(key, "a single value is expected");
  return std::nullopt;
}

std::optional<placed_name> yaml_map::name(std::string_view key, presence need) {
  const std::optional<YAML::Node> value = node(key, need);
  return value ? reader_.name(*value, fmt::format("{}: {}", what_, key)) : std::nullopt;
}

std::vector<placed_name> yaml_map::names(std::string_view key, presence need, std::size_t max) {
  const std::optional<YAML::Node> value = node(key, need);
  return value ? reader_.names(*value, fmt::format("{}: {}", what_, key), max) : std::vector<placed_name>{};
}

std::optional<std::size_t> yaml_map::word(std::string_view key, presence need,
                                          std::span<const std::string_view> words) {
  const std::optional<YAML::Node> value = node(key, need);
  return value ? reader_.word(*value, fmt::format("{}: {}", what_, key), words) : std::nullopt;
}

std::optional<std::uint64_t> yaml_map::count(std::string_view key, presence need, std::uint64_t min,
                                             std::uint64_t max) {
  const std::optional<std::string> text = scalar(key, need);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  if (const std::optional<std::string> wrong = read_count(*text, value)) {
    complain(key, *wrong);
  } else if (value < min || value > max) {
    complain(key, fmt::format("{} is out of bounds: {} .. {}", value, min, max));
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<u128> yaml_map::amount(std::string_view key, presence need, u128 min, u128 max) {
  const std::optional<std::string> text = scalar(key, need);
  if (!text) return std::nullopt;
  const std::optional<u128> value = parse_decimal(*text);
  if (!value) {
    complain(key, fmt::format("`{}` is no amount: minor units are written as digits only", text->substr(0, 64)));
  } else if (*value < min || *value > max) {
    complain(key, fmt::format("{} is out of bounds: {} .. {}", *text, to_decimal(min), to_decimal(max)));
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<bool> yaml_map::flag(std::string_view key, presence need) {
  static constexpr std::array<std::string_view, 2> words = {"false", "true"};
  const std::optional<std::size_t> value = word(key, need, words);
  return value ? std::optional(*value == 1) : std::nullopt;
}

std::optional<std::chrono::seconds> yaml_map::duration(std::string_view key, presence need, std::chrono::seconds max) {
  const std::optional<std::string> text = scalar(key, need);
  if (!text) return std::nullopt;
  std::chrono::seconds value{0};
  if (const std::optional<std::string> wrong = read_duration(*text, max, value)) {
    complain(key, *wrong);
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> yaml_map::time(std::string_view key, presence need) {
  const std::optional<std::string> text = scalar(key, need);
  if (!text) return std::nullopt;
  const std::optional<std::uint64_t> value = read_utc(*text);
  if (!value) {
    complain(key, fmt::format("`{}` is no time: write 2026-12-01 or 2026-12-01T00:00:00Z (UTC)", text->substr(0, 64)));
  }
  return value;
}

std::optional<std::string> yaml_map::text(std::string_view key, presence need, std::size_t max) {
  std::optional<std::string> value = scalar(key, need);
  if (!value) return std::nullopt;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (value->empty() || value->size() > max || std::ranges::any_of(*value, is_control)) {
    complain(key, fmt::format("a text of one line, 1 .. {} bytes, is expected", max));
    return std::nullopt;
  }
  return value;
}

}  // namespace payloom::config
