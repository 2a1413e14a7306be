#include "actors/follower/transfer_rows.hpp"

#include <algorithm>
#include <numeric>

namespace payloom::follower {

using storage::run_kind;

transfer_row row_of(const transfer_record& record, commit_seq sequence, time_ns timestamp) {
  transfer_row row{};
  row.record = record;
  row.sequence = sequence;
  row.timestamp = timestamp;
  const bool hold = (record.flags & transfer_flags::hold) != 0;
  row.state = static_cast<std::uint16_t>(hold ? transfer_state::held : transfer_state::posted);
  return row;
}

const transfer_record* executed(const fetched_event& event) {
  if (event.kind == run_kind::transfers) return &event.as<storage::transfer_event>();
  if (event.kind == run_kind::resolutions || event.kind == run_kind::chain) {
    return &event.as<storage::resolution_event>().record;
  }
  return nullptr;
}

bool row_of(const fetched_event& event, transfer_row& out) {
  if (const transfer_record* record = executed(event)) {
    out = row_of(*record, event.sequence, event.timestamp);
    return true;
  }
  if (event.kind == run_kind::refusals) {
    const auto& refusal = event.as<storage::refusal_event>();
    if (refusal.request_type != static_cast<std::uint16_t>(frame_type::create_transfers)) return false;
    transfer_record request;
    std::memcpy(&request, refusal.request, sizeof(request));
    out = row_of(request, event.sequence, event.timestamp);
    out.code = refusal.code;
    out.state = static_cast<std::uint16_t>(transfer_state::refused);
    return true;
  }
  if (event.kind == run_kind::seals) {
    transfer_record record{};
    record.id = event.as<storage::seal_event>().id;
    out = row_of(record, event.sequence, event.timestamp);
    out.code = result_code::id_sealed;
    out.state = static_cast<std::uint16_t>(transfer_state::sealed);
    return true;
  }
  return false;
}

void find_links(follower& behind, const storage::index_store& store, std::span<const commit_seq> sequences,
                commit_seq as_of, std::span<storage::link_state> out) {
  PAYLOOM_ASSERT(out.size() == sequences.size());
  std::fill(out.begin(), out.end(), storage::link_state{});
  if (sequences.empty()) return;
  // The tail first: what leaves it meanwhile is in the index, and only the part below the tail is taken from there.
  const commit_seq reach = behind.with_view([&](const ledger_view& view) {
    if (view.recent.has_links()) {
      for (std::size_t i = 0; i < sequences.size(); ++i) {
        view.recent.for_each_link(sequences[i], [&](const storage::link_entry& link) {
          if (link.sequence <= as_of) out[i].add(link);
        });
      }
    }
    return view.index_reach;
  });
  std::vector<std::uint32_t> order(sequences.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return sequences[a] < sequences[b]; });
  std::vector<commit_seq> targets(sequences.size());
  for (std::size_t i = 0; i < order.size(); ++i) targets[i] = sequences[order[i]];
  store.for_each_link(targets, [&](std::size_t i, const storage::link_entry& link) {
    if (link.sequence <= std::min(reach, as_of)) out[order[i]].add(link);
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (targets[i] == targets[i - 1]) out[order[i]] = out[order[i - 1]];
  }
}

void fill_links(follower& behind, const storage::index_store& store, std::span<transfer_row> rows, commit_seq as_of) {
  std::vector<commit_seq> sequences(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) sequences[i] = rows[i].sequence;
  std::vector<storage::link_state> links(rows.size());
  find_links(behind, store, sequences, as_of, links);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].reversed_minor = links[i].reversed_minor;
    if (links[i].resolved_by == 0) continue;
    rows[i].resolved_by = links[i].resolved_by;
    // link_kind's numbers are transfer_state's.
    rows[i].state = static_cast<std::uint16_t>(links[i].resolved_how);
  }
}

}  // namespace payloom::follower
