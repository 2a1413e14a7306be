// The orders of a random history: units of an event and its postings.
#include <algorithm>
#include <cstring>

#include "protocol/types/assert.hpp"
#include "protocol/types/frame.hpp"
#include "tests/follower/random_history.hpp"

namespace payloom::testing {

using storage::run_kind;

order_event random_history::new_order(tenant_id tenant) {
  order_event event{};
  order_row& order = event.order;
  order_record request{};
  request.merchant = order.merchant = 1 + pick(5);
  request.business_id = order.business_id = fresh_id();
  request.id = order.id = order_id_of(order.merchant, order.business_id);
  request.amount_minor = order.amount_minor = 1 + pick(1000);
  request.user = order.user = tenant + pick(3);
  request.ledger = order.ledger = 840 + static_cast<ledger_id>(pick(2));
  order.version = 1;
  event.request_type = static_cast<std::uint16_t>(frame_type::create_orders);
  event.from_state = 0;
  std::memcpy(event.request, &request, sizeof(request));
  if (chance(40)) event.amount_minor = order.paid_minor = order.amount_minor;
  return event;
}

bool random_history::new_batch(tenant_id tenant, order_event& out) {
  std::vector<const model_pending*> all;
  for (const auto& [key, pending] : pending_)
    if (key.first == tenant) all.push_back(&pending);
  if (all.empty()) return false;
  const model_pending& of = *all[pick(all.size())];
  const day_number day = plus_days(of.settled_through == 0 ? plus_days(first_day, -20) : of.settled_through,
                                   static_cast<int>(1 + pick(2)));
  if (day > plus_days(first_day, 30) || of.due(day) <= 4) return false;
  out = new_order(tenant);
  order_row& order = out.order;
  order_record request{};
  std::memcpy(&request, out.request, sizeof(request));
  request.merchant = order.merchant = of.merchant;
  request.business_id = order.business_id = settlement_business_id(of.ledger, day);
  request.id = order.id = order_id_of(of.merchant, order.business_id);
  request.ledger = order.ledger = of.ledger;
  request.product = order.product = settlement_product;
  request.amount_minor = order.amount_minor = static_cast<u128>(of.due(day));
  request.user_data_64 = order.user_data_64 = last();
  out.amount_minor = order.paid_minor = order.amount_minor;
  std::memcpy(out.request, &request, sizeof(request));
  return true;
}

order_event random_history::order_step(const model_order& before) {
  order_event event{};
  order_row& order = event.order = before.row;
  order_action_record request{};
  request.id.value = fresh_id();
  request.order = order.id;
  order.created_seq = before.created;
  order.previous_seq = before.newest;
  ++order.version;
  event.from_state = order.state;
  event.request_type = static_cast<std::uint16_t>(frame_type::act_on_orders);
  if (order.paid_minor < order.amount_minor) {
    request.action = order_action::pay;
    event.amount_minor = 1 + pick(lo64(order.amount_minor - order.paid_minor));
    order.paid_minor += event.amount_minor;
  } else if (order.refunded_minor < order.paid_minor && chance(80)) {
    request.action = order_action::refund;
    event.amount_minor = 1 + pick(lo64(order.paid_minor - order.refunded_minor));
    order.refunded_minor += event.amount_minor;
  } else {
    request.action = order_action::confirm;
  }
  std::memcpy(event.request, &request, sizeof(request));
  return event;
}

void random_history::add_order_unit() {
  const tenant_id tenant = chance(30) ? 7 : 0;
  // Most steps are of recent orders, some of very old ones.
  const std::size_t recent = std::min<std::size_t>(orders_.size(), 12);
  const std::size_t which = orders_.empty() ? 0 : chance(80) ? orders_.size() - 1 - pick(recent) : pick(orders_.size());
  const bool step = !orders_.empty() && chance(75) && orders_[which].tenant == tenant &&
                    (orders_[which].row.flags & order_row_flags::final_state) == 0;
  order_event event{};
  if (step) {
    event = order_step(orders_[which]);
  } else if (!chance(25) || !new_batch(tenant, event)) {
    event = new_order(tenant);
  }
  order_row& order = event.order;
  order.accounting_date = plus_days(first_day, static_cast<int>(pick(51)) - 25);
  order.flags = chance(60) ? order_row_flags::resident : chance(20) ? order_row_flags::final_state : std::uint16_t{0};
  order.state = static_cast<std::uint8_t>(pick(9));
  event.posting_rule = event.amount_minor != 0 ? 3 : 0xffff;
  event.legs = static_cast<std::uint8_t>(event.amount_minor != 0 ? 1 + pick(4) : 0);

  model_event known;
  known.kind = run_kind::orders;
  known.tenant = tenant;
  known.is_transfer = false;
  known.sequence = events_.size() + 1;
  known.timestamp = time_ + builder_.event_count();
  known.order = order.id.value;
  std::memcpy(&known.record.id, event.request, sizeof(known.record.id));
  const u128 context_id = pick(4);
  // Most commands on an order are of its own root business, some of another one.
  u128 root_id = chance(40) ? 0 : 0x1'0000 + pick(24);
  if (!step) {
    order.root_id = root_id;
  } else if (chance(80)) {
    root_id = chance(50) ? order.root_id : 0;
  }
  const std::uint32_t where = context(tenant, context_id, root_id);
  std::memcpy(builder_.append(run_kind::orders, where, 1), &event, sizeof(event));
  events_.push_back(known);
  model_order_event row{};
  row.event = event;
  row.sequence = known.sequence;
  row.timestamp = known.timestamp;
  row.context_id = context_id;
  row.root_id = root_id;
  row.tenant = tenant;
  order_events_.push_back(row);
  if (!step) {
    orders_.push_back({tenant, order, known.sequence, known.sequence});
  } else {
    orders_[which].row = order;
    orders_[which].newest = known.sequence;
  }
  if (event.legs != 0) add_postings(event, tenant, where);
}

void random_history::add_postings(const order_event& cause, tenant_id tenant, std::uint32_t context) {
  auto* to = builder_.append_run(run_kind::chain, context, cause.legs);
  PAYLOOM_ASSERT(to != nullptr);
  u128 command;
  std::memcpy(&command, cause.request, sizeof(command));
  const time_ns first_time = events_.back().timestamp + 1;
  const bool batch = cause.order.product == settlement_product && cause.order.created_seq == 0;
  const account_id pending = pending_account(cause.order.merchant, cause.order.ledger);
  unit_day_ = cause.order.accounting_date;
  batch_day_ = batch ? settlement_through(cause.order.business_id) : 0;
  for (std::uint32_t leg = 0; leg < cause.legs; ++leg) {
    model_event posting;
    do posting.record = random_transfer(tenant);
    while (posting.record.ledger != cause.order.ledger || (batch && posting.record.credit_account == pending));
    if (batch) {  // its legs are all of it
      posting.record.debit_account = pending;
      const u128 part = cause.amount_minor / cause.legs;
      posting.record.amount_minor = leg + 1 < cause.legs ? part : cause.amount_minor - part * leg;
    }
    posting.kind = run_kind::chain;
    posting.tenant = tenant;
    posting.sequence = events_.size() + 1;
    posting.timestamp = first_time + leg;
    posting.order = cause.order.id.value;
    posting.record.id = posting_id_of(tenant, command, leg);
    posting.record.flags = 0;
    posting.record.effective_at = 0;
    posting.record.user_data_128 = cause.order.id.value;
    posting.record.user_data_64 = cause.order.merchant;
    posting.record.user_data_32 = leg;
    storage::resolution_event out{};
    out.record = posting.record;
    std::memcpy(to + leg * sizeof(out), &out, sizeof(out));
    events_.push_back(posting);
    apply(posting);
  }
}

}  // namespace payloom::testing
