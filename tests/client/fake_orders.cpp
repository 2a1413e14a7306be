#include "tests/client/fake_orders.hpp"

#include <algorithm>
#include <cstring>

#include "actors/core/catalog/chart.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::test {
namespace {

using core::catalog::derived_account;

// Numbers of the shipped catalogue: states of the machine instant_sale, order events, payment machines, roles.
constexpr std::uint8_t created = 0, wait_pay = 1, closed = 5, paid = 9;
constexpr std::uint8_t event_create = 0, event_pay = 1, event_cancel = 9, event_refund = 10;
constexpr std::uint8_t paid_in_full = 13, refunded_in_part = 20, nothing = 255;
constexpr std::uint8_t form_refund = 2, form_transfer = 3, transfer_posted = 2, refund_completed = 9;
constexpr std::uint16_t user_available = 201, merchant_pending = 211, fee_income = 501;
constexpr std::uint16_t rule_sale = 11, rule_refund = 6, no_rule = 0xffff;

u128 fee_of(u128 amount) { return amount / 50; }  // 2 %

result_record refused(result_code code, std::uint64_t sequence) {
  result_record r{};
  r.code = code;
  r.sequence = sequence;
  return r;
}

/// Books a payment of `amount` in an event whose order is otherwise as it was before.
void pay(order_event& e, u128 amount) {
  e.fact = paid_in_full;
  e.amount_minor = amount;
  e.fee_minor = fee_of(amount);
  e.form = form_transfer;
  e.payment_state = transfer_posted;
  e.posting_rule = rule_sale;
  e.legs = 2;
  e.order.state = paid;
  e.order.paid_minor += amount;
  e.order.fee_minor += e.fee_minor;
  e.order.payments += 1;
  e.order.tools |= 1;
}

}  // namespace

std::optional<result_record> fake_orders::repeated(u128 id, std::span<const std::byte> request) const {
  const auto known = commands_.find(id);
  if (known == commands_.end()) return std::nullopt;
  if (!std::ranges::equal(known->second.request, request)) {
    return refused(result_code::exists_with_different_amount, known->second.result.sequence);
  }
  result_record r = known->second.result;
  r.flags = result_flags::replayed;
  return r;
}

order_row* fake_orders::newest(order_id order) {
  const auto found = std::find_if(events_.rbegin(), events_.rend(),
                                  [&](const order_event_row& row) { return row.event.order.id == order; });
  return found == events_.rend() ? nullptr : &found->event.order;
}

void fake_orders::post(const order_event_row& row, std::uint32_t leg, account_id debit, account_id credit,
                       u128 amount) {
  transfer_row posting{};
  u128 cause = 0;
  std::memcpy(&cause, row.event.request, sizeof cause);
  posting.record.id = posting_id_of(row.tenant, cause, leg);
  posting.record.debit_account = debit;
  posting.record.credit_account = credit;
  posting.record.amount_minor = amount;
  posting.record.user_data_128 = row.event.order.id.value;
  posting.record.user_data_64 = row.event.order.merchant;
  posting.record.user_data_32 = leg;
  posting.record.ledger = row.event.order.ledger;
  posting.record.code = static_cast<std::uint16_t>(hi64(debit.value) >> 32);
  posting.sequence = row.sequence + 1 + leg;
  posting.timestamp = row.timestamp + 1 + leg;
  postings_.push_back(posting);
}

result_record fake_orders::append(order_event event, u128 context_id, std::uint64_t& sequence) {
  order_event_row row{};
  row.sequence = ++sequence;
  row.timestamp = 1'700'000'000'000'000'000 + sequence;
  row.context_id = context_id;
  row.event = event;
  events_.push_back(row);
  const order_row& o = event.order;
  const account_id user = derived_account(user_available, o.ledger, o.user);
  const account_id merchant = derived_account(merchant_pending, o.ledger, o.merchant);
  if (event.legs == 2) {
    post(row, 0, user, merchant, event.amount_minor - event.fee_minor);
    post(row, 1, user, derived_account(fee_income, o.ledger, 0), event.fee_minor);
  } else if (event.legs == 1) {
    post(row, 0, merchant, user, event.amount_minor);
  }
  sequence += event.legs;
  result_record r{};
  r.sequence = row.sequence;
  r.timestamp = row.timestamp;
  u128 id = 0;
  std::memcpy(&id, event.request, sizeof id);
  commands_[id] = {o.id, r, {event.request, event.request + sizeof event.request}};
  return r;
}

