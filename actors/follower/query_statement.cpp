// statement: an account's posted lines with exact running balances.
#include <algorithm>

#include "actors/follower/query_engine.hpp"
#include "actors/follower/transfer_rows.hpp"

namespace payloom::follower {

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
  rows.reserve(wanted);
  const bool backward = (query.flags & query_flags::backward) != 0;
  const std::uint16_t sides = query.flags & (query_flags::debits | query_flags::credits);
  const bool both = sides == 0 || sides == (query_flags::debits | query_flags::credits);
  query_record attributes = query;
  attributes.account = {};  // its lines are walked
  const transfer_filter filter(attributes);
  walk_transfers(lines, {.r = r,
                         .backward = backward,
                         .filtered = !filter.passes_all(),
                         .wanted =
                             [&](const tail_line& line) {
                               return line.posted && (both || line.credit == (sides == query_flags::credits));
                             },
                         .rows_left = [&] { return wanted - rows.size(); },
                         .take =
                             [&](const fetched_event& event, const transfer_record& record) {
                               if (!filter.matches(record)) return true;
                               statement_row row{};
                               row.record = record;
                               row.sequence = row.cursor = event.sequence;
                               row.timestamp = event.timestamp;
                               rows.push_back(row);
                               return rows.size() < wanted;
                             }});
  if (rows.size() == wanted) {
    rows.pop_back();
    out.more = true;
    out.cursor = rows.back().cursor;
  }
  if ((lines.row().flags & account_flags::history) != 0)
    add_running_sums(lines, backward, both && filter.passes_all(), rows);
  return out;
}

void query_engine::add_running_sums(const account_lines& lines, bool backward, bool gapless,
                                    std::vector<statement_row>& rows) {
  if (rows.empty()) return;
  const account_id id = lines.row().id;
  const account_lines::amounts amounts = [this](std::span<const commit_seq> sequences, std::vector<u128>& out) {
    amounts_of(sequences, out);
  };
  // From the first row shown, whichever way they go: of the newest page that is the account's present sums.
  account_lines::sums sums = lines.sums_after(rows.front().sequence, amounts);
  const auto show = [&](statement_row& row) {
    row.debits_posted_after = sums.debits;
    row.credits_posted_after = sums.credits;
  };
  show(rows.front());
  const auto side = [&](const statement_row& row) -> u128& {
    return row.record.credit_account == id ? sums.credits : sums.debits;
  };
  if (gapless) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (backward) {
        side(rows[i - 1]) -= rows[i - 1].record.amount_minor;
      } else {
        side(rows[i]) += rows[i].record.amount_minor;
      }
      show(rows[i]);
    }
    return;
  }
  // Lines that the filters left out move the sums as well.
  if (backward) {
    std::reverse(rows.begin(), rows.end());
    sums = lines.sums_after(rows.front().sequence, amounts);
    show(rows.front());
  }
  std::size_t next = 1;
  lines.walk_amounts(rows.front().sequence + 1, rows.back().sequence, amounts, [&](const tail_line& line, u128 amount) {
    (line.credit ? sums.credits : sums.debits) += amount;
    if (rows[next].sequence != line.sequence) return;
    PAYLOOM_ASSERT((rows[next].record.credit_account == id) == line.credit);
    show(rows[next++]);
  });
  if (backward) std::reverse(rows.begin(), rows.end());
}

}  // namespace payloom::follower
