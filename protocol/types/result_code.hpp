#pragma once
// Result codes: stable wire numbers with a class that says what a client does. The table is result_codes.def.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace payloom {

enum class result_code : std::uint16_t {
#define PAYLOOM_CODE(number, name, class_, remembered, meaning) name = number,
#include "protocol/types/result_codes.def"
#undef PAYLOOM_CODE
};

/// One more than the largest number: the size of a table with a place for every code.
inline constexpr std::size_t result_codes_end = [] {
  std::size_t end = 0;
#define PAYLOOM_CODE(number, name, class_, remembered, meaning) \
  if (number >= end) end = number + 1;
#include "protocol/types/result_codes.def"
#undef PAYLOOM_CODE
  return end;
}();

/// What a client does with a result.
enum class result_class : std::uint8_t {
  done,            ///< executed (or found already executed)
  retry_same_key,  ///< nothing happened: send the same ids again
  new_key,         ///< refused for good under this id; a new attempt needs a new id
  final,           ///< the request itself is wrong: mend the program
  new_chain,       ///< see the chain's culprit
  overloaded,      ///< nothing happened: send the same ids again after retry_after_ms
  unavailable_,    ///< nothing happened; an operator must act
};

struct result_code_info {
  result_code code;
  std::string_view name;
  result_class klass;
  bool remembered;  ///< the refusal is journaled and answered again to a repeat
  std::string_view meaning;
};

/// The row of `code`; a code without a row yields a row named "unknown".
const result_code_info& describe(result_code code);
/// All rows in ascending order of number.
struct result_code_table {
  const result_code_info* first;
  const result_code_info* last;
  const result_code_info* begin() const { return first; }
  const result_code_info* end() const { return last; }
};
result_code_table all_result_codes();

std::string_view name_of(result_code code);
std::string_view name_of(result_class klass);

/// True when a refusal with this code is stored under its id (hot path: no table look-up).
constexpr bool is_remembered(result_code code) {
  switch (code) {
#define PAYLOOM_CODE(number, name, class_, remembered, meaning) \
  case result_code::name:                                       \
    return remembered;
#include "protocol/types/result_codes.def"
#undef PAYLOOM_CODE
  }
  return false;
}

}  // namespace payloom
