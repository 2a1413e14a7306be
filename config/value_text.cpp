#include "config/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "protocol/types/u128_text.hpp"

namespace payloom::config {
namespace {

using problem_text = std::optional<std::string>;

struct scale {
  std::string_view suffix;
  std::uint64_t factor;
};
// Longest factor first: the writers take the first that divides the value.
constexpr std::array count_scales = {scale{"G", 1'000'000'000}, scale{"M", 1'000'000}, scale{"k", 1'000}};
constexpr std::array byte_scales = {scale{"TiB", 1ull << 40}, scale{"GiB", 1ull << 30}, scale{"MiB", 1ull << 20},
                                    scale{"KiB", 1ull << 10}, scale{"B", 1}};
constexpr std::array time_scales = {scale{"h", 3'600'000}, scale{"min", 60'000}, scale{"s", 1'000}, scale{"ms", 1}};

// Words of the enumerations, by value.
constexpr std::array policy_words = {"sharing", "stealing"};
constexpr std::array level_words = {"debug", "info", "warn", "error"};
constexpr std::array format_words = {"logfmt", "json"};
constexpr const auto& words_of(scheduler_policy) { return policy_words; }
constexpr const auto& words_of(log_level) { return level_words; }
constexpr const auto& words_of(log_format) { return format_words; }

// Splits "64MiB" into its digits and the rest; complains about everything that YAML parsers would guess at.
problem_text read_digits(std::string_view text, std::uint64_t& value, std::string_view& rest) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, end);
  rest = text.substr(end);
  if (text.starts_with("-") || text.starts_with("+")) return "a sign is not allowed";
  if (digits.empty()) return "a number is expected";
  if (digits == "0" && (rest.starts_with("x") || rest.starts_with("X") || rest.starts_with("o"))) {
    return "hexadecimal and octal numbers are not allowed here";
  }
  if (digits.size() > 1 && digits[0] == '0') {
    return "a leading zero is not allowed (it could be meant as octal)";
  }
  const std::optional<u128> wide = parse_decimal(digits);
  if (!wide || hi64(*wide) != 0) return "the number is too large";
  value = lo64(*wide);
  return std::nullopt;
}

template <std::size_t N>
problem_text read_scaled(std::string_view text, const std::array<scale, N>& scales, std::string_view hint,
                         bool unit_optional, std::uint64_t& out) {
  std::uint64_t value = 0;
  std::string_view suffix;
  if (problem_text wrong = read_digits(text, value, suffix)) return wrong;
  if (suffix.empty() && unit_optional) {
    out = value;
    return std::nullopt;
  }
  if (suffix.empty()) return fmt::format("a unit is missing: {}", hint);
  const auto at = std::ranges::find(scales, suffix, &scale::suffix);
  if (at == scales.end()) return fmt::format("unknown unit `{}`: {}", suffix, hint);
  if (__builtin_mul_overflow(value, at->factor, &out)) return "the number is too large";
  return std::nullopt;
}

constexpr std::string_view byte_hint = "sizes are written like 64MiB (B, KiB, MiB, GiB, TiB)";
constexpr std::string_view time_hint = "durations are written like 250ms (ms, s, min, h)";
constexpr std::string_view count_hint = "counts are written like 4096 or 16M (k, M, G)";

template <std::size_t N>
std::string write_scaled(std::uint64_t value, const std::array<scale, N>& scales, std::string_view zero) {
  if (value == 0) return std::string(zero);
  for (const scale& s : scales) {
    if (value % s.factor == 0) return fmt::format("{}{}", value / s.factor, s.suffix);
  }
  return std::to_string(value);
}

std::string write_number(const key& k, std::uint64_t value) {
  switch (k.measure) {
    case unit::bytes:
      return write_scaled(value, byte_scales, "0B");
    case unit::time:
      return write_scaled(value, time_scales, "0ms");
    case unit::events:
    case unit::none:
      break;
  }
  // 131072 stays as it is; only round numbers get a letter.
  return value >= 100'000 ? write_scaled(value, count_scales, "0") : std::to_string(value);
}

problem_text check_bounds(const key& k, std::uint64_t value) {
  if (value >= k.min && value <= k.max) return std::nullopt;
  return fmt::format("{} is out of bounds: {}", write_number(k, value), bounds_text(k));
}

problem_text read_into(const key& k, std::string_view text, bool& out) {
  (void)k;
  if (text != "true" && text != "false") return "true or false is expected";
  out = text == "true";
  return std::nullopt;
}

problem_text read_into(const key& k, std::string_view text, std::uint64_t& out) {
  if (k.may_be_auto && text == "auto") {
    out = automatic;
    return std::nullopt;
  }
  std::uint64_t value = 0;
  problem_text wrong =
      k.measure == unit::bytes ? read_scaled(text, byte_scales, byte_hint, false, value) : read_count(text, value);
  if (!wrong) wrong = check_bounds(k, value);
  if (!wrong) out = value;
  return wrong;
}

problem_text read_into(const key& k, std::string_view text, milliseconds& out) {
  std::uint64_t value = 0;
  problem_text wrong = read_scaled(text, time_scales, time_hint, false, value);
  if (!wrong) wrong = check_bounds(k, value);
  if (!wrong) out = milliseconds(static_cast<milliseconds::rep>(value));
  return wrong;
}

problem_text read_into(const key& k, std::string_view text, std::string& out) {
  if (text.empty() && !k.may_be_empty) return "a text is expected";
  if (text.size() > 4096) return "the text is longer than 4096 bytes";
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return "control characters are not allowed";
  }
  out = std::string(text);
  return std::nullopt;
}

