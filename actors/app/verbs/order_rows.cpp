#include "actors/app/verbs/order_rows.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "actors/app/verbs/check_text.hpp"
#include "actors/app/verbs/payment_steps.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "protocol/client/order_requests.hpp"
#include "protocol/types/frame.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

bool is_creation(const order_event& e) {
  return e.request_type == static_cast<std::uint16_t>(frame_type::create_orders);
}

u128 command_id(const order_event& e) {
  u128 id = 0;
  std::memcpy(&id, e.request, sizeof id);
  return id;
}

std::string date_text(std::uint32_t date) {
  return fmt::format("{:04}-{:02}-{:02}", date / 10'000, date / 100 % 100, date % 100);
}

std::string times(std::uint32_t count, std::string_view what) {
  return fmt::format("in {} {}{}", count, what, count == 1 ? "" : "s");
}

void line(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out += fmt::format("{:<16}  {}\n", name, value);
}

std::string change_of_state(const payment_names& names, const order_event& e) {
  const std::string to = names.state(e.order.machine, e.order.state);
  if (is_creation(e)) return to;
  const std::string from = names.state(e.order.machine, e.from_state);
  return from == to ? to + " stays" : from + " -> " + to;
}

/// Who asked, under which ids.
std::string command_text(const order_event_row& row) {
  const order_event& e = row.event;
  std::string text = is_creation(e) ? "order " : "command ";
  text += to_hex(command_id(e));
  if (!is_creation(e)) {
    const order_action_record asked = client::action_of(e);
    if (asked.action == order_action::channel_fact || asked.action == order_action::check_fact) return text;
    if (asked.reason != 0) text += fmt::format(", reason {}", asked.reason);
    if (asked.expected_version != 0) text += fmt::format(", for version {}", asked.expected_version);
  }
  if (row.context_id != 0) text += ", context " + to_hex(row.context_id);
  if (row.root_id != 0) text += fmt::format(", root {}, hop {}", to_hex(row.root_id), row.hop);
  return text;
}

/// How the payment outside stands, "" when there is none.
std::string outside_text(const payment_names& names, const order_event_row& row) {
  if ((row.event.flags & order_event_flags::payment) == 0) return {};
  const payment_row& p = row.payment;
  const auto money = [&](u128 minor) { return money_text(row.event.order.ledger, minor); };
  std::string text = fmt::format("payment {}: {} {} of {}", to_hex(p.payment), names.form(p.form),
                                 names.payment_state(p.form, p.state), money(p.amount_minor));
  const u128 external = p.amount_minor - p.balance_minor - p.coupon_minor;
  if (p.balance_minor != 0) text += fmt::format(", balance {}", money(p.balance_minor));
  if (p.coupon_minor != 0) text += fmt::format(", coupons {}", money(p.coupon_minor));
  if (p.channel != 0) text += fmt::format(", {} {}, attempt {}", names.channel(p.channel), money(external), p.attempt);
  if (p.outcome != channel_outcome::none) text += fmt::format(", {}", outcome_name(p.outcome));
  if (p.call != channel_operation::none) text += fmt::format("; asks for {}", operation_name(p.call));
  if (p.suspense_minor != 0) text += fmt::format("; {} in suspense", money(p.suspense_minor));
  if (p.reason != case_reason::none) text += fmt::format("; case open: {}", reason_name(p.reason));
  if (p.due_at != 0 && !is_checked_state(names, p)) text += "; asked again at " + format_time(p.due_at);
  return text;
}

/// The rules that decided, by kind.
std::array<std::pair<const char*, const order_rule*>, order_rule_kinds> rules_of(const order_event& e) {
  return {{{"limit", &e.limit_rule},
           {"risk", &e.risk_rule},
           {"tool_selection", &e.tool_rule},
           {"fee", &e.fee_rule},
           {"split", &e.split_rule}}};
}

/// What moved, "" when nothing did.
std::string payment_text(const payment_names& names, const order_event& e) {
  if (e.amount_minor == 0) return {};
  std::string text = names.form(e.form) + " of " + money_text(e.order.ledger, e.amount_minor);
  if (e.fee_minor != 0) text += ", fee " + money_text(e.order.ledger, e.fee_minor);
  if (e.form != 0xff) text += ", " + names.payment_state(e.form, e.payment_state);
  if (const std::string rule = names.rule(e.posting_rule); !rule.empty())
    text += fmt::format(", by rule {} of version {}", rule, e.order.rule_version);
  for (const auto& [kind, rule] : rules_of(e))
    if (rule->id != 0) text += fmt::format(", {} rule {} (version {})", kind, rule->id, rule->version);
  return text + ", accounting date " + date_text(e.order.accounting_date);
}

}  // namespace

