#include "tests/crash/money_book.hpp"

#include <algorithm>

#include "protocol/types/u128_text.hpp"

namespace payloom::crash {
namespace {

std::string text_of(const account_counters& c) {
  return "posted " + to_decimal(c.debits_posted) + "/" + to_decimal(c.credits_posted) + " pending " +
         to_decimal(c.debits_pending) + "/" + to_decimal(c.credits_pending);
}

}  // namespace

void money_book::open(const account_record& opened) {
  account& a = accounts_[key(opened.id.value)];  // another worker's log may have paid from it already
  a.opened = opened;
  a.flags = opened.flags;
  a.limit = opened.overdraft_limit_minor;
}

void money_book::book(const transfer_record& t, time_ns timestamp) {
  if ((t.flags & transfer_flags::resolving) != 0) {
    resolutions_.push_back(t);
  } else if ((t.flags & transfer_flags::hold) != 0) {
    accounts_[key(t.debit_account.value)].counters.debits_pending += t.amount_minor;
    accounts_[key(t.credit_account.value)].counters.credits_pending += t.amount_minor;
    holds_[key(t.id.value)] = {t, timestamp};
  } else {
    post(t.debit_account, t.credit_account, t.amount_minor);  // the load's reversals name their accounts and amount
  }
}

void money_book::book(const account_change_record& change, commit_seq sequence) {
  changes_.push_back({sequence, change});
}

void money_book::settle() {
  for (const transfer_record& t : resolutions_) resolve(t);
  resolutions_.clear();
  std::sort(changes_.begin(), changes_.end(),
            [](const booked_change& a, const booked_change& b) { return a.sequence < b.sequence; });
  for (const booked_change& c : changes_) apply(c.record);
  changes_.clear();
}

void money_book::post(account_id debit, account_id credit, u128 amount) {
  accounts_[key(debit.value)].counters.debits_posted += amount;
  accounts_[key(credit.value)].counters.credits_posted += amount;
}

void money_book::release(const hold& held) {
  accounts_[key(held.record.debit_account.value)].counters.debits_pending -= held.record.amount_minor;
  accounts_[key(held.record.credit_account.value)].counters.credits_pending -= held.record.amount_minor;
}

void money_book::resolve(const transfer_record& by) {
  const auto at = holds_.find(key(by.target_id.value));
  if (at == holds_.end()) {
    return verdict_.problem(verdict_.duplicated, "hold " + to_hex(by.target_id.value) + " was resolved twice, now by " +
                                                     to_hex(by.id.value));
  }
  const transfer_record& t = at->second.record;
  release(at->second);
  if ((by.flags & transfer_flags::capture) != 0) {
    post(t.debit_account, t.credit_account, by.amount_minor == u128_max ? t.amount_minor : by.amount_minor);
  }
  holds_.erase(at);
}

void money_book::expire(transfer_id id) {
  const auto at = holds_.find(key(id.value));
  release(at->second);
  holds_.erase(at);
}

void money_book::apply(const account_change_record& c) {
  account& a = accounts_[key(c.account.value)];
  const auto bits = [&](std::uint16_t set, std::uint16_t clear) {
    a.flags = static_cast<std::uint16_t>((a.flags | set) & ~clear);
  };
  switch (c.kind) {
    case account_change_kind::set_flags:
      return bits(c.flags, 0);
    case account_change_kind::clear_flags:
      return bits(0, c.flags);
    case account_change_kind::set_limit:
      a.limit = c.overdraft_limit_minor;
      return;
    case account_change_kind::close:
      return bits(account_flags::closed, 0);
    case account_change_kind::reopen:
      return bits(0, account_flags::closed);
  }
}

std::vector<transfer_id> money_book::timed_holds() const {
  std::vector<transfer_id> out;
  for (const auto& [id, h] : holds_) {
    if (h.record.timeout_s != 0) out.push_back(h.record.id);
  }
  return out;
}

time_ns money_book::runs_out(transfer_id id) const {
  const hold& h = holds_.at(key(id.value));
  return h.timestamp + time_ns{h.record.timeout_s} * 1'000'000'000u;
}

std::vector<id_record> money_book::account_ids() const {
  std::vector<id_record> out;
  for (const auto& [id, a] : accounts_) out.push_back({a.opened.id.value});
  return out;
}

void money_book::compare(std::span<const account_row> rows) {
  std::map<ledger_id, account_counters> sums;
  std::size_t seen = 0;
  for (const account_row& row : rows) {
    const auto at = accounts_.find(key(row.id.value));
    if (at == accounts_.end()) {
      verdict_.problem(verdict_.wrong, "an account that nobody opened: " + to_hex(row.id.value));
      continue;
    }
    ++seen;
    compare_one(at->second, row);
    account_counters& sum = sums[row.ledger];
    sum.debits_posted += row.counters.debits_posted;
    sum.credits_posted += row.counters.credits_posted;
    sum.debits_pending += row.counters.debits_pending;
    sum.credits_pending += row.counters.credits_pending;
  }
  if (seen != accounts_.size()) {
    verdict_.problem(verdict_.lost, std::to_string(accounts_.size() - seen) + " accounts are missing");
  }
  for (const auto& [ledger, sum] : sums) {
    if (sum.debits_posted != sum.credits_posted || sum.debits_pending != sum.credits_pending) {
      verdict_.problem(verdict_.wrong, "ledger " + std::to_string(ledger) + " does not balance: " + text_of(sum));
    }
  }
}

void money_book::compare_one(const account& mine, const account_row& row) {
  const std::string who = "account " + to_hex(row.id.value);
  if (!(mine.counters == row.counters)) {
    verdict_.problem(verdict_.wrong,
                     who + " has " + text_of(row.counters) + ", the books say " + text_of(mine.counters));
  }
  if (mine.flags != row.flags || mine.limit != row.overdraft_limit_minor) {
    verdict_.problem(verdict_.wrong, who + " has flags " + std::to_string(row.flags) + " and limit " +
                                         to_decimal(row.overdraft_limit_minor) + ", the books say " +
                                         std::to_string(mine.flags) + " and " + to_decimal(mine.limit));
  }
  if (mine.opened.ledger != row.ledger || mine.opened.code != row.code ||
      mine.opened.user_data_64 != row.user_data_64) {
    verdict_.problem(verdict_.wrong, who + " was opened with other content");
  }
}

}  // namespace payloom::crash
