#pragma once
// channel: what a channel outside brings or takes. The calls and their answers are actors/core/channels.
#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/payments/tools/payment_tool.hpp"

namespace payloom::core {

struct channel_tool {
  static constexpr tool_traits traits{
      .name = "channel", .executes = true, .word = "external", .amount = catalog::amount_kind::external};

  static u128 named(const payment_ask&) { return 0; }
  // For posting rules and records it is what the other tools leave of the amount.
  static void fill(catalog::posting_amounts&, u128) {}
  static void keep(payment_row&, u128) {}
  static u128 kept(const payment_row& p) { return p.amount_minor - p.balance_minor - p.coupon_minor; }
  static void add_paid(payment_row& p, u128 part) { p.external_paid_minor += part; }
  static void add_returned(payment_row& p, u128 part) { p.external_refunded_minor += part; }
  static void undo_returned(payment_row& p, u128 part) { p.external_refunded_minor -= part; }
  static u128 left(const order_row&, const payment_row& p) { return p.external_paid_minor - p.external_refunded_minor; }

  static constexpr channel_operation operation_of(payment_purpose purpose) {
    switch (purpose) {
      case payment_purpose::pay:
        return channel_operation::pay;
      case payment_purpose::payout:
        return channel_operation::payout;
      case payment_purpose::refund:
      case payment_purpose::return_late:
        return channel_operation::refund;
    }
    return channel_operation::none;
  }

  /// Who moves its part: the channel that was asked for, or (0) the first that can; nullptr: none can (`no_channel`).
  static const catalog::channel_plan* choose(const catalog::channel_plans& all, owner_number asked,
                                             payment_purpose purpose, ledger_id ledger, u128 part) {
    return all.choose(asked, operation_of(purpose), ledger, part);
  }
};

}  // namespace payloom::core
