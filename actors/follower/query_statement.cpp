// statement: an account's posted lines with exact running balances.
#include <algorithm>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

namespace {
/// True when attributes, not only ranges and sides, decide which lines are shown.
bool filters(const query_record& query) {
  query_record bare = query;
  bare.account = {};
  transfer_record nothing{};
  return !matches(bare, nothing);
}
}  // namespace

query_outcome query_engine::statement(tenant_id tenant, const query_record& query, deadline_time deadline,
                                      std::vector<statement_row>& rows) {
  rows.clear();
  query_outcome out;
  out.code = check(query);
  if (query.account == account_id{}) out.code = result_code::query_malformed;
  if (out.code != result_code::ok) return out;
  out = arrive(deadline);
  if (out.code != result_code::ok) return out;
  const account_lines lines(behind_, store_, tenant, query.account);
  out.sequence = lines.applied_seq();
  if (!lines.found()) {
    out.code = result_code::not_found;
    return out;
  }
  const range r = range_of(query, out.sequence);
  const std::size_t wanted = page_rows(query) + std::size_t{1};
  const bool backward = (query.flags & query_flags::backward) != 0;
  const std::uint16_t sides = query.flags & (query_flags::debits | query_flags::credits);
  const bool both = sides == 0 || sides == (query_flags::debits | query_flags::credits);
  fetched_event event;
  lines.walk(r.from, r.to, backward, [&](const tail_line& line) {
    if (!line.posted || (!both && line.credit != (sides == query_flags::credits))) return true;
    const bool there = fetcher_.find(line.sequence, event, false);
    const transfer_record* record = there ? executed(event) : nullptr;
    if (record == nullptr) throw storage::storage_failure("index: a line points at no transfer; rebuild the index");
    if (!matches(query, *record)) return true;
    statement_row row{};
    row.record = *record;
    row.sequence = row.cursor = event.sequence;
    row.timestamp = event.timestamp;
    rows.push_back(row);
    return rows.size() < wanted;
  });
  if (rows.size() == wanted) {
    rows.pop_back();
    out.more = true;
    out.cursor = rows.back().cursor;
  }
  if ((lines.row().flags & account_flags::history) != 0)
    add_running_sums(lines, backward, both && !filters(query), rows);
  return out;
}

void query_engine::add_running_sums(const account_lines& lines, bool backward, bool gapless,
                                    std::vector<statement_row>& rows) {
  if (rows.empty()) return;
  fetched_event event;
  const auto amount_of = [&](commit_seq sequence) {
    const bool there = fetcher_.find(sequence, event, false);
    const transfer_record* record = there ? executed(event) : nullptr;
    if (record == nullptr) throw storage::storage_failure("index: a line points at no transfer; rebuild the index");
    return record->amount_minor;
  };
  const account_id id = lines.row().id;
  if (backward) std::reverse(rows.begin(), rows.end());
  account_lines::sums sums = lines.sums_after(rows.front().sequence, amount_of);
  rows.front().debits_posted_after = sums.debits;
  rows.front().credits_posted_after = sums.credits;
  if (gapless) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
      (rows[i].record.credit_account == id ? sums.credits : sums.debits) += rows[i].record.amount_minor;
      rows[i].debits_posted_after = sums.debits;
      rows[i].credits_posted_after = sums.credits;
    }
    if (backward) std::reverse(rows.begin(), rows.end());
    return;
  }
  // Lines that the filters left out move the sums as well.
  std::size_t next = 1;
  if (next < rows.size()) {
    lines.walk(rows.front().sequence + 1, rows.back().sequence, false, [&](const tail_line& line) {
      if (!line.posted) return true;
      const bool shown = next < rows.size() && rows[next].sequence == line.sequence;
      const u128 amount = shown ? rows[next].record.amount_minor : amount_of(line.sequence);
      (line.credit ? sums.credits : sums.debits) += amount;
      if (!shown) return true;
      PAYLOOM_ASSERT((rows[next].record.credit_account == id) == line.credit);
      rows[next].debits_posted_after = sums.debits;
      rows[next].credits_posted_after = sums.credits;
      return ++next < rows.size();
    });
  }
  if (backward) std::reverse(rows.begin(), rows.end());
}

}  // namespace payloom::follower
