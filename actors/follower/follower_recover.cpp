// Recovery: the snapshot from the index, then the journal's tail.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <unordered_map>

#include "actors/follower/follower.hpp"
#include "actors/follower/order_tracker.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/kill_point.hpp"

namespace payloom::follower {

using storage::open_hold;
using storage::run_kind;
using storage::run_view;

namespace {

/// Follows which holds are open while the tail is replayed.
class hold_tracker {
 public:
  void add(const open_hold& hold) { open_.emplace(hold.sequence, hold); }
  void apply(const run_view& run) {
    storage::for_each_event(run, [&](const run_view& view, std::uint32_t i, const auto& event) {
      using event_type = std::decay_t<decltype(event)>;
      if constexpr (std::is_same_v<event_type, storage::transfer_event>) {
        note(event, view, i);
      } else if constexpr (std::is_same_v<event_type, storage::resolution_event>) {
        note(event.record, view, i);
        if ((event.record.flags & transfer_flags::resolving) != 0) open_.erase(event.target_sequence);
      }
    });
  }
  std::vector<open_hold> take() {
    std::vector<open_hold> out;
    out.reserve(open_.size());
    for (const auto& [sequence, hold] : open_) out.push_back(hold);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    return out;
  }

 private:
  void note(const transfer_record& record, const run_view& run, std::uint32_t index) {
    if ((record.flags & transfer_flags::hold) == 0) return;
    const commit_seq sequence = run.first_sequence + index;
    open_.emplace(sequence, open_hold{record, run.context->tenant, sequence, run.first_time + index});
  }
  std::unordered_map<commit_seq, open_hold> open_;
};

/// Tells the ids of a run; returns how many.
std::uint64_t tell_ids(const run_view& run, recovery_visitor& visitor) {
  if (run.kind == run_kind::accounts) return 0;  // accounts have ids of their own
  std::uint64_t told = 0;
  storage::for_each_event(run, [&](const run_view& view, std::uint32_t i, const auto& event) {
    // Every other kind of event begins with its id.
    u128 id;
    std::memcpy(&id, &event, sizeof(id));
    if (id_is_reserved_for_postings(id)) return;
    visitor.on_recent_id(view.context->tenant, id, view.first_sequence + i, view.kind);
    ++told;
  });
  return told;
}

/// Tells ids of the index; returns how many. Called by several threads.
std::size_t tell_ids(std::span<const storage::id_query> ids, recovery_visitor& visitor) {
  const auto posting = [](const storage::id_query& i) { return id_is_reserved_for_postings(i.id); };
  if (std::none_of(ids.begin(), ids.end(), posting)) {
    visitor.on_ids(ids);
    return ids.size();
  }
  std::vector<storage::id_query> told;
  told.reserve(ids.size());
  std::remove_copy_if(ids.begin(), ids.end(), std::back_inserter(told), posting);
  if (!told.empty()) visitor.on_ids(told);
  return told.size();
}

}  // namespace

void follower::load_snapshot() {
  const storage::index_position position = store_.position();
  account_table& accounts = projection_.accounts();
  store_.for_each_birth([&](const storage::account_birth& birth) {
    // Younger accounts come from the replay.
    if (birth.created_seq > position.snapshot_seq) return;
    const std::uint32_t ordinal = accounts.add(birth.tenant, birth.record, birth.timestamp, birth.created_seq);
    if (ordinal != birth.ordinal) throw storage::storage_failure("index: an account is missing; rebuild the index");
  });
  store_.for_each_state([&](const storage::account_state& state) {
    if (state.ordinal >= accounts.size()) throw storage::storage_failure("index: an account is missing; rebuild it");
    accounts.set_terms(state.ordinal, state.flags, state.overdraft_limit_minor);
    account_slot& row = accounts.row(state.ordinal);
    row.debits_posted = state.counters.debits_posted;
    row.credits_posted = state.counters.credits_posted;
    if (state.settled_through != 0 || !state.unsettled.empty()) projection_.load_unsettled(state);
    if ((state.counters.debits_pending | state.counters.credits_pending) == 0) return;
    accounts.rest(state.ordinal).debits_pending = state.counters.debits_pending;
    accounts.rest(state.ordinal).credits_pending = state.counters.credits_pending;
  });
  accounts.take_dirty([](std::uint32_t) {});
  snapshot_at_ = applied_seq_ = position.snapshot_seq;
  tail_.begin(position.indexed_seq + 1, position.next_chunk);
}

recovery_report follower::recover(recovery_visitor* visitor) {
  PAYLOOM_ASSERT(applied_seq_ == 0 && projection_.accounts().size() == 0);
  recovery_report report;
  const storage::index_position position = store_.position();
  if (position.indexed_seq > source_.durable_through()) {
    throw storage::index_mismatch("index: it reaches event " + std::to_string(position.indexed_seq) +
                                  " but the journal ends at " + std::to_string(source_.durable_through()) +
                                  "; rebuild the index");
  }
  report.snapshot_seq = position.snapshot_seq;
  report.indexed_seq = position.indexed_seq;
  report.last_time = position.last_time;
  load_snapshot();
  if (visitor != nullptr) {
    std::atomic<std::uint64_t> count = 0;
    const auto began = std::chrono::steady_clock::now();
    visitor->expect_ids(position.indexed_seq);
    store_.for_each_id_batch([&](std::span<const storage::id_query> ids) { count += tell_ids(ids, *visitor); });
    report.ids_indexed = count;
    report.ids_ns = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began).count());
  }
  pass_kill_point(kill_point::recovery_snapshot);
  replay(visitor, report);
  report.end = applied_seq_;
  report.accounts = projection_.accounts().size();
  return report;
}

