#include "actors/follower/query_engine.hpp"

#include <algorithm>

#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

namespace {
constexpr std::uint32_t accounts_per_turn = 16'384;  ///< rows looked at per turn of the follower's lock

bool account_matches(const query_record& query, const account_row& row) {
  if (query.account != account_id{} && row.id != query.account) return false;
  if (query.ledger != 0 && row.ledger != query.ledger) return false;
  if (query.code != 0 && row.code != query.code) return false;
  if (query.user_data_32 != 0 && row.user_data_32 != query.user_data_32) return false;
  if (query.user_data_64 != 0 && row.user_data_64 != query.user_data_64) return false;
  if (query.user_data_128 != 0 && row.user_data_128 != query.user_data_128) return false;
  if (row.timestamp < query.time_from || (query.time_to != 0 && row.timestamp > query.time_to)) return false;
  return row.created_seq >= query.sequence_from && (query.sequence_to == 0 || row.created_seq <= query.sequence_to);
}
}  // namespace

query_engine::query_engine(storage::journal_source& source, follower& behind, const storage::index_store& store,
                           event_fetcher& fetcher, query_options options)
    : source_(source),
      behind_(behind),
      store_(store),
      fetcher_(fetcher),
      options_(options),
      scan_(source),
      order_scan_(source) {}

query_outcome query_engine::arrive(deadline_time deadline) {
  query_outcome out;
  if (!behind_.wait_applied(source_.durable_through(), deadline)) {
    out.code = behind_.failure().empty() ? result_code::deadline_exceeded : result_code::unavailable;
  }
  out.sequence = behind_.applied_seq();
  return out;
}

result_code query_engine::check(const query_record& query) const {
  constexpr std::uint16_t known = query_flags::backward | query_flags::debits | query_flags::credits;
  const bool reserved =
      std::any_of(std::begin(query.reserved), std::end(query.reserved), [](auto b) { return b != 0; });
  const bool bad = reserved || (query.flags & ~known) != 0 || query.limit == 0 ||
                   query.limit > limits::query_rows_max || (query.time_to != 0 && query.time_from > query.time_to) ||
                   (query.sequence_to != 0 && query.sequence_from > query.sequence_to);
  return bad ? result_code::query_malformed : result_code::ok;
}

query_outcome query_engine::lookup_accounts(tenant_id tenant, std::span<const id_record> ids, deadline_time deadline,
                                            std::vector<account_row>& rows) {
  rows.clear();
  query_outcome out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  rows.reserve(ids.size());
  behind_.with_view([&](const ledger_view& view) {
    out.sequence = view.applied_seq;
    for (const id_record& asked : ids) {
      const std::uint32_t ordinal = view.accounts.find(tenant, asked.id);
      if (ordinal != no_account) rows.push_back(show(view.accounts, ordinal, view.applied_seq));
    }
  });
  return out;
}

query_outcome query_engine::lookup_transfers(tenant_id tenant, std::span<const id_record> ids, deadline_time deadline,
                                             std::vector<transfer_row>& rows) {
  rows.clear();
  query_outcome out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  std::vector<std::vector<commit_seq>> candidates(ids.size());
  behind_.with_view([&](const ledger_view& view) {
    out.sequence = view.applied_seq;
    for (std::size_t i = 0; i < ids.size(); ++i) view.recent.find_id(mix_id(tenant, ids[i].id), candidates[i]);
  });
  std::vector<storage::id_query> queries(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) queries[i] = {tenant, ids[i].id};
  std::vector<storage::id_position> positions(ids.size());
  store_.find_ids(queries, positions);
  fetched_event event;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (positions[i].sequence != 0) candidates[i].push_back(positions[i].sequence);
    for (const commit_seq sequence : candidates[i]) {
      transfer_row row;
      if (sequence > out.sequence || !fetcher_.find(sequence, event, true)) continue;
      if (event.context.tenant != tenant || !row_of(event, row) || row.record.id.value != ids[i].id) continue;
      rows.push_back(row);
      break;
    }
  }
  fill_links(behind_, store_, rows, out.sequence);
  return out;
}

query_outcome query_engine::list_accounts(tenant_id tenant, const query_record& query, deadline_time deadline,
                                          std::vector<account_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (query.cursor > no_account) out.code = result_code::cursor_malformed;
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const bool backward = (query.flags & query_flags::backward) != 0;
  const std::size_t wanted = page_rows(query) + std::size_t{1};
  // The cursor is the last row's ordinal + 1.
  std::uint64_t next = backward ? (query.cursor == 0 ? no_account : query.cursor - 1) : query.cursor;
  std::uint32_t ordinals_end = 0;
  bool at_end = false;
  std::vector<std::uint64_t> cursors;
  while (rows.size() < wanted && !at_end) {
    behind_.with_view([&](const ledger_view& view) {
      out.sequence = view.applied_seq;
      ordinals_end = view.accounts.size();
      if (backward) next = std::min<std::uint64_t>(next, ordinals_end);
      for (std::uint32_t n = 0; n < accounts_per_turn && rows.size() < wanted; ++n) {
        at_end = backward ? next == 0 : next >= ordinals_end;
        if (at_end) return;
        const auto ordinal = static_cast<std::uint32_t>(backward ? --next : next++);
        if (view.accounts.row(ordinal).tenant != tenant) continue;
        const account_row row = show(view.accounts, ordinal, view.applied_seq);
        if (!account_matches(query, row)) continue;
        rows.push_back(row);
        cursors.push_back(std::uint64_t{ordinal} + 1);
      }
    });
  }
  if (rows.size() == wanted) {
    rows.pop_back();
    out.more = true;
    out.cursor = cursors[rows.size() - 1];
  }
  return out;
}

commit_seq query_engine::first_at(time_ns time, commit_seq applied) {
  commit_seq low = 1, high = applied + 1;
  const auto chunks = store_.chunks(1, applied);
  for (const auto& chunk : chunks) {
    if (chunk->last_time < time) low = chunk->last_seq + 1;
    if (chunk->first_time >= time) {
      high = std::min(high, chunk->first_seq);
      break;
    }
  }
  fetched_event event;
  while (low < high) {
    const commit_seq middle = low + (high - low) / 2;
    if (!fetcher_.find(middle, event, false)) throw storage::storage_failure("query: an applied event is not durable");
    if (event.timestamp < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

query_engine::range query_engine::range_of(const query_record& query, commit_seq applied) {
  range r{std::max<commit_seq>(1, query.sequence_from), applied};
  if (query.sequence_to != 0) r.to = std::min(r.to, query.sequence_to);
  if (query.time_from != 0) r.from = std::max(r.from, first_at(query.time_from, applied));
  if (query.time_to != 0 && query.time_to != ~time_ns{0})
    r.to = std::min(r.to, first_at(query.time_to + 1, applied) - 1);
  if (query.cursor != 0) {
    if ((query.flags & query_flags::backward) != 0) {
      r.to = std::min(r.to, query.cursor - 1);
    } else {
      r.from = std::max(r.from, query.cursor + 1);
    }
  }
  return r;
}

}  // namespace payloom::follower
