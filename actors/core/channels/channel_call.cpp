#include "actors/core/channels/channel_call.hpp"

#include "actors/core/catalog/portion.hpp"
#include "actors/core/mutation.hpp"
#include "actors/core/payments/payment_sources.hpp"
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
  c.attempt_id = channel_number_of(tenant, payment);
  c.payment = payment.payment;
  c.source = payment.source;
  c.source_number = source_number_of(payment);
  c.order = order.id;
  c.amount_minor = payment.amount_minor - payment.balance_minor - payment.coupon_minor;
  c.ledger = order.ledger;
  c.tenant = tenant;
  c.attempt = payment.attempt;
  c.asked = payment.tries;
  if (payment.combined != 0) {
    c.total_minor = payment.combined_minor;
    c.before_minor = payment.combined_before_minor;
    c.combined_count = payment.combined_count;
    c.combined_member = payment.combined_member;
  }
  return c;
}

namespace {

/// What falls to an order of what moved for all.
u128 share_of(const channel_call& m, u128 moved) {
  PAYLOOM_ASSERT(m.before_minor + m.amount_minor <= m.total_minor);
  if (PAYLOOM_MUTATED(33)) return moved;  // 33: each order is told of all that moved
  if (PAYLOOM_MUTATED(34)) return catalog::portion(moved, m.amount_minor, m.total_minor);  // 34: each rounds by itself
  return catalog::portion(moved, m.before_minor + m.amount_minor, m.total_minor) -
         catalog::portion(moved, m.before_minor, m.total_minor);
}

}  // namespace

channel_fact_record fact_of(const channel_answer& a, const channel_call& m) {
  const bool combined = m.combined_count > 1;
  channel_fact_record f{};
  // Money that moved is one fact, whichever question it answers: told again after the next payment began it would
  // look like money that nobody waits for.
  const bool moved = (a.outcome == channel_outcome::success || a.outcome == channel_outcome::returned) &&
                     !PAYLOOM_MUTATED(32);  // 32: an answer to another question is another fact
  const auto told = static_cast<std::uint32_t>(moved ? mix_id(0x6d6f7665, a.amount_minor) : a.call.asked);
  f.id.value = fact_id_of(attempt_id_of(m.tenant, m.payment, m.attempt), a.outcome, a.reference, told);
  f.order = m.order;
  f.amount_minor = combined ? share_of(m, a.amount_minor) : a.amount_minor;
  const u128 all_minor = combined ? m.total_minor : m.amount_minor;
  f.differs = a.amount_minor != 0 && a.amount_minor != all_minor && !PAYLOOM_MUTATED(35) ? 1 : 0;
  f.payment = m.payment;
  f.channel = m.channel;
  f.operation = m.attempt_operation;
  f.source = m.source_number;
  f.number = m.attempt_id;
  f.attempt = m.attempt;
  f.action = order_action::channel_fact;
  f.outcome = a.outcome;
  f.channel_code = a.code;
  f.ledger = m.ledger;
  f.channel_reference = a.reference;
  return f;
}

}  // namespace payloom::core
