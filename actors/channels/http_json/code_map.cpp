#include "actors/channels/http_json/code_map.hpp"

#include <algorithm>

namespace payloom::http_json {

std::optional<code_map> code_map::make(std::vector<code_entry> entries, std::string& problem) {
  const auto wrong = [&](std::string what) -> std::optional<code_map> {
    problem = std::move(what);
    return std::nullopt;
  };
  if (entries.size() > code_entries_max) return wrong("more than 4,096 codes");
  std::ranges::sort(entries, {}, &code_entry::code);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const code_entry& e = entries[i];
    const bool printable = std::ranges::all_of(e.code, [](char c) { return c > ' ' && c <= '~'; });
    if (e.code.empty() || e.code.size() > code_bytes_max || !printable)
      return wrong("a code must have 1 to 32 printable characters");
    if (e.outcome == channel_outcome::none || static_cast<std::uint8_t>(e.outcome) >= channel_outcomes)
      return wrong("code " + e.code + " has no outcome");
    if (i != 0 && e.code == entries[i - 1].code) return wrong("code " + e.code + " is there twice");
  }
  code_map made;
  made.sorted_ = std::move(entries);
  return made;
}

const code_entry* code_map::find(std::string_view code) const {
  const auto at =
      std::ranges::lower_bound(sorted_, code, {}, [](const code_entry& e) -> std::string_view { return e.code; });
  return at != sorted_.end() && at->code == code ? &*at : nullptr;
}

std::vector<code_entry> simulator_codes() {
  using enum channel_outcome;
  return {{"APPROVED", success, 0},   {"DECLINED", rejected, 1},        {"PROCESSING", accepted, 2},
          {"BUSY", not_sent, 3},      {"CONFLICT", unknown, 4},         {"CLOSED", closed, 5},
          {"NO_SOURCE", rejected, 6}, {"SOURCE_SPENT", rejected, 7},    {"NOT_FOUND", unknown, 8},
          {"INVALID", rejected, 9},   {"ATTEMPT_CLOSED", rejected, 10}, {"RETURNED", returned, 11}};
}

}  // namespace payloom::http_json
