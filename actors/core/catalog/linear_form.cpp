#include "actors/core/catalog/linear_form.hpp"

#include <cstdlib>
#include <string_view>

#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {

linear_form::linear_form(posting_amount amount) {
  switch (amount.kind) {
    case amount_kind::gross:
      factors_[gross] = 1;
      return;
    case amount_kind::fee:
      factors_[fee] = 1;
      return;
    case amount_kind::net:
      factors_[gross] = 1;
      factors_[fee] = -1;
      return;
    case amount_kind::splits:
      factors_[splits] = 1;
      return;
    case amount_kind::balance:
      factors_[balance] = 1;
      return;
    case amount_kind::coupon:
      factors_[coupon] = 1;
      return;
    case amount_kind::external:
      factors_[gross] = 1;
      factors_[balance] = factors_[coupon] = -1;
      return;
    case amount_kind::given:
      PAYLOOM_ASSERT(amount.index < limits::posting_amounts_max);
      factors_[first_given + amount.index] = 1;
      return;
    case amount_kind::part:
      PAYLOOM_ASSERT(amount.index < limits::split_receivers_max);
      factors_[first_part + amount.index] = 1;
      return;
    case amount_kind::remainder:
      break;
  }
  PAYLOOM_ASSERT(false && "a remainder is no unknown");
}

linear_form& linear_form::operator+=(const linear_form& other) {
  for (std::size_t i = 0; i < factors_.size(); ++i) factors_[i] += other.factors_[i];
  return *this;
}

linear_form& linear_form::operator-=(const linear_form& other) {
  for (std::size_t i = 0; i < factors_.size(); ++i) factors_[i] -= other.factors_[i];
  return *this;
}

std::string linear_form::text(std::span<const std::string> given) const {
  const auto name = [&](std::size_t i) -> std::string {
    if (i == gross) return "gross";
    if (i == fee) return "fee";
    if (i == splits) return "splits";
    if (i == balance) return "balance";
    if (i == coupon) return "coupon";
    if (i >= first_part) return "split " + std::to_string(i - first_part + 1);
    return given[i - first_given];
  };
  std::string out;
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    const int factor = factors_[i];
    if (factor == 0) continue;
    const std::string_view sign = factor < 0 ? "-" : "+";
    if (!out.empty()) {
      out.append(" ").append(sign).append(" ");
    } else if (factor < 0) {
      out.append(sign);
    }
    if (std::abs(factor) != 1) out += std::to_string(std::abs(factor)) + " ";
    out += name(i);
  }
  return out.empty() ? "0" : out;
}

}  // namespace payloom::core::catalog
