// list_transfers: by an account's lines, or by scanning the journal past the chunks that cannot match.
#include <algorithm>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

namespace {

constexpr commit_seq backward_window = 65'536;  ///< events read at once when scanning towards older ones

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
  fetched_event event;
  lines.walk(r.from, r.to, (query.flags & query_flags::backward) != 0, [&](const tail_line& line) {
    if ((by_debit && line.credit) || (by_credit && !line.credit)) return true;
    const bool there = fetcher_.find(line.sequence, event, false);
    const transfer_record* record = there ? executed(event) : nullptr;
    if (record == nullptr) throw storage::storage_failure("index: a line points at no transfer; rebuild the index");
    if (matches(query, *record)) rows.push_back(row_of(*record, event.sequence, event.timestamp));
    return rows.size() < wanted;
  });
  finish_page(rows, wanted, out);
}

std::vector<query_engine::range> query_engine::ranges_to_scan(const query_record& query, range r) const {
  std::vector<range> out;
  const auto add = [&](commit_seq from, commit_seq to) {
    from = std::max(from, r.from);
    to = std::min(to, r.to);
    if (from > to) return;
    if (!out.empty() && out.back().to + 1 == from) {
      out.back().to = to;
    } else {
      out.push_back({from, to});
    }
  };
  if (r.from > r.to) return out;
  commit_seq next = r.from;
  for (const auto& chunk : store_.chunks(r.from, r.to)) {
    if (chunk->may_match(query)) add(chunk->first_seq, chunk->last_seq);
    next = chunk->last_seq + 1;
  }
  add(next, r.to);
  return out;
}

commit_seq query_engine::scan_range(tenant_id tenant, const query_record& query, range r, std::size_t wanted,
                                    std::vector<transfer_row>& rows) {
  if (!reader_) reader_ = source_.open_reader(r.from);
  if (!buffers_) buffers_ = std::make_unique<read_ahead_buffers>();
  read_ahead groups(*reader_, *buffers_, r.from, r.to);
  commit_seq last = r.from - 1;
  const auto scan_run = [&](const storage::run_view& run, auto events, auto record_of) {
    const std::uint32_t begin =
        run.first_sequence < r.from ? static_cast<std::uint32_t>(r.from - run.first_sequence) : 0;
    const auto end = static_cast<std::uint32_t>(std::min<commit_seq>(run.count, r.to + 1 - run.first_sequence));
    for (std::uint32_t i = begin; i < end; ++i) {
      const transfer_record& record = record_of(events[i]);
      if (!matches(query, record)) continue;
      rows.push_back(row_of(record, run.first_sequence + i, run.first_time + i));
      if (rows.size() >= wanted) return;
    }
  };
  while (last < r.to && rows.size() < wanted) {
    const storage::group_view group = groups.next();
    if (group.header == nullptr) throw storage::storage_failure("query: an applied event is not in the journal");
    storage::for_each_run(group, [&](const storage::run_view& run) {
      const bool outside = run.first_sequence > r.to || run.first_sequence + run.count <= r.from;
      if (outside || rows.size() >= wanted || run.context->tenant != tenant) return;
      if (run.kind == storage::run_kind::transfers) {
        scan_run(run, run.events<storage::transfer_event>(), [](const auto& e) -> const transfer_record& { return e; });
      } else if (run.kind == storage::run_kind::resolutions || run.kind == storage::run_kind::chain) {
        scan_run(run, run.events<storage::resolution_event>(),
                 [](const auto& e) -> const transfer_record& { return e.record; });
      }
    });
    last = std::max(last, group.header->base_sequence + group.header->event_count - 1);
  }
  return std::min(last, r.to);
}

void query_engine::scan_transfers(tenant_id tenant, const query_record& query, std::vector<transfer_row>& rows,
                                  query_outcome& out) {
  const std::size_t wanted = page_rows(query) + std::size_t{1};
  std::vector<range> ranges = ranges_to_scan(query, range_of(query, out.sequence));
  std::uint64_t budget = options_.scan_events_max;
  const bool backward = (query.flags & query_flags::backward) != 0;
  if (backward) std::reverse(ranges.begin(), ranges.end());
  std::vector<transfer_row> found;
  for (range& r : ranges) {
    while (r.from <= r.to && rows.size() < wanted) {
      if (budget == 0) {
        // The scan's bound: the client goes on from here.
        out.more = true;
        out.cursor = backward ? r.to + 1 : r.from - 1;
        return;
      }
      range part = r;
      if (backward) {
        part.from = std::max(r.from, r.to - std::min({r.to, backward_window - 1, budget - 1}));
        found.clear();
        scan_range(tenant, query, part, ~std::size_t{0}, found);
        const std::size_t take = std::min(found.size(), wanted - rows.size());
        rows.insert(rows.end(), found.rbegin(), found.rbegin() + static_cast<std::ptrdiff_t>(take));
        budget -= std::min(budget, part.to - part.from + 1);
        r.to = part.from - 1;
      } else {
        part.to = std::min(r.to, r.from + (budget - 1));
        const commit_seq last = scan_range(tenant, query, part, wanted, rows);
        budget -= std::min(budget, last - part.from + 1);
        r.from = last + 1;
      }
    }
    if (rows.size() >= wanted) break;
  }
  finish_page(rows, wanted, out);
}

}  // namespace payloom::follower
