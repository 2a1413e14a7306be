#include "actors/app/verbs/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <set>
#include <vector>

#include "actors/app/verbs/common.hpp"
#include "protocol/types/currency.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

constexpr time_ns second_ns = 1'000'000'000;

/// Reads digits at `at`; false when there is none or the number is above `most`.
bool read_number(std::string_view text, std::size_t& at, std::size_t digits, unsigned most, unsigned& value) {
  if (at + digits > text.size()) return false;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + digits, value);
  at += digits;
  return error == std::errc{} && end == text.data() + at && value <= most;
}

bool read_fraction(std::string_view text, std::size_t& at, time_ns& ns) {
  time_ns unit = second_ns / 10;
  const std::size_t from = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
    ns += unit * static_cast<time_ns>(text[at] - '0');
    if (unit == 0) return false;
  }
  return at > from;
}

bool read_time(std::string_view text, time_ns& out) {
  std::size_t at = 0;
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const auto take = [&](char c) { return at < text.size() && text[at] == c && ++at; };
  if (!read_number(text, at, 4, 2261, year) || !take('-') || !read_number(text, at, 2, 12, month) || !take('-') ||
      !read_number(text, at, 2, 31, day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || year < 1970) return false;
  time_ns fraction = 0;
  if (at < text.size()) {
    if (!take('T') || !read_number(text, at, 2, 23, hour) || !take(':') || !read_number(text, at, 2, 59, minute) ||
        !take(':') || !read_number(text, at, 2, 59, second)) {
      return false;
    }
    if (take('.') && !read_fraction(text, at, fraction)) return false;
    take('Z');
  }
  if (at != text.size()) return false;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  out = (static_cast<time_ns>(days) * 86'400 + hour * 3600 + minute * 60 + second) * second_ns + fraction;
  return true;
}

std::unique_ptr<config::ledger_directory> learned;

/// Whether a configuration could name a ledger so.
bool may_be_ledger(const std::string& text) {
  const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return text.size() >= 2 && text[0] >= 'A' && text[0] <= 'Z' && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

const config::ledger_directory& ledgers() {
  static const config::ledger_directory iso;
  return learned ? *learned : iso;
}

bool ledgers_known() { return learned != nullptr; }

void learn_ledgers(std::span<const ledger_row> rows) {
  std::vector<config::custom_ledger> custom;
  std::set<ledger_id> ids;
  std::set<std::string> names;
  for (const ledger_row& row : rows) {
    const std::string name(row.name, std::find(row.name, row.name + sizeof row.name, '\0'));
    const bool sound = row.ledger >= custom_ledger_min && row.exponent <= exponent_max && !name.empty() &&
                       find_currency(name) == nullptr && !parse_decimal(name);
    if (sound && ids.insert(row.ledger).second && names.insert(name).second)
      custom.push_back({row.ledger, name, row.exponent});
  }
  learned = std::make_unique<config::ledger_directory>(custom);
}

u128 parse_id_text(const std::string& what, const std::string& text) {
  const auto id = parse_id(text);
  if (!id) throw usage_error(fmt::format("{}: '{}' is no id (decimal, or hexadecimal with 0x)", what, text));
  return *id;
}

ledger_id parse_ledger_text(const std::string& text) {
  if (const auto known = ledgers().parse(text)) return known->id;
  ledger_id id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id == 0) {
    if (!learned && may_be_ledger(text)) throw ledgers_needed(text);
    throw usage_error(
        fmt::format("'{}' is no ledger: an ISO 4217 code such as EUR, a ledger of the server, or a number", text));
  }
  return id;
}

u128 parse_amount_text(ledger_id ledger, const std::string& text) {
  const bool known = ledgers().contains(ledger);
  if (!known && !learned) throw ledgers_needed(std::to_string(ledger));
  const auto amount = known ? ledgers().parse_amount(ledger, text) : parse_decimal(text);
  if (!amount) {
    throw usage_error(
        known ? fmt::format("'{}' is no amount of {}", text, ledgers().name(ledger))
              : fmt::format("'{}' is no amount; the server does not know ledger {}: minor units", text, ledger));
  }
  return *amount;
}

time_ns parse_time_text(const std::string& text) {
  time_ns time = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
  if (error == std::errc{} && end == text.data() + text.size()) return time;
  if (!read_time(text, time)) {
    throw usage_error(fmt::format("'{}' is no time (2026-11-22, 2026-11-22T10:00:00Z, or nanoseconds)", text));
  }
  return time;
}

std::string format_time(time_ns time) {
  if (time == 0) return "";
  const auto seconds = static_cast<std::int64_t>(time / second_ns);
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), time % second_ns);
}

std::uint16_t parse_flags_text(wire::field_kind kind, const std::string& text) {
  std::uint16_t bits = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string_view name = std::string_view(text).substr(from, comma - from);
    bool found = false;
    for (unsigned bit = 0; bit < 16 && !found; ++bit) {
      found = !name.empty() && wire::flag_name(kind, bit) == name;
      if (found) bits = static_cast<std::uint16_t>(bits | 1u << bit);
    }
    if (!found) throw usage_error(fmt::format("unknown flag '{}'", name));
    from = comma + 1;
  }
  return bits;
}

std::string format_flags(wire::field_kind kind, std::uint64_t bits) {
  std::string text;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    const std::string_view name = wire::flag_name(kind, bit);
    if (!text.empty()) text += ',';
    text += name.empty() ? fmt::format("bit{}", bit) : std::string(name);
  }
  return text;
}

void user_data_options::add_to(CLI::App& verb) {
  verb.add_option("--user-data-128", data_128, "The caller's own, decimal or 0x");
  verb.add_option("--user-data-64", data_64, "The caller's own");
  verb.add_option("--user-data-32", data_32, "The caller's own");
}

}  // namespace payloom::verbs
