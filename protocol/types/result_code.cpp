#include "protocol/types/result_code.hpp"

#include <algorithm>
#include <iterator>

namespace payloom {
namespace {

constexpr result_code_info rows[] = {
#define PAYLOOM_CODE(number, name, class_, remembered, meaning) \
  {result_code::name, #name, result_class::class_, static_cast<bool>(remembered), meaning},
#include "protocol/types/result_codes.def"
#undef PAYLOOM_CODE
};

constexpr bool rows_ascend() {
  for (std::size_t i = 1; i < std::size(rows); ++i)
    if (rows[i - 1].code >= rows[i].code) return false;
  return true;
}
static_assert(rows_ascend(), "result_codes.def must be in ascending order");

constexpr result_code_info unknown_row{result_code::ok, "unknown", result_class::final, false, "no such code"};

}  // namespace

const result_code_info& describe(result_code code) {
  const auto* row = std::lower_bound(std::begin(rows), std::end(rows), code,
                                     [](const result_code_info& r, result_code c) { return r.code < c; });
  return row != std::end(rows) && row->code == code ? *row : unknown_row;
}

result_code_table all_result_codes() { return {std::begin(rows), std::end(rows)}; }

std::string_view name_of(result_code code) { return describe(code).name; }

std::string_view name_of(result_class klass) {
  switch (klass) {
    case result_class::done:
      return "done";
    case result_class::retry_same_key:
      return "retry_same_key";
    case result_class::new_key:
      return "new_key";
    case result_class::final:
      return "final";
    case result_class::new_chain:
      return "new_chain";
    case result_class::overloaded:
      return "overloaded";
    case result_class::unavailable_:
      return "unavailable";
  }
  return "unknown";
}

}  // namespace payloom
