#include "actors/follower/settlement_audit.hpp"

#include "protocol/types/u128_text.hpp"

namespace payloom::follower {

bool audited_settlement::equals(day_number through, const std::vector<unsettled_day>& other) const {
  if (through != settled_through || other.size() != days.size()) return false;
  auto mine = days.begin();
  for (const unsettled_day& d : other) {
    if (mine->first != d.day || mine->second != d.credits_minor - d.debits_minor) return false;
    ++mine;
  }
  return true;
}

const audited_settlement* settlement_audit::account(tenant_id tenant, u128 id) const {
  const auto it = accounts_.find({tenant, id});
  return it == accounts_.end() ? nullptr : &it->second;
}

void settlement_audit::order(const order_event& event, tenant_id tenant, commit_seq sequence) {
  unit_first_ = sequence + 1;
  unit_last_ = sequence + event.legs;
  unit_day_ = event.order.accounting_date;
  const bool batch = event.order.product == settlement_product && event.order.created_seq == 0;
  batch_day_ = batch ? settlement_through(event.order.business_id) : 0;
  if (batch) check_batch(event.order, tenant, sequence);
}

/// What stands now, without what came behind the commit at which the batch was added up. A second batch of the same
/// money is found here, whatever else went wrong.
void settlement_audit::check_batch(const order_row& order, tenant_id tenant, commit_seq sequence) {
  const key account{tenant, pending_account(order.merchant, order.ledger).value};
  const audited_settlement& sums = accounts_[account];
  const commit_seq as_of = order.user_data_64;
  // Days that were joined are not told apart any more, and what is long ago is forgotten.
  if (as_of + 1 < recent_from_ || sums.days.size() == limits::unsettled_days_max) return;
  u128 stood = 0;
  for (const auto& [day, sum] : sums.days)
    if (day <= batch_day_) stood += sum;
  for (auto it = recent_.rbegin(); it != recent_.rend() && it->sequence > as_of; ++it)
    if (it->account == account && it->day <= batch_day_) stood -= it->amount;
  if (stood == order.amount_minor) return;
  problems_.add("event " + std::to_string(sequence) + ": the settlement batch takes " + to_decimal(order.amount_minor) +
                " of account " + to_hex(account.second) + " of tenant " + std::to_string(tenant) +
                ", where something else stood at event " + std::to_string(as_of));
}

void settlement_audit::add(const key& account, day_number day, u128 amount, commit_seq sequence) {
  recent_.push_back({sequence, account, day, amount});
  if (recent_.size() > recent_max) {
    recent_from_ = recent_.front().sequence + 1;
    recent_.pop_front();
  }
  audited_settlement& to = accounts_[account];
  to.days[day] += amount;
  if (to.days.size() <= limits::unsettled_days_max) return;
  const auto oldest = to.days.begin();
  std::next(oldest)->second += oldest->second;
  to.days.erase(oldest);
}

void settlement_audit::posted(const transfer_record& record, ledger_id ledger, tenant_id tenant, commit_seq sequence,
                              time_ns timestamp) {
  const bool of_order = sequence >= unit_first_ && sequence <= unit_last_;
  const day_number day = of_order ? unit_day_ : utc_day_of(timestamp);
  for (const bool credit : {false, true}) {
    const u128 id = credit ? record.credit_account.value : record.debit_account.value;
    if (hi64(id) != pending_account_prefix(ledger) || record.amount_minor == 0) continue;
    audited_settlement& sums = accounts_[{tenant, id}];
    if (credit) {
      add({tenant, id}, day, record.amount_minor, sequence);
    } else if (!of_order || batch_day_ == 0) {
      add({tenant, id}, day, u128{0} - record.amount_minor, sequence);
    } else {
      // The first leg of a batch moves the day on; its others find it there.
      if (batch_day_ < sums.settled_through || (batch_day_ == sums.settled_through && sequence == unit_first_)) {
        problems_.add("event " + std::to_string(sequence) + ": account " + to_hex(id) + " of tenant " +
                      std::to_string(tenant) + " is settled through day " + std::to_string(batch_day_) +
                      ", but was through " + std::to_string(sums.settled_through) + " before");
      }
      u128 left = u128{0} - record.amount_minor;
      while (!sums.days.empty() && sums.days.begin()->first <= batch_day_) {
        left += sums.days.begin()->second;
        sums.days.erase(sums.days.begin());
      }
      if (left != 0) sums.days[batch_day_] = left;
      sums.settled_through = std::max(sums.settled_through, batch_day_);
    }
  }
}

}  // namespace payloom::follower
