#pragma once
// Who gives back how much when a payment is refunded in pieces: the fee (where its plan returns it), every split
// receiver, and the payee. One per payment with refunds; plain data, so the payment can carry it.
#include <array>
#include <cstdint>
#include <span>

#include "actors/core/catalog/portion.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

class return_book {
 public:
  /// The receivers, the fee and the payee.
  static constexpr std::size_t parts_max = limits::split_receivers_max + 2;

  /// Adds a part that was taken; at most parts_max, the caller knows its order. False when the sum passes 2^128 - 1.
  [[nodiscard]] bool add(u128 taken_minor);

  std::size_t parts() const { return count_; }
  u128 left_minor(std::size_t part) const { return left_[part]; }

  /// The most that can still be returned.
  u128 left_minor() const;

  /// Divides one more refund over the parts, into the first parts() of `shares`. Over all refunds each part gives back
  /// exactly what it took and never more. False, and nothing changed, when less than `amount_minor` is left.
  [[nodiscard]] bool give_back(u128 amount_minor, std::span<u128, parts_max> shares);

  /// Takes back the shares of a refund that failed, as `give_back` said them.
  void undo(std::span<const u128, parts_max> shares);

 private:
  std::array<u128, parts_max> taken_{};
  std::array<u128, parts_max> left_{};
  std::uint8_t count_ = 0;
};

}  // namespace payloom::core::catalog
