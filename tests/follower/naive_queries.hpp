#pragma once
// Every query answered the slow, obvious way from the naive record.
#include <algorithm>
#include <vector>

#include "tests/follower/random_history.hpp"

namespace payloom::testing {

inline bool naive_match(const query_record& q, const model_event& e) {
  const transfer_record& r = e.record;
  bool yes = e.sequence >= q.sequence_from && (q.sequence_to == 0 || e.sequence <= q.sequence_to);
  yes = yes && e.timestamp >= q.time_from && (q.time_to == 0 || e.timestamp <= q.time_to);
  yes = yes && (q.account.value == 0 || r.debit_account == q.account || r.credit_account == q.account);
  yes = yes && (q.debit_account.value == 0 || r.debit_account == q.debit_account);
  yes = yes && (q.credit_account.value == 0 || r.credit_account == q.credit_account);
  yes = yes && (q.user_data_128 == 0 || r.user_data_128 == q.user_data_128);
  yes = yes && (q.user_data_64 == 0 || r.user_data_64 == q.user_data_64);
  yes = yes && (q.user_data_32 == 0 || r.user_data_32 == q.user_data_32);
  yes = yes && (q.ledger == 0 || r.ledger == q.ledger) && (q.code == 0 || r.code == q.code);
  return yes && (r.flags & q.transfer_flags_set) == q.transfer_flags_set;
}

inline transfer_row naive_row(const model_event& e) {
  transfer_row row{};
  row.record = e.record;
  row.sequence = e.sequence;
  row.timestamp = e.timestamp;
  row.resolved_by = e.resolved_by;
  row.code = e.code;
  row.state = static_cast<std::uint16_t>(e.state);
  row.reversed_minor = e.reversed;
  return row;
}

inline std::vector<transfer_row> naive_transfers(const random_history& h, tenant_id tenant, const query_record& q) {
  std::vector<transfer_row> rows;
  for (const model_event& e : h.events()) {
    if (e.is_transfer && e.tenant == tenant && naive_match(q, e)) rows.push_back(naive_row(e));
  }
  if ((q.flags & query_flags::backward) != 0) std::reverse(rows.begin(), rows.end());
  return rows;
}

inline std::vector<statement_row> naive_statement(const random_history& h, tenant_id tenant, const query_record& q) {
  std::vector<statement_row> rows;
  const bool sums = (h.account(tenant, q.account.value)->flags & account_flags::history) != 0;
  const bool debits = (q.flags & query_flags::debits) != 0, credits = (q.flags & query_flags::credits) != 0;
  u128 debited = 0, credited = 0;
  for (const model_event& e : h.events()) {
    const bool posts = e.is_transfer && (e.record.flags & (transfer_flags::hold | transfer_flags::void_hold)) == 0;
    const bool debit = e.record.debit_account == q.account, credit = e.record.credit_account == q.account;
    if (!posts || e.tenant != tenant || (!debit && !credit)) continue;
    (debit ? debited : credited) += e.record.amount_minor;
    if (!naive_match(q, e) || (debits != credits && debit != debits)) continue;
    statement_row row{};
    row.record = e.record;
    row.sequence = row.cursor = e.sequence;
    row.timestamp = e.timestamp;
    row.debits_posted_after = sums ? debited : 0;
    row.credits_posted_after = sums ? credited : 0;
    rows.push_back(row);
  }
  if ((q.flags & query_flags::backward) != 0) std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace payloom::testing
