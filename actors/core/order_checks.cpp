// Payments that wait for checks, at the order shards: asking them, also after a restart, and what the accounts refuse
// when a payment goes on (RULES.md, "Checks").
#include <cstring>

#include "actors/core/order_book.hpp"

namespace payloom::core {

using enum result_code;

namespace {

/// What accounts say of a posting.
constexpr bool is_accounts_refusal(result_code code) {
  return code >= debit_account_not_found && code <= nothing_available;
}

}  // namespace

/// The version that a payment is judged by while it waits for checks; nullptr: it does not wait for any.
const catalog::payment_catalog* order_book::terms_of_checks(const order_row& order, const payment_row& p) const {
  const auto* terms = options_.payments ? options_.payments->find(order.rule_version) : nullptr;
  const bool waits = terms != nullptr && terms->checked().form == p.form && p.state == terms->checked().checking;
  return waits ? terms : nullptr;
}

/// What a payment's newest event asks, now that it is durable.
void order_book::ask_outside(const order_entity& e, const payment_row& p, order_effects& out) const {
  if (p.call != channel_operation::check) {
    out.calls.push_back(make_call(e.tenant, e.row, p));
  } else if (const catalog::payment_catalog* terms = terms_of_checks(e.row, p)) {
    out.checks.push_back(make_check_call(e.tenant, e.row, p, terms->parts().checks.core()));
  }
}

/// The accounts refused a payment whose checks had passed. Nobody waits for this answer: the payment ends with it.
void order_book::check_join_refused(const plain_slip& s, order_effects& out) {
  const command_frame& f = *s.frame;
  if (f.type() != frame_type::act_on_orders || f.order_action(s.index()).action != order_action::check_fact) return;
  check_fact_record told;
  static_assert(sizeof told == sizeof(order_action_record));
  std::memcpy(static_cast<void*>(&told), &f.order_action(s.index()), sizeof told);
  if (!is_accounts_refusal(s.code) || told.code != ok) return;  // else the order's timer ends it
  told.code = s.code;
  told.id = check_fact_id_of(f.header.tenant, told.payment, lo64(told.id.value));
  order_action_record& ending = out.timers.emplace_back();
  std::memcpy(static_cast<void*>(&ending), &told, sizeof told);
  out.timer_tenants.push_back(f.header.tenant);
}

}  // namespace payloom::core
