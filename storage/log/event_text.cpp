#include "storage/log/event_text.hpp"

#include <cstring>

#include "protocol/types/frame.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::storage {

namespace {

void add(std::string& text, const char* key, const std::string& value) {
  text.append(" ").append(key).append("=").append(value);
}
void add_number(std::string& text, const char* key, std::uint64_t value) { add(text, key, std::to_string(value)); }
void add_id(std::string& text, const char* key, u128 value) { add(text, key, to_hex(value)); }
/// Fields that are mostly zero are left out when they are.
void add_if_set(std::string& text, const char* key, u128 value) {
  if (value != 0) add(text, key, to_hex(value));
}

void add_amount_if_set(std::string& text, const char* key, u128 value) {
  if (value != 0) add(text, key, to_decimal(value));
}

void add_transfer(std::string& text, const transfer_record& t) {
  add_id(text, "id", t.id.value);
  add_id(text, "debit", t.debit_account.value);
  add_id(text, "credit", t.credit_account.value);
  add(text, "amount", to_decimal(t.amount_minor));
  add_number(text, "ledger", t.ledger);
  add_number(text, "code", t.code);
  add_number(text, "flags", t.flags);
  add_if_set(text, "target", t.target_id.value);
  add_if_set(text, "user_data_128", t.user_data_128);
  add_if_set(text, "user_data_64", t.user_data_64);
  add_if_set(text, "user_data_32", t.user_data_32);
  if (t.timeout_s != 0) add_number(text, "timeout_s", t.timeout_s);
  if (t.effective_at != 0) add_number(text, "effective_at", t.effective_at);
}

void add_change(std::string& text, const account_change_record& c) {
  add_id(text, "id", c.id.value);
  add_id(text, "account", c.account.value);
  add_number(text, "change", static_cast<std::uint16_t>(c.kind));
  add_number(text, "flags", c.flags);
  add(text, "limit", to_decimal(c.overdraft_limit_minor));
}

void add_order(std::string& text, const order_record& o) {
  add_id(text, "id", o.id.value);
  add_id(text, "business_id", o.business_id);
  add_number(text, "merchant", o.merchant);
  add_number(text, "user", o.user);
  add(text, "amount", to_decimal(o.amount_minor));
  add_number(text, "ledger", o.ledger);
  add_number(text, "product", o.product);
  add_number(text, "flags", o.flags);
}

void add_action(std::string& text, const order_action_record& a) {
  add_id(text, "id", a.id.value);
  add_id(text, "order", a.order.value);
  add_number(text, "action", static_cast<std::uint16_t>(a.action));
  add(text, "amount", to_decimal(a.amount_minor));
}

void add_event(std::string& text, const transfer_event& event) { add_transfer(text, event); }

void add_event(std::string& text, const resolution_event& event) {
  add_transfer(text, event.record);
  add(text, "target_amount", to_decimal(event.target_amount_minor));
  add_number(text, "target_sequence", event.target_sequence);
}

void add_event(std::string& text, const refusal_event& event) {
  add(text, "code", std::string(name_of(event.code)));
  add_number(text, "as_of", event.as_of);
  const auto add_request = [&](auto request, const auto& add_fields) {
    std::memcpy(&request, event.request, sizeof request);
    add_fields(text, request);
  };
  switch (static_cast<frame_type>(event.request_type)) {
    case frame_type::change_accounts:
      return add_request(account_change_record{}, add_change);
    case frame_type::create_orders:
      return add_request(order_record{}, add_order);
    case frame_type::act_on_orders:
      return add_request(order_action_record{}, add_action);
    default:
      return add_request(transfer_record{}, add_transfer);
  }
}

void add_event(std::string& text, const order_event& event) {
  const order_row& order = event.order;
  u128 command = 0;
  std::memcpy(&command, event.request, sizeof command);
  add_id(text, "id", command);
  if (order.created_seq == 0) {
    add(text, "business_id", to_hex(order.business_id));
  } else {
    order_action_record action;
    std::memcpy(&action, event.request, sizeof action);
    add_id(text, "order", order.id.value);
    add_number(text, "action", static_cast<std::uint16_t>(action.action));
    add_number(text, "created", order.created_seq);
    add_number(text, "previous", order.previous_seq);
  }
  add_number(text, "version", order.version);
  add_number(text, "merchant", order.merchant);
  if (order.user != 0) add_number(text, "user", order.user);
  if (order.counterparty != 0) add_number(text, "counterparty", order.counterparty);
  add_number(text, "product", order.product);
  add_number(text, "ledger", order.ledger);
  add(text, "amount", to_decimal(order.amount_minor));
  add(text, "paid", to_decimal(order.paid_minor));
  add_amount_if_set(text, "refunded", order.refunded_minor);
  add_amount_if_set(text, "refunding", order.refunding_minor);
  add_amount_if_set(text, "held", order.held_minor);
  add_amount_if_set(text, "fee", order.fee_minor);
  add_number(text, "machine", order.machine);
  add_number(text, "from_state", event.from_state);
  add_number(text, "state", order.state);
  add_number(text, "flags", order.flags);
  if (order.timeout_at != 0) add_number(text, "timeout_at", order.timeout_at);
  add_number(text, "event", event.event);
  if (event.fact != 0xff) add_number(text, "fact", event.fact);
  if (event.form != 0xff) {
    add_number(text, "form", event.form);
    add_number(text, "payment_state", event.payment_state);
  }
  if (event.posting_rule != 0xffff) add_number(text, "rule", event.posting_rule);
  add_amount_if_set(text, "moved", event.amount_minor);
  add_amount_if_set(text, "moved_fee", event.fee_minor);
  add_number(text, "legs", event.legs);
}

void add_event(std::string& text, const payment_row& payment) {
  add_id(text, "id", payment.id);
  add_id(text, "order", payment.order.value);
  add_id(text, "payment", payment.payment);
  add_number(text, "purpose", static_cast<unsigned>(payment.purpose));
  add_number(text, "channel", payment.channel);
  add_number(text, "attempt", payment.attempt);
  add_number(text, "form", payment.form);
  add_number(text, "state", payment.state);
  add_number(text, "outcome", static_cast<unsigned>(payment.outcome));
  add(text, "amount", to_decimal(payment.amount_minor));
  add_amount_if_set(text, "fee", payment.fee_minor);
  add_amount_if_set(text, "balance", payment.balance_minor);
  add_amount_if_set(text, "coupon", payment.coupon_minor);
  add_amount_if_set(text, "external_paid", payment.external_paid_minor);
  add_amount_if_set(text, "external_refunded", payment.external_refunded_minor);
  add_amount_if_set(text, "suspense", payment.suspense_minor);
  for (const payment_source& s : payment.sources) {
    if (s.attempt_id == 0) continue;
    add_id(text, "source", s.attempt_id);
    add_number(text, "source_channel", s.channel);
    add_number(text, "source_kind", static_cast<unsigned>(s.kind));
    add_amount_if_set(text, "source_paid", s.paid_minor);
    add_amount_if_set(text, "source_refunded", s.refunded_minor);
  }
  if (payment.call != channel_operation::none) add_number(text, "call", static_cast<unsigned>(payment.call));
  if (payment.checks_wanted != 0) {
    add_number(text, "checks_wanted", payment.checks_wanted);
    add_number(text, "checks_passed", payment.checks_passed);
    add_number(text, "checks_refused", payment.checks_refused);
    add_number(text, "checks_missed", payment.checks_missed);
  }
  if (payment.reason != case_reason::none) add_number(text, "case", static_cast<unsigned>(payment.reason));
  if (payment.due_at != 0) add_number(text, "due_at", payment.due_at);
}

void add_event(std::string& text, const account_record& account) {
  add_id(text, "id", account.id.value);
  add_number(text, "ledger", account.ledger);
  add_number(text, "code", account.code);
  add_number(text, "flags", account.flags);
  add(text, "limit", to_decimal(account.overdraft_limit_minor));
  add_if_set(text, "user_data_128", account.user_data_128);
  add_if_set(text, "user_data_64", account.user_data_64);
  add_if_set(text, "user_data_32", account.user_data_32);
}

void add_event(std::string& text, const change_event& event) {
  add_change(text, event.record);
  add_number(text, "flags_after", event.flags_after);
  add(text, "limit_after", to_decimal(event.overdraft_limit_after));
}

void add_event(std::string& text, const seal_event& event) { add_id(text, "id", event.id.value); }

const char* name_of(run_kind kind) {
  switch (kind) {
    case run_kind::transfers:
      return "transfer";
    case run_kind::resolutions:
      return "resolution";
    case run_kind::chain:
      return "chain";
    case run_kind::refusals:
      return "refusal";
    case run_kind::accounts:
      return "account";
    case run_kind::changes:
      return "change";
    case run_kind::seals:
      return "seal";
    case run_kind::orders:
      return "order";
    case run_kind::payments:
      return "payment";
  }
  return "unknown";
}

}  // namespace

std::string event_text(const run_view& run, std::uint32_t index) {
  std::string text = std::to_string(run.first_sequence + index);
  text.append(" ").append(std::to_string(run.first_time + index)).append(" ").append(name_of(run.kind));
  if (run.context->tenant != 0) add_number(text, "tenant", run.context->tenant);
  run_view one = run;  // the one event as a run of its own
  one.count = 1;
  one.body = run.body.subspan(std::size_t{event_bytes(run.kind)} * index, event_bytes(run.kind));
  for_each_event(one, [&](const run_view&, std::uint32_t, const auto& event) { add_event(text, event); });
  return text;
}

}  // namespace payloom::storage
