#include "actors/core/catalog/return_book.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::core::catalog {

bool return_book::add(u128 taken_minor) {
  PAYLOOM_ASSERT(count_ < parts_max);
  u128 sum = taken_minor;
  for (std::size_t i = 0; i < count_; ++i) {
    if (!checked_add(sum, taken_[i], sum)) return false;
  }
  taken_[count_] = left_[count_] = taken_minor;
  ++count_;
  return true;
}

u128 return_book::left_minor() const {
  u128 sum = 0;
  for (std::size_t i = 0; i < count_; ++i) sum += left_[i];  // at most what was taken, which `add` has summed
  return sum;
}

bool return_book::give_back(u128 amount_minor, std::span<u128, parts_max> shares) {
  if (!divide_proportionally(std::span(left_).first(count_), amount_minor, shares.first(count_))) return false;
  for (std::size_t i = 0; i < count_; ++i) left_[i] -= shares[i];
  return true;
}

void return_book::undo(std::span<const u128, parts_max> shares) {
  for (std::size_t i = 0; i < count_; ++i) {
    PAYLOOM_ASSERT(shares[i] <= taken_[i] - left_[i]);
    left_[i] += shares[i];
  }
}

}  // namespace payloom::core::catalog
