#pragma once
// The one table of what a scenario can do. A kind makes orders of a product, acts on orders that a kind made, or asks.
// One more kind: a row here; one that moves money in a new way: also a line in `scenario_books`.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/types/order_records.hpp"

namespace payloom::bench {

/// What an operation asks, and so what its frame is.
enum class stage : std::uint8_t {
  create,    ///< an order that is paid at once
  act,       ///< something is done to an order
  timeline,  ///< all events of an order: one id a frame
  balances,  ///< accounts of users
};

/// One of the things that may be done to an order, chosen by share. With `in_part` half of them are of a part.
struct possible_action {
  order_action action = order_action::none;
  unsigned share = 0;
  bool in_part = false;
};

struct operation_kind {
  static constexpr std::uint8_t none = 0xff;

  std::string_view name;     ///< in the scenario's mix
  std::string_view product;  ///< business product of the orders that it makes; empty: it makes none
  std::uint8_t on = none;    ///< the kind whose orders it acts on, or asks for
  std::array<possible_action, 3> actions{};
  stage asks = stage::create;  ///< of a kind that only asks: what; otherwise nothing
};

inline constexpr std::uint8_t kind_pay = 0, kind_escrow = 2, kind_pre_authorisation = 3, kind_recharge = 7,
                              kind_withdraw = 8;
inline constexpr std::array<operation_kind, 9> operation_kinds{{
    {"pay", "instant_sale"},
    {"transfer", "transfer"},
    // Half of them begin an order, half bring one to its end.
    {"escrow",
     "escrow_sale",
     kind_escrow,
     {{{order_action::confirm, 60}, {order_action::release, 20}, {order_action::refund, 20, true}}}},
    {"pre_authorisation",
     "pre_authorisation",
     kind_pre_authorisation,
     {{{order_action::capture, 75, true}, {order_action::void_, 25}}}},
    {"refund", "", kind_pay, {{{order_action::refund, 100, true}}}},
    {"query", "", kind_pay, {}, stage::timeline},
    {"balance", "", operation_kind::none, {}, stage::balances},
    // Through the channel that always answers: acknowledged when the channel is about to be asked.
    {"recharge", "recharge"},
    {"withdraw", "withdraw"},
}};
inline constexpr std::size_t kind_count = operation_kinds.size();

constexpr bool by_channel(std::uint8_t kind) { return kind == kind_recharge || kind == kind_withdraw; }
constexpr bool only_asks(const operation_kind& k) { return k.product.empty() && k.asks != stage::create; }

}  // namespace payloom::bench
