#include "actors/follower/verify.hpp"

#include "protocol/types/u128_text.hpp"

namespace payloom::follower {

namespace {

using rows_of_all = std::vector<std::pair<tenant_id, account_row>>;

/// What merchants have not got, as the follower has it.
struct pending_sums {
  tenant_id tenant = 0;
  u128 account = 0;
  day_number settled_through = 0;
  std::vector<unsettled_day> days;
  u128 balance = 0;  ///< credits - debits, modulo 2^128
};

std::vector<pending_sums> capture_pending(const ledger_view& view) {
  std::vector<pending_sums> out;
  const unsettled_table& all = view.books.unsettled();
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const account_slot& slot = view.accounts.row(all.at(i).ordinal);
    out.push_back({slot.tenant, slot.id, all.at(i).sums.settled_through(), all.at(i).sums.days(),
                   slot.credits_posted - slot.debits_posted});
  }
  return out;
}

rows_of_all capture(follower& behind, commit_seq& as_of, std::vector<pending_sums>& pending) {
  rows_of_all rows;
  behind.with_view([&](const ledger_view& view) {
    as_of = view.applied_seq;
    pending = capture_pending(view);
    rows.reserve(view.accounts.size());
    for (std::uint32_t i = 0; i < view.accounts.size(); ++i) {
      rows.emplace_back(view.accounts.row(i).tenant, show(view.accounts, i, as_of));
    }
  });
  return rows;
}

/// Every merchant's unsettled days are those of the journal, and their sum is the account's balance.
void compare_pending(const ledger_audit& books, const std::vector<pending_sums>& pending, problem_list& problems) {
  for (const pending_sums& p : pending) {
    const std::string name = "follower: account " + to_hex(p.account) + " of tenant " + std::to_string(p.tenant);
    const audited_settlement* audited = books.settlements().account(p.tenant, p.account);
    if (audited == nullptr || !audited->equals(p.settled_through, p.days)) {
      problems.add(name + ": the days that are not settled differ from the journal's");
    }
    u128 sum = 0;
    for (const unsettled_day& d : p.days) sum += d.credits_minor - d.debits_minor;
    if (sum != p.balance) problems.add(name + ": the days that are not settled do not add up to its balance");
  }
  if (pending.size() != books.settlements().accounts().size()) {
    problems.add("follower: " + std::to_string(pending.size()) +
                 " merchants' accounts have days that are not settled, "
                 "the journal has " +
                 std::to_string(books.settlements().accounts().size()));
  }
}

/// Every event of the journal up to `through`, in order, until `visit(run, index)` returns false.
template <class Visit>
void for_each_journal_event(storage::journal_source& source, commit_seq through, Visit&& visit) {
  const auto reader = source.open_reader(1);
  commit_seq next = 1;
  while (next <= through) {
    const storage::group_view group = reader->next();
    if (group.header == nullptr || (group.header->event_count != 0 && group.header->base_sequence != next)) {
      throw storage::storage_failure("verify: event " + std::to_string(next) + " is not in the journal");
    }
    storage::run_cursor runs(group);
    storage::run_view run;
    while (runs.next(run)) {
      for (std::uint32_t i = 0; i < run.count && run.first_sequence + i <= through; ++i) {
        if (!visit(run, i)) return;
      }
    }
    next += group.header->event_count;
  }
}

}  // namespace

void compare_balances(const ledger_audit& books, const rows_of_all& rows, const char* whose, problem_list& problems) {
  for (const auto& [tenant, row] : rows) {
    const std::string name =
        std::string(whose) + ": account " + to_hex(row.id.value) + " of tenant " + std::to_string(tenant);
    const audited_account* account = books.account(tenant, row.id.value);
    if (account == nullptr) {
      problems.add(name + " is not in the journal");
    } else if (!(account->counters == row.counters)) {
      problems.add(name + ": balances differ from the journal's postings (debits posted " +
                   to_decimal(row.counters.debits_posted) + " instead of " +
                   to_decimal(account->counters.debits_posted) + ", credits posted " +
                   to_decimal(row.counters.credits_posted) + " instead of " +
                   to_decimal(account->counters.credits_posted) + ")");
    } else if (account->flags != row.flags || account->overdraft_limit_minor != row.overdraft_limit_minor) {
      problems.add(name + ": flags or limit differ from the journal's");
    }
  }
  if (rows.size() != books.accounts().size()) {
    problems.add(std::string(whose) + ": " + std::to_string(rows.size()) + " accounts, the journal has " +
                 std::to_string(books.accounts().size()));
  }
}

void replay(storage::journal_source& source, commit_seq through, ledger_audit& books) {
  for_each_journal_event(source, through, [&](const storage::run_view& run, std::uint32_t i) {
    books.apply(run, i);
    return true;
  });
}

verify_report verify(storage::journal_source& source, follower& behind, const storage::index_store& store,
                     const std::function<bool()>& stop) {
  verify_report report;
  index_audit index(store);
  std::vector<pending_sums> pending;
  const rows_of_all rows = capture(behind, report.as_of, pending);
  report.indexed_seq = index.reach();
  ledger_audit books(report.problems);
  if (index.reach() > report.as_of) {
    report.problems.add("index: it reaches event " + std::to_string(index.reach()) + " but only " +
                        std::to_string(report.as_of) + " are applied");
    return report;
  }
  bool stopped = false;
  for_each_journal_event(source, report.as_of, [&](const storage::run_view& run, std::uint32_t i) {
    const commit_seq sequence = run.first_sequence + i;
    books.apply(run, i);
    index.apply(run, i, books);
    if (sequence == index.snapshot()) index.compare_states(books, report.problems);
    if (sequence == index.reach()) {
      index.compare_holds(books, report.problems);
      index.compare_orders(books.orders(), report.problems);
    }
    stopped = (++report.events & 0xffff) == 0 && stop && stop();
    return !stopped;
  });
  if (stopped) {
    report.problems.add("verify: stopped after event " + std::to_string(report.events));
    return report;
  }
  books.finish();
  compare_balances(books, rows, "follower", report.problems);
  compare_pending(books, pending, report.problems);
  index.finish(report.problems);
  report.accounts = books.accounts().size();
  report.open_holds = books.open_holds().size();
  report.open_orders = books.orders().resident();
  report.ids = index.found().ids;
  report.lines = index.found().lines;
  report.links = index.found().links;
  return report;
}

}  // namespace payloom::follower
