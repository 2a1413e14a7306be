#pragma once
// balance: what a user has on the platform.
#include "actors/core/payments/tools/payment_tool.hpp"

namespace payloom::core {

struct balance_tool {
  static constexpr tool_traits traits{.name = "balance",
                                      .reserves = true,
                                      .takes_back = true,
                                      .named = true,
                                      .word = "balance",
                                      .amount = catalog::amount_kind::balance};

  static u128 named(const payment_ask& ask) { return ask.balance_minor; }
  static void fill(catalog::posting_amounts& amounts, u128 part) { amounts.balance_minor = part; }
  static void keep(payment_row& p, u128 part) { p.balance_minor = part; }
  static u128 kept(const payment_row& p) { return p.balance_minor; }
  // Of an order's sums it is what the other tools leave.
  static void add_paid(payment_row&, u128) {}
  static void add_returned(payment_row&, u128) {}
  static void undo_returned(payment_row&, u128) {}
  static u128 left(const order_row& o, const payment_row& p) {
    const u128 others =
        p.external_paid_minor - p.external_refunded_minor + p.coupon_paid_minor - p.coupon_refunded_minor;
    return o.paid_minor - o.refunded_minor - o.refunding_minor - others;
  }
};

}  // namespace payloom::core
