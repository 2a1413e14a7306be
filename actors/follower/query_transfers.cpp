// list_transfers: by an account's lines, or by scanning the journal past the chunks that cannot match.
#include <algorithm>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

namespace {

constexpr commit_seq first_piece = 16'384;  ///< events of a scan's first piece; each next is twice as large
constexpr commit_seq piece_max = tail::chunk_events_max;  ///< ... until none is cut any more

/// Cuts the row that only proved that there are more, and says where the next page begins.
void finish_page(std::vector<transfer_row>& rows, std::size_t wanted, query_outcome& out) {
  if (rows.size() < wanted) return;
  rows.resize(wanted - 1);
  out.more = true;
  out.cursor = rows.back().sequence;
}

}  // namespace

query_outcome query_engine::list_transfers(tenant_id tenant, const query_record& query, deadline_time deadline,
                                           std::vector<transfer_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const account_id none{};
  if (query.account != none || query.debit_account != none || query.credit_account != none) {
    transfers_of_account(tenant, query, rows, out);
  } else {
    scan_transfers(tenant, query, rows, out);
  }
  fill_links(behind_, store_, rows, out.sequence);
  return out;
}

void query_engine::transfers_of_account(tenant_id tenant, const query_record& query, std::vector<transfer_row>& rows,
                                        query_outcome& out) {
  const account_id none{};
  const bool by_debit = query.debit_account != none, by_credit = !by_debit && query.credit_account != none;
  const account_id by = by_debit ? query.debit_account : by_credit ? query.credit_account : query.account;
  const account_lines lines(behind_, store_, tenant, by);
  out.sequence = lines.applied_seq();
  if (!lines.found()) return;
  const range r = range_of(query, out.sequence);
  const std::size_t wanted = page_rows(query) + std::size_t{1};
  const transfer_filter filter(query);
  walk_transfers(lines, {.r = r,
                         .backward = (query.flags & query_flags::backward) != 0,
                         .filtered = !filter.passes_all(),
                         .wanted = [&](const tail_line& line) { return line.credit ? !by_debit : !by_credit; },
                         .rows_left = [&] { return wanted - rows.size(); },
                         .take =
                             [&](const fetched_event& event, const transfer_record& record) {
                               if (filter.matches(record))
                                 rows.push_back(row_of(record, event.sequence, event.timestamp));
                               return rows.size() < wanted;
                             }});
  finish_page(rows, wanted, out);
}

std::vector<query_engine::range> query_engine::pieces_to_scan(
    range r, const std::function<bool(const storage::chunk_info&)>& may_match) {
  std::vector<range> out;
  const auto add = [&](commit_seq from, commit_seq to) {
    from = std::max(from, r.from);
    to = std::min(to, r.to);
    if (from <= to) out.push_back({from, to});
  };
  if (r.from > r.to) return out;
  // The tail first: what leaves it meanwhile is in the index by then, and its part is not looked at twice.
  std::vector<range> recent;
  behind_.with_view([&](const ledger_view& view) {
    for (const auto& chunk : view.recent.chunks()) recent.push_back({chunk->first_seq, chunk->last_seq});
  });
  const commit_seq indexed = recent.front().from - 1;
  for (const auto& chunk : store_.chunks(r.from, std::min(r.to, indexed))) {
    if (may_match(*chunk)) add(chunk->first_seq, chunk->last_seq);
  }
  recent.back().to = std::max(recent.back().to, r.to);
  for (const range& chunk : recent) add(chunk.from, chunk.to);
  return out;
}

void query_engine::scan_transfers(tenant_id tenant, const query_record& query, std::vector<transfer_row>& rows,
                                  query_outcome& out) {
  const std::size_t wanted = page_rows(query) + std::size_t{1};
  std::vector<range> pieces = pieces_to_scan(range_of(query, out.sequence),
                                             [&](const storage::chunk_info& chunk) { return chunk.may_match(query); });
  const bool backward = (query.flags & query_flags::backward) != 0;
  if (backward) std::reverse(pieces.begin(), pieces.end());
  // The scan's bound: beyond it the client goes on from the cursor.
  std::uint64_t budget = options_.scan_events_max;
  commit_seq left_at = 0;
  std::vector<range> bounded;
  commit_seq step = first_piece;
  for (range& piece : pieces) {
    // Small pieces first: a page that is full soon looks at little.
    while (piece.from <= piece.to && budget > 0) {
      const std::uint64_t events = std::min({piece.to - piece.from + 1, step, budget});
      bounded.push_back(backward ? range{piece.to - (events - 1), piece.to}
                                 : range{piece.from, piece.from + (events - 1)});
      (backward ? piece.to : piece.from) = backward ? piece.to - events : piece.from + events;
      budget -= events;
      if (step < piece_max) step *= 2;
    }
    if (piece.from > piece.to) continue;
    left_at = backward ? piece.to + 1 : piece.from - 1;
    break;
  }
  const transfer_filter filter(query);
  scan_.run({.tenant = tenant, .filter = &filter, .wanted = wanted, .backward = backward}, bounded, rows);
  finish_page(rows, wanted, out);
  if (!out.more && left_at != 0) {
    out.more = true;
    out.cursor = left_at;
  }
}

}  // namespace payloom::follower
