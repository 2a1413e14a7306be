#pragma once
// How the accounts of one event's legs stand to each other: sources are debited only, the others are filled by legs of
// the same event. The checks and the evaluation must agree on what a remainder is, so both ask here.
#include <cstdint>

#include "actors/core/catalog/posting_rule.hpp"

namespace payloom::core::catalog {

/// True when no leg of the event credits `account`.
inline bool is_source(const event_rule& event, account_ref account) {
  for (const leg_rule& leg : event.legs) {
    if (leg.credit == account) return false;
  }
  return true;
}

/// What a remainder leg is made of: (the total, or the legs in `plus`) minus the legs in `minus`. Bits are leg numbers.
struct remainder_parts {
  bool of_total = false;
  std::uint32_t plus = 0;
  std::uint32_t minus = 0;
};

/// The parts of the event's leg `at`, whose amount is a remainder. Taken from a source it is what all sources together
/// still owe of the total; taken from an account that other legs fill, it is what is left there.
inline remainder_parts parts_of_remainder(const event_rule& event, std::size_t at) {
  const account_ref from = event.legs[at].debit;
  remainder_parts parts{is_source(event, from), 0, 0};
  for (std::size_t i = 0; i < event.legs.size(); ++i) {
    const leg_rule& leg = event.legs[i];
    if (i == at) continue;
    if (parts.of_total ? is_source(event, leg.debit) : leg.debit == from) parts.minus |= 1u << i;
    if (!parts.of_total && leg.credit == from) parts.plus |= 1u << i;
  }
  return parts;
}

}  // namespace payloom::core::catalog
