#include "actors/core/channels/channel_call.hpp"

#include "protocol/types/assert.hpp"

namespace payloom::core {

channel_call make_call(tenant_id tenant, const order_row& order, const payment_row& payment) {
  PAYLOOM_ASSERT(payment.call != channel_operation::none);
  channel_call c;
  c.operation = payment.call;
  c.attempt_operation = payment.purpose == payment_purpose::pay      ? channel_operation::pay
                        : payment.purpose == payment_purpose::payout ? channel_operation::payout
                                                                     : channel_operation::refund;
  c.channel = payment.channel;
  c.attempt_id = attempt_id_of(tenant, payment.payment, payment.attempt);
  c.payment = payment.payment;
  c.source = payment.source;
  c.order = order.id;
  c.amount_minor = payment.amount_minor - payment.balance_minor - payment.coupon_minor;
  c.ledger = order.ledger;
  c.tenant = tenant;
  c.attempt = payment.attempt;
  c.asked = payment.tries;
  return c;
}

channel_fact_record fact_of(const channel_answer& a) {
  channel_fact_record f{};
  f.id.value = fact_id_of(a.call.attempt_id, a.outcome, a.reference, a.call.asked);
  f.order = a.call.order;
  f.amount_minor = a.amount_minor;
  f.payment = a.call.payment;
  f.channel = a.call.channel;
  f.attempt = a.call.attempt;
  f.action = order_action::channel_fact;
  f.outcome = a.outcome;
  f.channel_code = a.code;
  f.ledger = a.call.ledger;
  f.channel_reference = a.reference;
  return f;
}

}  // namespace payloom::core