std::string money_text(ledger_id ledger, u128 amount_minor) {
  if (!ledgers().contains(ledger)) return fmt::format("{} of ledger {}", to_decimal(amount_minor), ledger);
  return ledgers().format(ledger, amount_minor) + " " + ledgers().name(ledger);
}

json order_json(const payment_names& names, const order_row& order) {
  const wire::record_info* info = nullptr;
  for (const wire::record_info* one : wire::all_records())
    if (one->name == "order_row") info = one;
  json out = record_json(*info, std::as_bytes(std::span{&order, 1}));
  const auto amount = [&](u128 minor) { return ledgers().format(order.ledger, minor); };
  out["product_name"] = names.product(order.product);
  out["state_name"] = names.state(order.machine, order.state);
  out["tool_names"] = names.tools(order.tools);
  out["currency"] = ledgers().name(order.ledger);
  out["amount"] = amount(order.amount_minor);
  out["paid"] = amount(order.paid_minor);
  out["refunded"] = amount(order.refunded_minor);
  out["held"] = amount(order.held_minor);
  out["fee"] = amount(order.fee_minor);
  return out;
}

json payment_json(const payment_names& names, const order_event_row& row) {
  const payment_row& p = row.payment;
  const wire::record_info* info = nullptr;
  for (const wire::record_info* one : wire::all_records())
    if (one->name == "payment_row") info = one;
  json out = record_json(*info, std::as_bytes(std::span{&p, 1}));
  out["channel_name"] = p.channel == 0 ? json(nullptr) : json(names.channel(p.channel));
  out["form_name"] = names.form(p.form);
  out["state_name"] = names.payment_state(p.form, p.state);
  out["outcome_name"] = std::string(outcome_name(p.outcome));
  out["call_name"] = std::string(operation_name(p.call));
  out["case"] = p.reason == case_reason::none ? json(nullptr) : json(std::string(reason_name(p.reason)));
  out["checks"] = checks_json(names, row);
  out["steps"] = payment_steps_json(names, row.event.order, p);
  return out;
}

json event_json(const payment_names& names, const order_event_row& row) {
  const order_event& e = row.event;
  json out{{"sequence", row.sequence},
           {"timestamp", format_time(row.timestamp)},
           {"tenant", row.tenant},
           {"context_id", to_hex(row.context_id)},
           {"root_id", to_hex(e.order.root_id)},
           {"hop", row.hop},
           {"command", to_hex(command_id(e))},
           {"order_id", to_hex(e.order.id.value)},
           {"version", e.order.version},
           {"event", names.event(e.event)},
           {"fact", e.fact == 0xff ? json(nullptr) : json(names.event(e.fact))},
           {"from_state", is_creation(e) ? json(nullptr) : json(names.state(e.order.machine, e.from_state))},
           {"state", names.state(e.order.machine, e.order.state)},
           {"created", is_creation(e)}};
  if (!is_creation(e)) {
    const order_action_record asked = client::action_of(e);
    out["action"] = std::string(wire::action_name(static_cast<std::uint64_t>(asked.action)));
    out["reason"] = asked.reason;
    out["expected_version"] = asked.expected_version;
  }
  if ((e.flags & order_event_flags::payment) != 0) out["payment"] = payment_json(names, row);
  out["currency"] = ledgers().name(e.order.ledger);
  out["amount_minor"] = to_decimal(e.amount_minor);
  out["amount"] = ledgers().format(e.order.ledger, e.amount_minor);
  out["fee_minor"] = to_decimal(e.fee_minor);
  out["fee"] = ledgers().format(e.order.ledger, e.fee_minor);
  out["form"] = e.form == 0xff ? json(nullptr) : json(names.form(e.form));
  out["payment_state"] = e.form == 0xff ? json(nullptr) : json(names.payment_state(e.form, e.payment_state));
  out["posting_rule"] = e.posting_rule == 0xffff ? json(nullptr) : json(names.rule(e.posting_rule));
  out["rule_version"] = e.order.rule_version;
  json rules = json::object();
  for (const auto& [kind, rule] : rules_of(e))
    if (rule->id != 0) rules[kind] = {{"id", rule->id}, {"version", rule->version}};
  out["rules"] = std::move(rules);
  out["legs"] = e.legs;
  out["order"] = order_json(names, e.order);
  return out;
}

