#include "actors/channels/secret_mask.hpp"

#include <algorithm>
#include <array>

namespace payloom::actors {

namespace {

constexpr std::size_t card_digits_min = 13, card_digits_max = 19;
constexpr std::size_t card_head = 6, card_tail = 4;
constexpr std::array<std::string_view, 6> secret_headers = {"x-signature", "authorization", "proxy-authorization",
                                                            "cookie",      "set-cookie",    "x-api-key"};
constexpr std::array<std::string_view, 9> secret_members = {"pan",    "card_number", "cvv", "cvc", "password",
                                                            "secret", "token",       "key", "pin"};
constexpr std::array<std::string_view, 3> secret_ends = {"_key", "_secret", "_token"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_secret_member(std::string_view name) {
  return std::ranges::any_of(secret_members, [&](std::string_view s) { return equal(name, s); }) ||
         std::ranges::any_of(secret_ends, [&](std::string_view s) {
           return name.size() > s.size() && equal(name.substr(name.size() - s.size()), s);
         });
}

void blank(std::string& bytes, std::size_t from, std::size_t to) {
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to), '*');
}

/// Lines of the head only: a body has its own rules.
void mask_headers(std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line(bytes.data() + at, end - at);
    if (line.empty() || line == "\r") return;
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        std::ranges::any_of(secret_headers, [&](std::string_view h) { return equal(line.substr(0, colon), h); })) {
      const std::size_t tail = line.back() == '\r' ? 1 : 0;
      if (colon + 1 < line.size() - tail) blank(bytes, at + colon + 1, end - tail);
    }
    at = end + 1;
  }
}

/// Where a JSON text that begins behind `at` ends: at its closing quote, or the end of the bytes.
std::size_t end_of_text(std::string_view bytes, std::size_t at) {
  for (; at < bytes.size() && bytes[at] != '"'; ++at)
    if (bytes[at] == '\\') ++at;
  return std::min(at, bytes.size());
}

/// "name" : "value" with a name that says secret; also a number as value.
void mask_members(std::string& bytes) {
  std::size_t at = bytes.find('"');
  while (at != std::string::npos && at + 1 < bytes.size()) {
    const std::size_t end = end_of_text(bytes, at + 1);
    std::size_t next = end + 1;
    const auto skip = [&](std::string_view over) {
      while (next < bytes.size() && over.find(bytes[next]) != std::string_view::npos) ++next;
    };
    skip(" \t\r\n");
    if (next < bytes.size() && bytes[next] == ':') {
      ++next;
      skip(" \t\r\n");
      const bool secret = is_secret_member(std::string_view(bytes).substr(at + 1, end - at - 1));
      if (next < bytes.size() && bytes[next] == '"') {
        const std::size_t value_end = end_of_text(bytes, next + 1);
        if (secret) blank(bytes, next + 1, value_end);
        next = value_end + 1;
      } else if (secret) {
        std::size_t value_end = next;
        while (value_end < bytes.size() && is_digit(bytes[value_end])) ++value_end;
        blank(bytes, next, value_end);
      }
    }
    at = next < bytes.size() ? bytes.find('"', next) : std::string::npos;
  }
}

void mask_cards(std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (!is_digit(bytes[at])) {
      ++at;
      continue;
    }
    // A run of digits with single separators; the digits' places are remembered as far as a card number can go.
    std::array<std::size_t, card_digits_max> places{};
    std::string digits;
    std::size_t end = at, last = at;
    const bool in_word = at != 0 && is_word(bytes[at - 1]);
    while (end < bytes.size()) {
      if (is_digit(bytes[end])) {
        if (digits.size() < card_digits_max) places[digits.size()] = end;
        digits += bytes[end];
        last = end++;
      } else if ((bytes[end] == ' ' || bytes[end] == '-') && end == last + 1) {
        ++end;
      } else {
        break;
      }
    }
    const bool ends_in_word = last + 1 < bytes.size() && is_word(bytes[last + 1]);
    const bool card = !in_word && !ends_in_word && digits.size() >= card_digits_min &&
                      digits.size() <= card_digits_max && passes_luhn(digits);
    if (card)
      for (std::size_t i = card_head; i < digits.size() - card_tail; ++i) bytes[places[i]] = '*';
    at = last + 1;
  }
}

void mask_text(std::string& bytes, std::string_view secret) {
  if (secret.empty()) return;
  const auto same = [](char x, char y) { return lower(x) == lower(y); };
  auto from = bytes.begin();
  while (true) {
    from = std::search(from, bytes.end(), secret.begin(), secret.end(), same);
    if (from == bytes.end()) return;
    std::fill_n(from, secret.size(), '*');
    from += static_cast<std::ptrdiff_t>(secret.size());
  }
}

}  // namespace

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, doubled = !doubled) {
    const int digit = *at - '0';
    sum += !doubled ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return !digits.empty() && sum % 10 == 0;
}

void mask_secrets(std::string& bytes, std::span<const std::string> secrets) {
  for (const std::string& secret : secrets) mask_text(bytes, secret);
  mask_headers(bytes);
  mask_members(bytes);
  mask_cards(bytes);
}

}  // namespace payloom::actors