void follower::replay(recovery_visitor* visitor, recovery_report& report) {
  hold_tracker holds;
  order_tracker orders;
  if (visitor != nullptr) store_.for_each_hold([&](const open_hold& hold) { holds.add(hold); });
  while (true) {
    const storage::group_view group = feed_.take(applied_seq_ + 1);
    if (group.header == nullptr) break;
    const commit_seq last = group.header->base_sequence + group.header->event_count - 1;
    const bool indexed = last <= report.indexed_seq;  // chunks end at groups' ends
    apply_group(group, !indexed);
    pass_kill_point(kill_point::recovery_replayed);
    report.events_replayed += group.header->event_count;
    report.last_time = group.header->base_time + group.header->event_count - 1;
    if (indexed) continue;
    if (visitor != nullptr) {
      storage::for_each_run(group, [&](const run_view& run) {
        holds.apply(run);
        orders.apply(run);
        report.ids_recent += tell_ids(run, *visitor);
      });
    }
    close_chunk_if(false);
    // A long tail (a rebuild above all) must not be held in memory.
    const std::uint64_t closed_max = std::max<std::uint64_t>(1, options_.lag_events_max / 2 / options_.chunk_events);
    while (tail_.chunks().size() > 1 + closed_max) {
      if (!index_oldest()) throw storage::storage_failure("index: no space left to index the journal");
      drop_indexed();
      orders.indexed(store_.indexed_seq());
    }
  }
  if (visitor == nullptr) return;
  report_accounts(*visitor);
  const auto open = holds.take();
  report.open_holds = open.size();
  for (const open_hold& hold : open) visitor->on_open_hold(hold);
  orders.for_each(store_, [&](const storage::open_order& order) {
    visitor->on_open_order(order);
    cases_.restore(order);
    ++report.open_orders;
  });
}

void follower::report_accounts(recovery_visitor& visitor) {
  const account_table& accounts = projection_.accounts();
  for (std::uint32_t i = 0; i < accounts.size(); ++i) {
    recovered_account account;
    account.tenant = accounts.row(i).tenant;
    account.row = show(accounts, i, applied_seq_);
    const account_extra* extra = accounts.extra(i);
    account.created_flags = extra == nullptr ? accounts.row(i).flags : extra->created_flags;
    account.created_limit_minor = extra == nullptr ? 0 : extra->created_limit_minor;
    visitor.on_account(account);
  }
}

}  // namespace payloom::follower