result_record fake_orders::create(const order_record& order, u128 context_id, std::uint64_t& sequence) {
  if (const auto again = repeated(order.id.value, std::as_bytes(std::span(&order, 1)))) return *again;
  if (!(order.id == order_id_of(order.merchant, order.business_id)))
    return refused(result_code::order_id_wrong, sequence);
  if (order.product != 101) return refused(result_code::product_unknown, sequence);
  order_event e{};
  std::memcpy(e.request, &order, sizeof order);
  order_row& row = e.order;
  row.id = order.id;
  row.business_id = order.business_id;
  row.amount_minor = order.amount_minor;
  row.user_data_128 = order.user_data_128;
  row.user_data_64 = order.user_data_64;
  row.merchant = order.merchant;
  row.user = order.user;
  row.counterparty = order.counterparty;
  row.ledger = order.ledger;
  row.timeout_s = order.timeout_s;
  row.timeout_at = 1'700'001'800'000'000'000;
  row.accounting_date = order.accounting_date == 0 ? 20231114 : order.accounting_date;
  row.rule_version = 1;
  row.product = order.product;
  row.version = 1;
  row.state = wait_pay;
  row.flags = order_row_flags::resident;
  e.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
  e.event = event_create;
  e.fact = nothing;
  e.from_state = created;
  e.form = nothing;
  e.posting_rule = no_rule;
  if ((order.flags & order_flags::pay_now) != 0) {
    e.event = event_pay;
    e.from_state = wait_pay;
    pay(e, order.amount_minor);
  }
  return append(e, context_id, sequence);
}

result_record fake_orders::act(const order_action_record& action, u128 context_id, std::uint64_t& sequence) {
  if (const auto again = repeated(action.id.value, std::as_bytes(std::span(&action, 1)))) return *again;
  const order_row* before = newest(action.order);
  if (before == nullptr) return refused(result_code::order_not_found, sequence);
  if (action.expected_version != 0 && action.expected_version != before->version)
    return refused(result_code::order_version_differs, sequence);
  order_event e{};
  std::memcpy(e.request, &action, sizeof action);
  e.order = *before;
  const auto first = std::ranges::find_if(events_, [&](const auto& row) { return row.event.order.id == action.order; });
  e.order.created_seq = first->sequence;
  e.order.previous_seq = before->created_seq == 0 ? first->sequence : timeline(action.order).back().sequence;
  e.order.version += 1;
  e.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
  e.from_state = before->state;
  e.fact = nothing;
  e.form = nothing;
  e.posting_rule = no_rule;
  if (action.action == order_action::pay && before->state == wait_pay) {
    e.event = event_pay;
    pay(e, before->amount_minor);
  } else if (action.action == order_action::cancel && before->state == wait_pay) {
    e.event = event_cancel;
    e.order.state = closed;
    e.order.flags = order_row_flags::final_state;
    e.order.timeout_at = 0;
  } else if (action.action == order_action::refund && before->state == paid) {
    const u128 left = before->paid_minor - before->refunded_minor;
    if (action.amount_minor > left) return refused(result_code::exceeds_paid, sequence);
    e.event = event_refund;
    e.fact = refunded_in_part;
    e.amount_minor = action.amount_minor == 0 ? left : action.amount_minor;
    e.form = form_refund;
    e.payment_state = refund_completed;
    e.posting_rule = rule_refund;
    e.legs = 1;
    e.order.refunded_minor += e.amount_minor;
    e.order.refunds += 1;
  } else {
    return refused(result_code::order_state_refuses, sequence);
  }
  return append(e, context_id, sequence);
}

