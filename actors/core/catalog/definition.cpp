#include "actors/core/catalog/definition.hpp"

#include <algorithm>

#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

bool is_catalog_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= limits::catalog_name_bytes_max && is_letter(text[0]) &&
         std::ranges::all_of(text, is_allowed);
}

}  // namespace payloom::core::catalog
