#pragma once
// What a payment tool is to the rest: its traits, and the money of one payment by tool. Each tool has a folder of its
// own (README.md says how to add one); tools.hpp lists them. Everything here is known when the program is compiled: no
// table is searched and no virtual function called for a payment.
#include <concepts>
#include <string_view>

#include "actors/core/catalog/posting_rule.hpp"
#include "actors/core/catalog/posting_rules.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::core {

/// With which tools a client wants to pay; parts of 0: as the template says.
struct payment_ask {
  u128 amount_minor = 0;    ///< 0: all there is
  std::uint16_t tools = 0;  ///< bits by the business map's numbers; 0: the template's first
  u128 balance_minor = 0;
  u128 coupon_minor = 0;
  owner_number channel = 0;
  std::uint16_t source = 0;  ///< refunds: number of the source, from 1; 0: the newest that has enough
  u128 cause = 0;            ///< id of the command
  u128 payment = 0;          ///< the payment's: of the command that began it
};

/// What a tool can do; steps of templates that ask for more are refused at load.
struct tool_traits {
  std::string_view name;    ///< in `tools` of business_map.yaml
  bool executes = false;    ///< it leaves the platform: one call that nothing takes back, whose outcome can be unknown
  bool reserves = false;    ///< its part can be reserved, and then confirmed or given back
  bool takes_back = false;  ///< parts of refunds can go to it
  bool named = false;       ///< a client may say how much it pays; one that cannot be named takes the rest
  bool keeps_record = false;  ///< payments inside with it are booked by `coupon_posting_rule` and have a payment_row
  std::string_view word;      ///< its part in posting rules
  catalog::amount_kind amount = catalog::amount_kind::gross;  ///< likewise
};

/// What a tool must be; all functions are static. `part` is its share of the payment, in minor units, 0: none.
template <class T>
concept payment_tool = requires(const payment_ask& ask, u128 part, catalog::posting_amounts& amounts, payment_row& p,
                                const payment_row& was, const order_row& o) {
  { T::traits } -> std::convertible_to<const tool_traits&>;
  { T::named(ask) } -> std::same_as<u128>;    // what the client says it pays, 0: nothing said
  T::fill(amounts, part);                     // the word that posting rules know it by
  T::keep(p, part);                           // into the payment's record,
  { T::kept(was) } -> std::same_as<u128>;     // and out of it
  T::add_paid(p, part);                       // the order's sums: it has brought that much,
  T::add_returned(p, part);                   // so much of it goes back, or has gone,
  T::undo_returned(p, part);                  // or did not go after all
  { T::left(o, was) } -> std::same_as<u128>;  // what can still go back of what it brought
};

}  // namespace payloom::core