std::optional<order_id> fake_orders::order_behind(u128 id) const {
  if (const auto known = commands_.find(id); known != commands_.end()) return known->second.order;
  for (const transfer_row& row : postings_) {
    if (row.record.id.value == id) return order_id{row.record.user_data_128};
  }
  return std::nullopt;
}

std::vector<order_event_row> fake_orders::timeline(order_id order) const {
  std::vector<order_event_row> rows;
  for (const order_event_row& row : events_) {
    if (row.event.order.id == order) rows.push_back(row);
  }
  return rows;
}

std::vector<transfer_row> fake_orders::postings(order_id order, u128 id) const {
  std::vector<transfer_row> rows;
  for (const transfer_row& row : postings_) {
    const bool of_command = row.record.id == posting_id_of(0, id, row.record.user_data_32);
    if (row.record.user_data_128 == order.value && (id == order.value || of_command)) rows.push_back(row);
  }
  return rows;
}

void fake_orders::relate(order_id order, std::vector<relation_row>& out) const {
  u128 paid = 0, refunded = 0;
  for (const order_event_row& row : timeline(order)) {
    const order_row& o = row.event.order;
    const auto add = [&](relation_kind kind, u128 from, node_kind from_kind, u128 to, node_kind to_kind, u128 amount) {
      relation_row r{};
      r.from = from;
      r.to = to;
      r.amount_minor = amount;
      r.sequence = row.sequence;
      r.timestamp = row.timestamp;
      r.merchant = o.merchant;
      r.order = order;
      r.ledger = o.ledger;
      r.kind = kind;
      r.from_kind = from_kind;
      r.to_kind = to_kind;
      r.state = 1;
      out.push_back(r);
    };
    u128 command = 0;
    std::memcpy(&command, row.event.request, sizeof command);
    node_kind what = node_kind::order;
    if (o.paid_minor != paid) {
      what = node_kind::payment;
      add(relation_kind::pays, command, what, order.value, node_kind::order, o.paid_minor - paid);
      if (const auto part = combined.find(command); part != combined.end())
        add(relation_kind::combines, part->second, node_kind::combined, command, what, o.paid_minor - paid);
    } else if (o.refunded_minor != refunded) {
      what = node_kind::refund;
      add(relation_kind::refunds, command, what, order.value, node_kind::order, o.refunded_minor - refunded);
    }
    for (const transfer_row& posting : postings_) {
      if (posting.sequence <= row.sequence || posting.sequence > row.sequence + row.event.legs) continue;
      add(relation_kind::posts, what == node_kind::order ? order.value : command, what, posting.record.id.value,
          node_kind::posting, posting.record.amount_minor);
      out.back().sequence = posting.sequence;
    }
    paid = o.paid_minor;
    refunded = o.refunded_minor;
  }
}

std::vector<relation_row> fake_orders::graph(u128 id) const {
  std::vector<order_id> orders;
  if (const auto order = order_behind(id)) orders.push_back(*order);
  for (const auto& [payment, whole] : combined) {
    const order_id of = *order_behind(payment);
    bool together = whole == id;
    for (const auto& [other, same] : combined)
      together |= same == whole && !orders.empty() && *order_behind(other) == orders.front();
    if (together && std::ranges::find(orders, of) == orders.end()) orders.push_back(of);
  }
  std::vector<relation_row> out;
  for (const order_id order : orders) relate(order, out);
  return out;
}

std::vector<order_event_row> fake_orders::events(const order_event_query& query, bool& more) const {
  std::vector<order_event_row> rows;
  for (const order_event_row& row : events_) {
    const order_row& o = row.event.order;
    if (row.sequence <= query.after || (query.merchant != 0 && o.merchant != query.merchant) ||
        (query.context_id != 0 && row.context_id != query.context_id) ||
        (query.order.value != 0 && !(o.id == query.order))) {
      continue;
    }
    more = rows.size() == query.limit;
    if (more) break;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace payloom::test
