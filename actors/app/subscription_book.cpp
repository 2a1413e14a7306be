#include "actors/app/subscription_book.hpp"

#include <algorithm>

namespace payloom::app {

namespace {

bool none_set(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

bool malformed(const subscribe_record& asked) {
  if ((asked.flags & ~subscribe_flags::client_mask) != 0 || !none_set(asked.reserved)) return true;
  if ((asked.flags & subscribe_flags::show) != 0)
    return asked.merchant != 0 || asked.after != 0 || asked.context_id != 0 || asked.root_id != 0 ||
           asked.order.value != 0 || asked.window != 0;
  return asked.name == 0 || asked.name == u128_max || asked.window == 0 ||
         asked.window > limits::subscription_window_max;
}

bool same_filters(const stored_subscription& s, const subscribe_record& asked) {
  return s.merchant == asked.merchant && s.context_id == asked.context_id && s.root_id == asked.root_id &&
         s.order == asked.order.value;
}

}  // namespace

std::size_t subscription_book::restore(std::span<const stored_subscription> all, commit_seq durable_through) {
  std::size_t brought_back = 0;
  for (stored_subscription one : all) {
    if (one.acknowledged > durable_through) {
      one.acknowledged = durable_through;
      ++brought_back;
    }
    all_.emplace(one.key(), subscription(one)).first->second.state = subscription::phase::lasting;
  }
  return brought_back;
}

subscription* subscription_book::find(subscription_key key) {
  const auto at = all_.find(key);
  return at == all_.end() ? nullptr : &at->second;
}

result_code subscription_book::may_subscribe(tenant_id tenant, const subscribe_record& asked,
                                             commit_seq durable_through) const {
  if (malformed(asked)) return result_code::query_malformed;
  const auto at = all_.find({tenant, asked.name});
  if ((asked.flags & subscribe_flags::show) != 0)
    return asked.name != 0 && at == all_.end() ? result_code::subscription_unknown : result_code::ok;
  if (at != all_.end()) {
    if (at->second.state != subscription::phase::lasting) return result_code::busy;
    return same_filters(at->second.durable, asked) ? result_code::ok : result_code::subscription_differs;
  }
  if (asked.after > durable_through) return result_code::cursor_malformed;
  return all_.size() < limits::subscriptions_max ? result_code::ok : result_code::subscriptions_full;
}

result_code subscription_book::may_acknowledge(tenant_id tenant, const acknowledge_record& asked) const {
  const bool reserved = !none_set(asked.reserved) || (asked.flags & ~acknowledge_flags::client_mask) != 0;
  if (reserved || asked.name == 0 || asked.name == u128_max) return result_code::query_malformed;
  const auto at = all_.find({tenant, asked.name});
  if (at == all_.end() || at->second.state != subscription::phase::lasting) return result_code::subscription_unknown;
  return asked.sequence > at->second.reached ? result_code::acknowledged_too_far : result_code::ok;
}

subscription& subscription_book::make(tenant_id tenant, const subscribe_record& asked) {
  stored_subscription s;
  s.tenant = tenant;
  s.name = asked.name;
  s.merchant = asked.merchant;
  s.context_id = asked.context_id;
  s.root_id = asked.root_id;
  s.order = asked.order.value;
  s.acknowledged = asked.after;
  return all_.emplace(s.key(), subscription(s)).first->second;
}

time_ns subscription_book::backlog_since(const subscription& s, commit_seq applied) {
  if (!s.waiting.empty()) return s.waiting.front().timestamp;
  return s.reader.looked < applied && s.since_of == s.reader.looked + 1 ? s.since : 0;
}

subscription_row subscription_book::row_of(const subscription& s, commit_seq applied) {
  subscription_row row{};
  row.name = s.durable.name;
  row.merchant = s.durable.merchant;
  row.acknowledged = s.durable.acknowledged;
  row.context_id = s.durable.context_id;
  row.root_id = s.durable.root_id;
  row.order = {s.durable.order};
  row.window = s.to.window;
  row.flags = s.pushing() ? subscription_flags::pushing : 0;
  row.pushed = s.pushed;
  row.acknowledged_at = s.acknowledged_at;
  row.waiting = s.waiting.size();
  row.backlog_since = backlog_since(s, applied);
  row.unseen = applied > s.reader.looked ? applied - s.reader.looked : 0;
  return row;
}

}  // namespace payloom::app
