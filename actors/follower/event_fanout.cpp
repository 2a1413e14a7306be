#include "actors/follower/event_fanout.hpp"

#include <algorithm>
#include <utility>

#include "protocol/types/shard_map.hpp"

namespace payloom::follower {

event_fanout::event_fanout(storage::journal_source& source, follower& behind, query_engine& engine, std::uint64_t near)
    : behind_(behind), engine_(engine), scan_(source), near_(near), known_from_(behind.applied_seq()) {}

bool event_fanout::look(std::span<event_reader* const> readers) {
  // In this order: an event of an order that is applied is known of.
  applied_ = behind_.applied_seq();
  close_.clear();
  far_.clear();
  for (event_reader* one : readers) {
    if (one->room == 0 || one->looked >= applied_) continue;
    (applied_ - one->looked <= near_ ? close_ : far_).push_back(one);
  }
  if (!close_.empty()) walk_near();
  if (!far_.empty()) step_far();
  return !far_.empty();
}

void event_fanout::walk_near() {
  const commit_seq newest = behind_.newest_order_event();
  commit_seq from = applied_;
  for (const event_reader* one : close_) from = std::min(from, one->looked);
  begin_walk(close_);
  if (newest > from || from < known_from_) {
    scan_.run(from + 1, applied_, [&](const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
      return offer(run, index, payment);
    });
  }
  end_walk(close_, applied_);
}

/// The one whose turn it is, with all that are between it and the present.
void event_fanout::step_far() {
  event_reader& leader = *far_[turn_++ % far_.size()];
  if (leader.wanted.order.value != 0) return page_of_order(leader);
  group_.clear();
  for (event_reader* one : far_)
    if (one->wanted.order.value == 0 && one->looked >= leader.looked) group_.push_back(one);
  begin_walk(group_);
  const auto may_match = [&](const storage::chunk_info& chunk) {
    return std::ranges::any_of(
        group_, [&](const event_reader* one) { return one->looked < chunk.last_seq && chunk.may_match(one->wanted); });
  };
  const commit_seq reached =
      engine_.walk_order_events(leader.looked, applied_, may_match,
                                [&](const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
                                  return offer(run, index, payment);
                                });
  end_walk(group_, reached);
}

/// An order's events are linked: nothing has to be looked through.
void event_fanout::page_of_order(event_reader& one) {
  order_event_query query = one.wanted;
  query.after = one.looked;
  query.limit = static_cast<std::uint32_t>(std::min<std::size_t>(one.room, limits::order_rows_max));
  std::vector<order_event_row> rows;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  const query_outcome out = engine_.order_events(one.tenant, query, deadline, rows);
  if (out.code != result_code::ok) return;  // the follower stopped: the process ends
  one.rows.insert(one.rows.end(), rows.begin(), rows.end());
  one.looked = std::max(one.looked, out.cursor);
}

std::uint64_t event_fanout::key_of(filter by, u128 value) {
  return by == filter::none ? 0 : mix_id(static_cast<tenant_id>(by), value);
}

void event_fanout::begin_walk(std::span<event_reader* const> readers) {
  interests_.clear();
  full_ = 0;
  std::ranges::fill(by_kind_, false);
  for (event_reader* one : readers) {
    one->full = false;
    const order_event_query& q = one->wanted;
    filter by = filter::none;
    u128 value = 0;
    if (q.order.value != 0) {
      by = filter::order, value = q.order.value;
    } else if (q.context_id != 0) {
      by = filter::context, value = q.context_id;
    } else if (q.root_id != 0) {
      by = filter::root, value = q.root_id;
    } else if (q.merchant != 0) {
      by = filter::merchant, value = q.merchant;
    }
    by_kind_[static_cast<std::size_t>(by)] = true;
    interests_.push_back({key_of(by, value), one});
  }
  std::ranges::sort(interests_, {}, &interest::key);
}

/// False: nobody has room any more.
bool event_fanout::offer(const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
  const order_row& order = run.events<order_event>()[index].order;
  const auto under = [&](filter by, u128 value) {
    if (by_kind_[static_cast<std::size_t>(by)]) offer_under(key_of(by, value), run, index, payment);
  };
  under(filter::none, 0);
  under(filter::merchant, order.merchant);
  under(filter::order, order.id.value);
  under(filter::context, run.context->context_id);
  if (order.context_id != run.context->context_id) under(filter::context, order.context_id);
  under(filter::root, run.context->root_id);
  if (order.root_id != run.context->root_id) under(filter::root, order.root_id);
  return full_ < interests_.size();
}

void event_fanout::offer_under(std::uint64_t key, const storage::run_view& run, std::uint32_t index,
                               const payment_row* payment) {
  const commit_seq sequence = run.first_sequence + index;
  const order_event& event = run.events<order_event>()[index];
  const auto first = std::ranges::lower_bound(interests_, key, {}, &interest::key);
  for (auto at = first; at != interests_.end() && at->key == key; ++at) {
    event_reader& one = *at->reader;
    if (sequence <= one.looked || one.tenant != run.context->tenant) continue;
    if (!matches(one.wanted, event, run.context->context_id, run.context->root_id)) continue;
    if (one.rows.size() < one.room) {
      one.rows.push_back(row_of(run, index, payment));
    } else if (!std::exchange(one.full, true)) {
      ++full_;
    }
  }
}

void event_fanout::end_walk(std::span<event_reader* const> readers, commit_seq reached) {
  for (event_reader* one : readers)
    one->looked = std::max(one->looked, one->full ? one->rows.back().sequence : reached);
}

}  // namespace payloom::follower
