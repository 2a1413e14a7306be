#pragma once
// What merchants have earned and not got, added up once more in the plainest way for `verify`, with nothing of the
// projection: and that every batch took exactly what stood at the commit it names, and batches of a merchant only go
// forward.
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/follower/problem_list.hpp"
#include "actors/follower/unsettled.hpp"
#include "protocol/types/records.hpp"

namespace payloom::follower {

/// One merchant's pending account.
struct audited_settlement {
  day_number settled_through = 0;
  std::map<day_number, u128> days;  ///< credits - debits modulo 2^128
  /// Says the same as these sums?
  bool equals(day_number through, const std::vector<unsettled_day>& other) const;
};

class settlement_audit {
 public:
  using key = std::pair<tenant_id, u128>;
  explicit settlement_audit(problem_list& problems) : problems_(problems) {}

  /// An order's event, before its postings.
  void order(const order_event& event, tenant_id tenant, commit_seq sequence);
  /// A transfer that changed the posted sums of its accounts, of this ledger.
  void posted(const transfer_record& record, ledger_id ledger, tenant_id tenant, commit_seq sequence,
              time_ns timestamp);

  const audited_settlement* account(tenant_id tenant, u128 id) const;
  const std::map<key, audited_settlement>& accounts() const { return accounts_; }

 private:
  /// A posting to some merchant's pending account.
  struct recent_posting {
    commit_seq sequence = 0;
    key account;
    day_number day = 0;
    u128 amount = 0;  ///< negative ones modulo 2^128
  };
  static constexpr std::size_t recent_max = 1u << 16;

  void add(const key& account, day_number day, u128 amount, commit_seq sequence);
  void check_batch(const order_row& order, tenant_id tenant, commit_seq sequence);

  problem_list& problems_;
  std::map<key, audited_settlement> accounts_;
  std::deque<recent_posting> recent_;          ///< the newest: batches were added up a little before they were made
  commit_seq recent_from_ = 1;                 ///< it has everything from here on
  commit_seq unit_first_ = 1, unit_last_ = 0;  ///< the postings of the newest order event
  day_number unit_day_ = 0;
  day_number batch_day_ = 0;  ///< 0: it is no settlement batch
};

}  // namespace payloom::follower
