#include "actors/follower/order_scan.hpp"

#include <algorithm>

namespace payloom::follower {

void order_scan::load(commit_seq sequence) {
  const bool here = group_.header != nullptr && sequence >= group_.header->base_sequence && sequence < reader_next_;
  if (here) return;
  if (!reader_) {
    reader_ = source_.open_reader(sequence);
  } else if (sequence != reader_next_) {
    reader_->seek(sequence);
  }
  do group_ = reader_->next();
  while (group_.header != nullptr && group_.header->event_count == 0);
  if (group_.header == nullptr) {
    reader_next_ = 0;
    throw storage::storage_failure("query: an applied event is not in the journal");
  }
  reader_next_ = group_.header->base_sequence + group_.header->event_count;
}

namespace {

/// `behind` stands behind `run`.
const payment_row* payment_of(storage::run_cursor behind, const storage::run_view& run, std::uint32_t index) {
  if ((run.events<order_event>()[index].flags & order_event_flags::payment) == 0) return nullptr;
  storage::run_view next;
  while (behind.next(next)) {
    if (next.kind == storage::run_kind::payments) return next.events<payment_row>().data();
    if (next.kind != storage::run_kind::chain) break;
  }
  throw storage::storage_failure("journal: the payment of an order's event does not follow it");
}

}  // namespace

void order_scan::run(commit_seq from, commit_seq to, const visitor& visit) {
  for (commit_seq next = from; next <= to; next = reader_next_) {
    load(next);
    storage::run_cursor runs(group_);
    storage::run_view run;
    while (runs.next(run)) {
      if (run.kind != storage::run_kind::orders || run.first_sequence + run.count <= next) continue;
      if (run.first_sequence > to) return;
      const commit_seq first = std::max(run.first_sequence, next);
      const commit_seq last = std::min<commit_seq>(run.first_sequence + run.count - 1, to);
      for (commit_seq sequence = first; sequence <= last; ++sequence) {
        const auto index = static_cast<std::uint32_t>(sequence - run.first_sequence);
        if (!visit(run, index, payment_of(runs, run, index))) return;
      }
    }
  }
}

order_event_row row_of(const storage::run_view& run, std::uint32_t index, const payment_row* payment) {
  order_event_row row{};
  row.event = run.events<order_event>()[index];
  row.sequence = run.first_sequence + index;
  row.timestamp = run.first_time + index;
  set_context(row, *run.context);
  if (payment != nullptr) row.payment = *payment;
  return row;
}

void set_context(order_event_row& row, const storage::context_entry& context) {
  row.context_id = context.context_id;
  row.root_id = context.root_id;
  row.hop = context.hop;
  row.tenant = context.tenant;
}

bool matches(const order_event_query& query, const order_event& event, u128 context_id, u128 root_id) {
  const auto either = [](u128 wanted, u128 frame, u128 order) {
    return wanted == 0 || frame == wanted || order == wanted;
  };
  return (query.merchant == 0 || event.order.merchant == query.merchant) &&
         (query.order.value == 0 || event.order.id == query.order) &&
         either(query.context_id, context_id, event.order.context_id) &&
         either(query.root_id, root_id, event.order.root_id);
}

}  // namespace payloom::follower
