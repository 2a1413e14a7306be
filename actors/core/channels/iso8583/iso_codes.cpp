#include "actors/core/channels/iso8583/iso_codes.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::core {

std::size_t iso_codes::place_of(std::string_view text) {
  constexpr std::size_t nowhere = digits * digits;
  if (text.size() != 2) return nowhere;
  std::size_t place = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      place = place * digits + static_cast<std::size_t>(c - '0');
    } else if (c >= 'A' && c <= 'Z') {
      place = place * digits + static_cast<std::size_t>(c - 'A') + 10;
    } else {
      return nowhere;
    }
  }
  return place;
}

std::string_view iso_codes::problem_of(std::span<const iso_code> list) {
  std::array<bool, digits * digits> seen{};
  bool any_reversed = false;
  for (const iso_code& c : list) {
    const std::size_t place = place_of(c.text);
    if (place == digits * digits) return "a response code is two digits or upper-case letters";
    if (seen[place]) return "a response code is there twice";
    seen[place] = true;
    if (c.number == 0) return "a response code needs a number of ours, not 0";
    const bool known = c.outcome == channel_outcome::success || c.outcome == channel_outcome::rejected ||
                       c.outcome == channel_outcome::source_closed || c.outcome == channel_outcome::unknown;
    if (!known) return "a response code means success, rejected, source_closed or unknown";
    any_reversed = any_reversed || c.reversed;
  }
  return any_reversed ? "" : "no response code acknowledges a reversal";
}

iso_codes::iso_codes(std::span<const iso_code> list) {
  PAYLOOM_ASSERT(problem_of(list).empty());
  for (const iso_code& c : list) meanings_[place_of(c.text)] = {c.outcome, c.number, c.reversed, true};
}

iso_codes::meaning iso_codes::find(std::string_view text) const {
  const std::size_t place = place_of(text);
  return place == digits * digits ? meaning{} : meanings_[place];
}

std::span<const iso_code> iso_usual_codes() {
  using enum channel_outcome;
  static constexpr std::array<iso_code, 17> codes = {{
      {"00", success, 1, true},          // approved
      {"05", rejected, 5, false},        // do not honour
      {"10", success, 10, false},        // a part is approved: field 4 says how much
      {"12", rejected, 12, false},       // invalid transaction
      {"13", rejected, 13, false},       // invalid amount
      {"14", source_closed, 14, false},  // no such account
      {"25", unknown, 25, true},         // the original is not known
      {"51", rejected, 51, false},       // not enough money
      {"54", rejected, 54, false},       // expired
      {"57", rejected, 57, false},       // not permitted to the payer
      {"58", rejected, 58, false},       // not permitted to the terminal
      {"61", rejected, 61, false},       // above a limit
      {"68", unknown, 68, false},        // answered too late
      {"77", rejected, 77, false},       // refused because it was reversed before it came
      {"91", rejected, 91, false},       // the issuer cannot be reached, nothing was done
      {"94", unknown, 94, false},        // a duplicate with another content
      {"96", unknown, 96, false},        // system malfunction
  }};
  return codes;
}

}  // namespace payloom::core
