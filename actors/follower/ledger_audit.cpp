#include "actors/follower/ledger_audit.hpp"

#include <cstring>
#include <map>

#include "protocol/types/u128_text.hpp"

namespace payloom::follower {

namespace {
std::string at(commit_seq sequence) { return "event " + std::to_string(sequence) + ": "; }
std::string named(tenant_id tenant, u128 id) {
  return "account " + to_hex(id) + " of tenant " + std::to_string(tenant);
}
}  // namespace

const audited_account* ledger_audit::account(tenant_id tenant, u128 id) const {
  const auto it = accounts_.find({tenant, id});
  return it == accounts_.end() ? nullptr : &it->second;
}

void ledger_audit::apply(const storage::run_view& run, std::uint32_t index) {
  const tenant_id tenant = run.context->tenant;
  const commit_seq sequence = run.first_sequence + index;
  const time_ns timestamp = run.first_time + index;
  orders_.apply(run, index);
  switch (run.kind) {
    case storage::run_kind::transfers:
      return transfer(run.events<storage::transfer_event>()[index], tenant, sequence, timestamp, 0, 0);
    case storage::run_kind::resolutions:
    case storage::run_kind::chain: {
      const auto& event = run.events<storage::resolution_event>()[index];
      return transfer(event.record, tenant, sequence, timestamp, event.target_amount_minor, event.target_sequence);
    }
    case storage::run_kind::accounts: {
      const auto& record = run.events<account_record>()[index];
      audited_account account;
      account.ledger = record.ledger;
      account.flags = record.flags;
      account.overdraft_limit_minor = record.overdraft_limit_minor;
      account.ordinal = static_cast<std::uint32_t>(accounts_.size());
      if (!accounts_.emplace(key{tenant, record.id.value}, account).second) {
        problems_.add(at(sequence) + named(tenant, record.id.value) + " is created again");
      }
      return;
    }
    case storage::run_kind::changes: {
      const auto& event = run.events<storage::change_event>()[index];
      const auto it = accounts_.find({tenant, event.record.account.value});
      if (it == accounts_.end()) {
        problems_.add(at(sequence) + named(tenant, event.record.account.value) + " is changed but does not exist");
        return;
      }
      it->second.flags = event.flags_after;
      it->second.overdraft_limit_minor = event.overdraft_limit_after;
      return;
    }
    case storage::run_kind::orders:
      settlements_.order(run.events<order_event>()[index], tenant, sequence);
      return;
    case storage::run_kind::refusals:
    case storage::run_kind::seals:
    case storage::run_kind::payments:
      return;
  }
}

void ledger_audit::transfer(const transfer_record& record, tenant_id tenant, commit_seq sequence, time_ns timestamp,
                            u128 target_amount, commit_seq target) {
  const auto debit = accounts_.find({tenant, record.debit_account.value});
  const auto credit = accounts_.find({tenant, record.credit_account.value});
  if (debit == accounts_.end() || credit == accounts_.end() || debit == credit) {
    problems_.add(at(sequence) + "its accounts do not exist or are the same");
    return;
  }
  if (debit->second.ledger != credit->second.ledger) {
    // Shapes of the ledger are the core's business; sums per ledger only make sense when both sides share one.
    problems_.add(at(sequence) + "its accounts belong to different ledgers");
  }
  account_counters& from = debit->second.counters;
  account_counters& to = credit->second.counters;
  const u128 amount = record.amount_minor;
  if ((record.flags & transfer_flags::hold) != 0) {
    from.debits_pending += amount;
    to.credits_pending += amount;
    holds_.emplace(sequence, storage::open_hold{record, tenant, sequence, timestamp});
    return;
  }
  if ((record.flags & transfer_flags::resolving) != 0) {
    resolve(record, tenant, sequence, target, target_amount, debit->second, credit->second);
    if ((record.flags & transfer_flags::capture) == 0) return;
  } else if ((record.flags & transfer_flags::reversal) != 0) {
    u128& reversed = reversed_[target];
    reversed += amount;
    if (target == 0 || target >= sequence || reversed > target_amount) {
      problems_.add(at(sequence) + "it reverses more than event " + std::to_string(target) + " moved");
    }
  }
  if (!checked_add(from.debits_posted, amount, from.debits_posted) ||
      !checked_add(to.credits_posted, amount, to.credits_posted)) {
    problems_.add(at(sequence) + "a posted sum passes 2^128 - 1");
  }
  settlements_.posted(record, debit->second.ledger, tenant, sequence, timestamp);
}

void ledger_audit::resolve(const transfer_record& record, tenant_id tenant, commit_seq sequence, commit_seq target,
                           u128 target_amount, audited_account& debit, audited_account& credit) {
  const auto it = holds_.find(target);
  if (it == holds_.end()) {
    problems_.add(at(sequence) + "event " + std::to_string(target) + " is no open hold");
    return;
  }
  const transfer_record& hold = it->second.record;
  if (hold.id != record.target_id || hold.amount_minor != target_amount || it->second.tenant != tenant ||
      hold.debit_account != record.debit_account || hold.credit_account != record.credit_account) {
    problems_.add(at(sequence) + "it does not fit the hold at event " + std::to_string(target));
  }
  if ((record.flags & transfer_flags::capture) != 0 && record.amount_minor > hold.amount_minor) {
    problems_.add(at(sequence) + "it captures more than the hold at event " + std::to_string(target));
  }
  debit.counters.debits_pending -= hold.amount_minor;
  credit.counters.credits_pending -= hold.amount_minor;
  holds_.erase(it);
}

void ledger_audit::finish() {
  orders_.finish();
  struct sums {
    u128 debits_posted = 0, credits_posted = 0, debits_pending = 0, credits_pending = 0;
  };
  std::map<std::pair<tenant_id, ledger_id>, sums> ledgers;
  for (const auto& [sequence, hold] : holds_) {
    accounts_.at({hold.tenant, hold.record.debit_account.value}).held_debit += hold.record.amount_minor;
    accounts_.at({hold.tenant, hold.record.credit_account.value}).held_credit += hold.record.amount_minor;
  }
  for (const auto& [where, account] : accounts_) {
    if (account.counters.debits_pending != account.held_debit ||
        account.counters.credits_pending != account.held_credit) {
      problems_.add(named(where.tenant, where.id) + ": pending sums are not those of its open holds");
    }
    sums& ledger = ledgers[{where.tenant, account.ledger}];
    // Modulo 2^128 on both sides: equal sums stay equal.
    ledger.debits_posted += account.counters.debits_posted;
    ledger.credits_posted += account.counters.credits_posted;
    ledger.debits_pending += account.counters.debits_pending;
    ledger.credits_pending += account.counters.credits_pending;
  }
  for (const auto& [which, sum] : ledgers) {
    if (sum.debits_posted == sum.credits_posted && sum.debits_pending == sum.credits_pending) continue;
    problems_.add("ledger " + std::to_string(which.second) + " of tenant " + std::to_string(which.first) +
                  ": debits and credits differ (posted " + to_decimal(sum.debits_posted) + " / " +
                  to_decimal(sum.credits_posted) + ", pending " + to_decimal(sum.debits_pending) + " / " +
                  to_decimal(sum.credits_pending) + ")");
  }
}

}  // namespace payloom::follower
