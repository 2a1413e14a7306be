#include "actors/core/catalog/business_map.hpp"

#include <algorithm>

namespace payloom::core::catalog {

std::optional<product_index> business_map::find_product(std::string_view name) const {
  const auto at = std::ranges::find(parts_.products, name, &product::name);
  if (at == parts_.products.end()) return std::nullopt;
  return static_cast<product_index>(at - parts_.products.begin());
}

std::optional<product_index> business_map::find_product(std::uint16_t code) const {
  const auto at = std::ranges::find(parts_.products, code, &product::code);
  if (at == parts_.products.end()) return std::nullopt;
  return static_cast<product_index>(at - parts_.products.begin());
}

amount_verdict business_map::check_amount(const map_row& row, ledger_id ledger, u128 amount) const {
  PAYLOOM_ASSERT(row.limits < parts_.limits.size());
  for (const amount_limit& limit : parts_.limits[row.limits]) {
    if (limit.ledger != ledger) continue;
    if (amount < limit.min) return amount_verdict::below_min;
    return amount > limit.max ? amount_verdict::above_max : amount_verdict::allowed;
  }
  return amount_verdict::ledger_not_allowed;
}

}  // namespace payloom::core::catalog