problem_text read_into(const key&, std::string_view text, u128& out) {
  if (!text.starts_with("0x")) return "a hexadecimal number is expected, like 0x2a";
  const std::optional<u128> value = parse_hex(text);
  if (!value) return "a hexadecimal number of at most 32 digits is expected, like 0x2a";
  out = *value;
  return std::nullopt;
}

problem_text read_into(const key& k, std::string_view text, endpoint& out) {
  if (!text.empty() || !k.may_be_empty) return read_endpoint(text, out);
  out = endpoint{};
  return std::nullopt;
}

template <class Enum>
requires std::is_enum_v<Enum> problem_text read_into(const key& k, std::string_view text, Enum& out) {
  const auto& words = words_of(Enum{});
  const auto at = std::ranges::find(words, text);
  if (at == words.end()) return fmt::format("`{}` is none of: {}", text, bounds_text(k));
  out = static_cast<Enum>(at - words.begin());
  return std::nullopt;
}

problem_text read_into(const key&, std::string_view, std::vector<custom_ledger>&) { return "a list is expected"; }
problem_text read_into(const key&, std::string_view, std::vector<account_id>&) { return "a list is expected"; }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

std::string write(const key&, bool value) { return value ? "true" : "false"; }
std::string write(const key& k, std::uint64_t value) {
  return k.may_be_auto && value == automatic ? "auto" : write_number(k, value);
}
std::string write(const key& k, milliseconds value) {
  return write_number(k, static_cast<std::uint64_t>(value.count()));
}
std::string write(const key&, const std::string& value) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  const bool is_plain = !value.empty() && value.find_first_not_of(plain) == std::string::npos && value[0] != '-';
  return is_plain ? value : quoted(value);
}
std::string write(const key&, u128 value) { return to_hex(value); }
std::string write(const key&, const endpoint& value) {
  const std::string text = to_string(value);
  return text.empty() || text[0] == '[' ? quoted(text) : text;
}
template <class Enum>
requires std::is_enum_v<Enum> std::string write(const key&, Enum value) {
  return words_of(value)[static_cast<std::size_t>(value)];
}
std::string write(const key&, const std::vector<custom_ledger>& list) {
  std::string out = "[";
  for (const custom_ledger& l : list) {
    out += fmt::format("{}{{id: {}, name: {}, exponent: {}}}", out.size() > 1 ? ", " : "", l.id, l.name, l.exponent);
  }
  return out + "]";
}
std::string write(const key&, const std::vector<account_id>& list) {
  std::string out = "[";
  for (const account_id& id : list) {
    if (out.size() > 1) out += ", ";
    out += to_hex(id.value);
  }
  return out + "]";
}

template <class Enum>
std::string word_list() {
  std::string out;
  for (const char* word : words_of(Enum{})) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

}  // namespace

std::optional<std::string> read_endpoint(std::string_view text, endpoint& out) {
  constexpr std::string_view hint = "an address is written like 127.0.0.1:7400 or [::1]:7400";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::string(hint);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::string(hint);
  }
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == ':' || c == '_';
  };
  if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, allowed)) return std::string(hint);
  const std::optional<u128> port = parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65'535) return "the port must be 0 .. 65535";
  out = endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
  return std::nullopt;
}

std::string to_string(const endpoint& address) {
  if (address.empty()) return "";
  const bool six = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", address.host, six ? "]" : "", address.port);
}

std::optional<std::string> read_value(const key& k, std::string_view text, settings& into) {
  return std::visit([&](auto* place) { return read_into(k, text, *place); }, k.locate(into));
}

std::string write_value(const key& k, const settings& from) {
  // The table's accessors give mutable places; here they are only read.
  return std::visit([&](auto* place) { return write(k, *place); }, k.locate(const_cast<settings&>(from)));
}

std::string bounds_text(const key& k) {
  settings any{};
  const field place = k.locate(any);
  if (std::holds_alternative<bool*>(place)) return "true or false";
  if (std::holds_alternative<scheduler_policy*>(place)) return word_list<scheduler_policy>();
  if (std::holds_alternative<log_level*>(place)) return word_list<log_level>();
  if (std::holds_alternative<log_format*>(place)) return word_list<log_format>();
  if (std::holds_alternative<endpoint*>(place)) return "host:port";
  if (std::holds_alternative<u128*>(place)) return "0x and up to 32 digits";
  if (std::holds_alternative<std::string*>(place)) return "text";
  if (std::holds_alternative<std::vector<custom_ledger>*>(place) ||
      std::holds_alternative<std::vector<account_id>*>(place)) {
    return fmt::format("up to {} entries", k.max);
  }
  const std::string range = fmt::format("{} .. {}", write_number(k, k.min), write_number(k, k.max));
  return k.may_be_auto ? range + " or auto" : range;
}

std::string_view unit_text(const key& k) {
  switch (k.measure) {
    case unit::bytes:
      return "size";
    case unit::events:
      return "events";
    case unit::time:
      return "duration";
    case unit::none:
      break;
  }
  settings any{};
  return std::holds_alternative<std::uint64_t*>(k.locate(any)) ? "count" : "";
}

std::optional<std::string> read_count(std::string_view text, std::uint64_t& out) {
  return read_scaled(text, count_scales, count_hint, true, out);
}

std::optional<std::string> read_account(std::string_view text, account_id& out) {
  const std::optional<u128> id = parse_id(text);
  if (!id) return "an account id is expected: decimal without leading zero, or 0x hexadecimal";
  if (id_is_reserved(*id)) return "the ids zero and all-ones are reserved";
  out.value = *id;
  return std::nullopt;
}

}  // namespace payloom::config
