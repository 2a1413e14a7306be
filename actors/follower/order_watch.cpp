#include "actors/follower/order_watch.hpp"

#include <algorithm>

namespace payloom::follower {

bool order_watch::add(const waiting& one) {
  if (waiting_.size() >= waiting_max) return false;
  waiting_.push_back({one, {}, false});
  return true;
}

void order_watch::scan_to(commit_seq from, commit_seq to) {
  scan_.run(from, to, [&](const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
    const order_event& event = run.events<order_event>()[index];
    for (entry& one : waiting_) {
      if (one.full || one.who.tenant != run.context->tenant || run.first_sequence + index <= one.who.seen) continue;
      if (!matches(one.who.query, event, run.context->context_id, run.context->root_id)) continue;
      one.full = one.rows.size() == one.who.query.limit;
      if (!one.full) one.rows.push_back(row_of(run, index, payment));
    }
    return true;
  });
}

void order_watch::look(deadline_time now, const answer& done) {
  if (waiting_.empty()) return;
  // In this order: an event of an order that is applied is known of.
  const commit_seq applied = behind_.applied_seq(), newest = behind_.newest_order_event();
  commit_seq seen = applied;
  for (const entry& one : waiting_) seen = std::min(seen, one.who.seen);
  commit_seq reached = applied;
  if (newest > seen) {
    reached = std::min(applied, seen + look_events_max);
    scan_to(seen + 1, reached);
  }
  std::vector<entry> left;
  for (entry& one : waiting_) {
    one.who.seen = std::max(one.who.seen, reached);
    if (one.rows.empty() && one.who.until > now) {
      left.push_back(std::move(one));
      continue;
    }
    query_outcome out;
    out.sequence = one.who.seen;
    out.more = one.full;
    out.cursor = one.full ? one.rows.back().sequence : one.who.seen;
    done(one.who.asker, out, one.rows);
  }
  waiting_ = std::move(left);
}

}  // namespace payloom::follower
