#pragma once
// A channel's codes and what they mean: data, with whoever edits it, never code (GW, error code map). A code that is in
// no entry is `unknown`, never `rejected`, and people must look. Immutable after it was made; any thread may read it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types/payment_records.hpp"

namespace payloom::http_json {

struct code_entry {
  std::string code;  ///< the channel's text, 1 to code_bytes_max printable characters
  channel_outcome outcome = channel_outcome::none;
  std::uint16_t number = 0;  ///< ours, as it stands in the facts
};
inline constexpr std::size_t code_bytes_max = 32;
inline constexpr std::size_t code_entries_max = 4096;

class code_map {
 public:
  /// nullopt, and `problem` says why: an empty, long or doubled code, no outcome, or too many.
  static std::optional<code_map> make(std::vector<code_entry> entries, std::string& problem);
  /// nullptr: nobody has said what it means.
  const code_entry* find(std::string_view code) const;

 private:
  std::vector<code_entry> sorted_;
};

/// The codes of http_simulator.
std::vector<code_entry> simulator_codes();

}  // namespace payloom::http_json
