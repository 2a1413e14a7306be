#pragma once
// coupon: what a user has in coupons, on an account of their own.
#include "actors/core/payments/tools/payment_tool.hpp"

namespace payloom::core {

struct coupon_tool {
  static constexpr tool_traits traits{.name = "coupon",
                                      .reserves = true,
                                      .takes_back = true,
                                      .named = true,
                                      .keeps_record = true,
                                      .word = "coupon",
                                      .amount = catalog::amount_kind::coupon};

  static u128 named(const payment_ask& ask) { return ask.coupon_minor; }
  static void fill(catalog::posting_amounts& amounts, u128 part) { amounts.coupon_minor = part; }
  static void keep(payment_row& p, u128 part) { p.coupon_minor = part; }
  static u128 kept(const payment_row& p) { return p.coupon_minor; }
  static void add_paid(payment_row& p, u128 part) { p.coupon_paid_minor += part; }
  static void add_returned(payment_row& p, u128 part) { p.coupon_refunded_minor += part; }
  static void undo_returned(payment_row& p, u128 part) { p.coupon_refunded_minor -= part; }
  static u128 left(const order_row&, const payment_row& p) { return p.coupon_paid_minor - p.coupon_refunded_minor; }
};

}  // namespace payloom::core
