#pragma once
// Giving a combined payment back in part: how much falls to each of its orders (TC-3). Pure.
#include <algorithm>
#include <span>

#include "protocol/types/portion.hpp"

namespace payloom::client {

/// One order of a combined payment.
struct refund_part {
  u128 brought_minor = 0;  ///< of the payment
  u128 left_minor = 0;     ///< of that, what can still be given back
};

/// Divides `amount_minor` over the orders in proportion to what each brought, rounded down; the last takes the
/// remainder. What an order has not left any more falls to the others, the last ones first. `shares` add up to the
/// amount exactly. False, and `shares` unspecified: less is left than asked for, or a part has more left than it
/// brought.
[[nodiscard]] inline bool allocate_refund(std::span<const refund_part> parts, u128 amount_minor,
                                          std::span<u128> shares) {
  u128 brought = 0, left = 0;
  if (parts.empty() || shares.size() != parts.size()) return false;
  for (const refund_part& p : parts) {
    if (p.left_minor > p.brought_minor || !checked_add(brought, p.brought_minor, brought)) return false;
    left += p.left_minor;  // at most what was brought
  }
  if (amount_minor > left) return false;
  u128 given = 0, beyond = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    u128 share = last           ? amount_minor - given
                 : brought == 0 ? 0
                                : portion(parts[i].brought_minor, amount_minor, brought);
    given += share;
    const u128 more = share - std::min(share, parts[i].left_minor);
    shares[i] = share - more;
    beyond += more;
  }
  for (std::size_t i = parts.size(); i-- > 0 && beyond != 0;) {
    const u128 more = std::min(beyond, parts[i].left_minor - shares[i]);
    shares[i] += more;
    beyond -= more;
  }
  return true;
}

}  // namespace payloom::client
