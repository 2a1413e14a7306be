#include "actors/core/catalog/name_set.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {

name_set::name_set(std::vector<std::string> names) : names_(std::move(names)) {
  PAYLOOM_ASSERT(names_.size() < no_name);
}

std::optional<name_index> name_set::find(std::string_view name) const {
  const auto at = std::ranges::find(names_, name);
  if (at == names_.end()) return std::nullopt;
  return static_cast<name_index>(at - names_.begin());
}

std::string_view name_set::name(name_index index) const {
  PAYLOOM_ASSERT(index < names_.size());
  return names_[index];
}

}  // namespace payloom::core::catalog
