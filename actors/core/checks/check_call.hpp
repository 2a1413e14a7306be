#pragma once
// What a payment asks its checks, and what they say. Plain values between the order shards and the checks.
#include <array>
#include <vector>

#include "actors/core/catalog/check_plan.hpp"
#include "protocol/types/check_records.hpp"

namespace payloom::core {

/// One payment's questions; its waiting is durable already. Asking changes nothing, so it may be asked again.
struct check_call {
  u128 payment = 0;
  order_id order;
  u128 amount_minor = 0;
  owner_number merchant = 0, user = 0, counterparty = 0;
  time_ns deadline_at = 0;  ///< who has not answered then is missed
  ledger_id ledger = 0;
  tenant_id tenant = 0;
  std::uint16_t product = 0;
  catalog::check_bits wanted = 0, core = 0;
};

enum class check_verdict : std::uint8_t { pass, refuse };

/// What one check says of a payment.
struct check_answer {
  u128 payment = 0;
  tenant_id tenant = 0;
  check_verdict verdict = check_verdict::pass;
};

/// Facts by tenant, as `server_frames` takes them.
struct check_facts {
  std::vector<check_fact_record> facts;
  std::vector<tenant_id> tenants;
};

/// How long after the deadline an order ends its waiting by itself: only when what the checks said was lost.
inline constexpr time_ns check_grace_ns = 1'000'000'000;

/// The questions of a payment that waits for its checks; `core` as the order's version of the catalogue says.
inline check_call make_check_call(tenant_id tenant, const order_row& order, const payment_row& payment,
                                  catalog::check_bits core) {
  check_call c;
  c.payment = payment.payment;
  c.order = order.id;
  c.amount_minor = payment.amount_minor;
  c.merchant = order.merchant;
  c.user = order.user;
  c.counterparty = order.counterparty;
  c.deadline_at = payment.due_at - check_grace_ns;
  c.ledger = order.ledger;
  c.tenant = tenant;
  c.product = order.product;
  c.wanted = payment.checks_wanted;
  c.core = core;
  return c;
}

}  // namespace payloom::core
