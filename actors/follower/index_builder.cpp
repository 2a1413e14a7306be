#include "actors/follower/index_builder.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "actors/follower/projection.hpp"
#include "protocol/types/assert.hpp"
#include "storage/rocksdb/varint.hpp"

namespace payloom::follower {

using storage::index_run;
using storage::run_kind;
using storage::run_view;

namespace {

void read_openings(std::string_view in, index_run& run) {
  while (!in.empty()) {
    PAYLOOM_ASSERT(in.size() > sizeof(std::uint32_t));
    storage::entry_opening opening;
    std::memcpy(&opening.ordinal, in.data(), sizeof(opening.ordinal));
    in.remove_prefix(sizeof(opening.ordinal));
    PAYLOOM_ASSERT(storage::get_varint(in, opening.debits_posted) && storage::get_varint(in, opening.credits_posted));
    run.openings.push_back(opening);
  }
}

/// Splits resolved holds into those of this chunk (never written) and older ones (to be removed).
void settle_holds(index_run& run) {
  std::vector<bool> resolved_here(run.info.last_seq + 1 - run.info.first_seq);
  for (const storage::link_entry& link : run.links) {
    const bool of_hold = link.kind == storage::link_kind::captured || link.kind == storage::link_kind::voided ||
                         link.kind == storage::link_kind::expired;
    if (!of_hold) continue;
    if (link.target >= run.info.first_seq) {
      resolved_here[link.target - run.info.first_seq] = true;
    } else {
      run.holds_closed.push_back(link.target);
    }
  }
  std::erase_if(run.holds_opened, [&](const auto& hold) { return resolved_here[hold.sequence - run.info.first_seq]; });
}

}  // namespace

index_run index_builder::build(const tail_chunk& chunk) {
  PAYLOOM_ASSERT(chunk.closed && chunk.last_seq >= chunk.first_seq);
  index_run run;
  run.info.number = chunk.number;
  run.info.first_seq = chunk.first_seq;
  run.info.last_seq = chunk.last_seq;
  run.info.first_time = chunk.first_time;
  run.info.last_time = chunk.last_time;
  run.accounts = chunk.accounts;
  run.snapshot = chunk.snapshot;
  run.states = chunk.states;
  run.entries.append({chunk.entries.data(), chunk.entries.size()});
  read_openings(chunk.openings, run);
  run.links.assign(chunk.links.all().begin(), chunk.links.all().end());
  run.info.links = static_cast<std::uint32_t>(run.links.size());
  run.ids.reserve(chunk.events());
  run.posted_amounts = storage::page_array<u128>(chunk.events());
  read_events(chunk, run);
  settle_holds(run);
  settle_orders(run);
  // Accounts are numbered in journal order, so the chunk's are the last ones.
  PAYLOOM_ASSERT(run.births.size() <= run.accounts);
  auto ordinal = run.accounts - static_cast<std::uint32_t>(run.births.size());
  for (storage::account_birth& birth : run.births) birth.ordinal = ordinal++;
  return run;
}

void index_builder::read_events(const tail_chunk& chunk, index_run& run) {
  if (!reader_) {
    reader_ = source_.open_reader(chunk.first_seq);
  } else if (reader_next_ != chunk.first_seq) {
    reader_->seek(chunk.first_seq);
  }
  reader_next_ = chunk.first_seq;
  while (reader_next_ <= chunk.last_seq) {
    const storage::group_view group = reader_->next();
    if (group.header == nullptr || (group.header->event_count != 0 && group.header->base_sequence != reader_next_)) {
      throw storage::storage_failure("index: the journal has no group at event " + std::to_string(reader_next_));
    }
    storage::for_each_run(group, [&](const run_view& view) { collect(view, run); });
    reader_next_ += group.header->event_count;
  }
  PAYLOOM_ASSERT(reader_next_ == chunk.last_seq + 1);
}

void index_builder::collect_transfer(const transfer_record& record, const run_view& view, std::uint32_t index,
                                     u128 posted, index_run& run) {
  const commit_seq sequence = view.first_sequence + index;
  run.info.add(record);
  run.posted_amounts[sequence - run.info.first_seq] = posted;
  if ((record.flags & transfer_flags::hold) != 0) {
    run.holds_opened.push_back({record, view.context->tenant, sequence, view.first_time + index});
  }
}

void index_builder::collect_order(const order_event& event, const run_view& view, std::uint32_t index, index_run& run) {
  run.info.add(event, view.context->context_id, view.context->root_id);
  const storage::open_order now{event, view.first_sequence + index, view.first_time + index, view.context->tenant, {}};
  const commit_seq created = now.created();
  const auto known = orders_.find(created);
  last_order_ = 0;
  if (known != orders_.end() && known->second != 0) {
    last_order_ = known->second;
    run.orders_open[known->second - 1] = now;  // resident or not: settle_orders looks
  } else if (now.resident()) {
    run.orders_open.push_back(now);
    last_order_ = orders_[created] = run.orders_open.size();
  } else if (created < run.info.first_seq) {
    orders_[created] = 0;
  }
}

/// Leaves the resident ones; the others are removed if they may be in the index.
void index_builder::settle_orders(index_run& run) {
  for (const auto& [created, place] : orders_) {
    const bool resident = place != 0 && run.orders_open[place - 1].resident();
    if (!resident && created < run.info.first_seq) run.orders_closed.push_back(created);
  }
  std::erase_if(run.orders_open, [](const auto& order) { return !order.resident(); });
  orders_.clear();
}

void index_builder::collect(const run_view& view, index_run& run) {
  const auto base = static_cast<std::uint32_t>(view.first_sequence - run.info.first_seq);
  const tenant_id tenant = view.context->tenant;
  const auto note_id = [&](std::uint32_t i, u128 id) { run.ids.push_back({id, tenant, base + i, view.kind}); };
  storage::for_each_event(view, [&](const run_view&, std::uint32_t i, const auto& event) {
    using event_type = std::decay_t<decltype(event)>;
    if constexpr (std::is_same_v<event_type, storage::transfer_event>) {
      collect_transfer(event, view, i, movement_of(event, 0).posted, run);
      note_id(i, event.id.value);
    } else if constexpr (std::is_same_v<event_type, storage::resolution_event>) {
      collect_transfer(event.record, view, i, movement_of(event.record, event.target_amount_minor).posted, run);
      note_id(i, event.record.id.value);
    } else if constexpr (std::is_same_v<event_type, storage::refusal_event>) {
      u128 id;
      std::memcpy(&id, event.request, sizeof(id));
      note_id(i, id);
    } else if constexpr (std::is_same_v<event_type, storage::change_event>) {
      note_id(i, event.record.id.value);
    } else if constexpr (std::is_same_v<event_type, storage::seal_event>) {
      note_id(i, event.id.value);
    } else if constexpr (std::is_same_v<event_type, order_event>) {
      u128 id;
      std::memcpy(&id, event.request, sizeof(id));
      note_id(i, id);
      collect_order(event, view, i, run);
    } else if constexpr (std::is_same_v<event_type, payment_row>) {
      note_id(i, event.id);
      if (last_order_ != 0) run.orders_open[last_order_ - 1].payment = event;
    } else {
      static_assert(std::is_same_v<event_type, account_record>);
      run.births.push_back({0, tenant, event, view.first_time + i, view.first_sequence + i});
    }
  });
}

}  // namespace payloom::follower
