#pragma once
// A sum of unknown amounts with whole coefficients, e.g. "gross - fee": with it the checks prove that legs add up
// whatever the amounts will be. Used at load only.
#include <array>
#include <span>
#include <string>

#include "actors/core/catalog/posting_rule.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

class linear_form {
 public:
  linear_form() = default;

  /// The form of an amount other than a remainder, which is no unknown but follows from the others.
  explicit linear_form(posting_amount amount);

  linear_form& operator+=(const linear_form& other);
  linear_form& operator-=(const linear_form& other);
  friend bool operator==(const linear_form&, const linear_form&) = default;

  bool is_zero() const { return *this == linear_form{}; }

  /// "gross - fee + excess"; `given` are the names of the given amounts. "0" when nothing is left.
  std::string text(std::span<const std::string> given) const;

 private:
  static constexpr std::size_t gross = 0, fee = 1, splits = 2, balance = 3, coupon = 4, first_given = 5;
  static constexpr std::size_t first_part = first_given + limits::posting_amounts_max;

  std::array<int, first_part + limits::split_receivers_max> factors_{};
};

}  // namespace payloom::core::catalog
