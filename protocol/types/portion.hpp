#pragma once
// Portions of amounts, exactly: no rounding but where it is asked for, no overflow for amounts of any size.
#include <span>

#include "protocol/types/u128.hpp"

namespace payloom {

/// floor(a * b / c) for b <= c and c > 0; the product may have 256 bits. The result is at most a.
u128 portion(u128 a, u128 b, u128 c);

/// Divides `amount` over parts in proportion to what is left of them: `shares` add up to `amount` exactly, and no share
/// is larger than what is left of its part. When everything that is left is asked for, each gives exactly what it has.
/// False, and `shares` unspecified, when the parts together have less than `amount` or more than 2^128 - 1.
[[nodiscard]] bool divide_proportionally(std::span<const u128> left, u128 amount, std::span<u128> shares);

}  // namespace payloom