json posting_json(const payment_names& names, const transfer_row& row) {
  json out = transfer_json(row);
  out["debit"] = names.account(row.record.debit_account);
  out["credit"] = names.account(row.record.credit_account);
  return out;
}

std::string event_line(const payment_names& names, const order_event_row& row) {
  const order_event& e = row.event;
  std::string text =
      fmt::format("{}  commit {}  order {} (merchant {}, {})  version {}  {}: {}", format_time(row.timestamp),
                  row.sequence, to_hex(e.order.id.value), e.order.merchant, to_hex(e.order.business_id),
                  e.order.version, names.happened(e), change_of_state(names, e));
  if (e.amount_minor != 0) text += "  " + money_text(e.order.ledger, e.amount_minor);
  return text;
}

std::string order_text(const payment_names& names, const order_row& o) {
  const auto money = [&](u128 minor) { return minor == 0 ? std::string() : money_text(o.ledger, minor); };
  const auto party = [](owner_number who) { return who == 0 ? std::string() : std::to_string(who); };
  std::string out;
  line(out, "order", to_hex(o.id.value));
  line(out, "business id", fmt::format("{} ({})", to_hex(o.business_id), to_decimal(o.business_id)));
  line(out, "product", fmt::format("{} ({})", names.product(o.product), o.product));
  line(out, "merchant", party(o.merchant));
  line(out, "user", party(o.user));
  line(out, "counterparty", party(o.counterparty));
  std::string state = names.state(o.machine, o.state);
  if ((o.flags & order_row_flags::final_state) != 0) state += ", final";
  if (o.timeout_at != 0) state += ", until " + format_time(o.timeout_at);
  line(out, "state", state);
  line(out, "amount", money_text(o.ledger, o.amount_minor));
  if (o.paid_minor != 0)
    line(out, "paid",
         fmt::format("{} {} by {}", money(o.paid_minor), times(o.payments, "payment"), names.tools(o.tools)));
  line(out, "held", money(o.held_minor));
  line(out, "fee", money(o.fee_minor));
  if (o.refunded_minor != 0)
    line(out, "refunded", fmt::format("{} {}", money(o.refunded_minor), times(o.refunds, "refund")));
  line(out, "refunding", money(o.refunding_minor));
  line(out, "fee returned", money(o.fee_returned_minor));
  line(out, "accounting date", date_text(o.accounting_date));
  line(out, "version", std::to_string(o.version));
  const std::uint32_t known = names.catalog().version();
  line(out, "rule version",
       known == o.rule_version ? std::to_string(known)
                               : fmt::format("{} (names below are those of version {})", o.rule_version, known));
  return out;
}

std::string timeline_text(const payment_names& names, std::span<const order_event_row> events,
                          std::span<const transfer_row> postings) {
  std::string out;
  for (const order_event_row& row : events) {
    const order_event& e = row.event;
    out += fmt::format("{}  commit {}  version {}  {}: {}\n", format_time(row.timestamp), row.sequence, e.order.version,
                       names.happened(e), change_of_state(names, e));
    out += "    " + command_text(row) + "\n";
    if (const std::string paid = payment_text(names, e); !paid.empty()) out += "    " + paid + "\n";
    if (const std::string outside = outside_text(names, row); !outside.empty()) out += "    " + outside + "\n";
    if (const std::string checks = checks_text(names, row); !checks.empty()) out += "    " + checks + "\n";
    if ((e.flags & order_event_flags::payment) != 0 && e.form != 0xff) {
      if (const std::string steps = payment_steps_text(names, e.order, row.payment); !steps.empty())
        out += "    " + steps + "\n";
    }
    for (const transfer_row& posting : postings) {
      if (posting.sequence <= row.sequence || posting.sequence > row.sequence + e.legs) continue;
      out += fmt::format("    commit {}  {} from {} to {}\n", posting.sequence,
                         money_text(posting.record.ledger, posting.record.amount_minor),
                         names.account(posting.record.debit_account), names.account(posting.record.credit_account));
    }
  }
  return out;
}

std::string postings_text(const payment_names& names, std::span<const transfer_row> postings) {
  table out({"sequence", "time", "debit", "credit", "amount", "currency", "leg", "id"});
  for (const transfer_row& p : postings) {
    const transfer_record& t = p.record;
    out.add({std::to_string(p.sequence), format_time(p.timestamp), names.account(t.debit_account),
             names.account(t.credit_account), ledgers().format(t.ledger, t.amount_minor), ledgers().name(t.ledger),
             std::to_string(t.user_data_32), to_hex(t.id.value)});
  }
  return out.text();
}

}  // namespace payloom::verbs
