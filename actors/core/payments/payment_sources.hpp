#pragma once
// Where an order's money came from: what each attempt brought, and what of it goes back through its channel. Plain
// functions over `payment_row::sources`; at most payment_sources_max of them.
#include <cstddef>
#include <cstdint>

#include "protocol/types/payment_records.hpp"

namespace payloom::core {

/// What of a source can still go back, in minor units.
constexpr u128 left_of(const payment_source& s) { return s.paid_minor - s.refunded_minor; }

/// Places that one more attempt's money may take: free ones, and those of suspense that went back whole, but not that
/// of `on_its_way`, which may come again.
std::size_t free_sources(const payment_row& p, u128 on_its_way);

/// The attempt's money of that kind, or nullptr.
payment_source* find_source(payment_row& p, u128 attempt_id, source_kind kind);

/// What an attempt brought.
struct brought_money {
  u128 attempt_id = 0;
  owner_number channel = 0;
  source_kind kind = source_kind::paid;
  u128 amount_minor = 0;
};
/// The attempt's place grows, or it gets one. False, and nothing changed, when it has none and no more than `kept` are
/// free. An amount of 0 takes no place.
bool add_to_source(payment_row& p, const brought_money& money, std::size_t kept, u128 on_its_way);

/// The newest source of that kind of which at least `amount_minor` (not 0) is left, or nullptr.
payment_source* newest_source(payment_row& p, source_kind kind, u128 amount_minor);

/// Place of the source with this number, from 1; nullptr: there is none of that kind.
payment_source* source_at(payment_row& p, std::uint32_t number, source_kind kind);

/// The number of the source whose money the payment sends back, from 1; 0: it sends none back.
inline std::uint8_t source_number_of(const payment_row& p) {
  const source_kind kind = p.purpose == payment_purpose::return_late ? source_kind::suspense : source_kind::paid;
  for (std::uint32_t n = 0; n < limits::payment_sources_max; ++n)
    if (p.source != 0 && p.sources[n].attempt_id == p.source && p.sources[n].kind == kind)
      return static_cast<std::uint8_t>(n + 1);
  return 0;
}

/// What of the order's money is where it must be: the sources are what channels brought and what goes back of it, none
/// gives back more than it brought, and those in suspense are no more than what stands there.
bool sources_add_up(const payment_row& p);

}  // namespace payloom::core
