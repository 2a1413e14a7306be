#include "tests/crash/load_pool.hpp"

namespace payloom::crash {

void load_pool::learn(const load_frame& frame) {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < frame.count; ++i) {
    if (frame.results[i].code != result_code::ok) continue;
    if (frame.type == frame_type::create_accounts) accounts_.add(frame.record<account_record>(i), kept_max);
    if (frame.type == frame_type::create_orders && frame.expected[i] == expectation::order) {
      orders_.add(frame.record<order_record>(i), kept_max);
      fresh_orders_.add(frame.record<order_record>(i), fresh_max);
    }
    if (frame.type == frame_type::act_on_orders) actions_.add(frame.record<order_action_record>(i), kept_max);
    if (frame.type != frame_type::create_transfers || frame.in_chain(i)) continue;
    const auto t = frame.record<transfer_record>(i);
    if (t.flags == transfer_flags::hold) holds_.add(t, kept_max);
    // Only what was executed without a condition may be repeated and reversed with a certain answer.
    if (t.flags == 0 && frame.expected[i] == expectation::executed) posted_.add(t, kept_max);
  }
}

void load_pool::offer(const load_frame& frame) {
  auto copy = std::make_shared<load_frame>(frame);
  copy->results.clear();
  const std::lock_guard lock(mutex_);
  frames_.add(std::move(copy), frames_max);
}

namespace {

template <class Items>
auto pick(const Items& items, std::uint64_t random) -> std::optional<typename Items::value_type> {
  if (items.empty()) return std::nullopt;
  return items[random % items.size()];
}

}  // namespace

std::optional<transfer_record> load_pool::any_hold(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(holds_.items, random);
}

std::optional<transfer_record> load_pool::any_posted(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(posted_.items, random);
}

std::optional<account_record> load_pool::any_new_account(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(accounts_.items, random);
}

std::optional<order_record> load_pool::any_order(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(random % 5 == 0 ? orders_.items : fresh_orders_.items, random / 5);
}

std::optional<order_action_record> load_pool::any_action(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(actions_.items, random);
}

std::shared_ptr<const load_frame> load_pool::any_frame(std::uint64_t random) const {
  const std::lock_guard lock(mutex_);
  return pick(frames_.items, random).value_or(nullptr);
}

}  // namespace payloom::crash
