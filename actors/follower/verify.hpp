#pragma once
// `verify`: the books added up again from the journal and compared with the follower's balances and with the index.
// Offline on a data directory (a recovered follower) and online beside a live one: reads only, at one commit.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/follower/follower.hpp"
#include "actors/follower/index_audit.hpp"
#include "actors/follower/ledger_audit.hpp"

namespace payloom::follower {

struct verify_report {
  commit_seq as_of = 0;        ///< the commit at which all of this holds
  commit_seq indexed_seq = 0;  ///< the index was checked up to here
  std::uint64_t events = 0, accounts = 0, open_holds = 0, open_orders = 0, ids = 0, lines = 0, links = 0;
  problem_list problems;
  bool good() const { return problems.count == 0; }
};

/// Checks: sums per ledger; pending sums against open holds; each hold resolved once and for no more than it held; each
/// transfer reversed for no more than it moved; every balance, flag and limit of `behind` against the replayed journal;
/// every id, line, link, running sum, account state, open hold and open order of `store` against the
/// journal; each order's events against each other, and its postings against them.
/// Memory: about 250 bytes an account, 250 an open hold, 140 an order that is not in a final state. Throws
/// storage_failure when the journal cannot be read. `stop` (may be empty) is asked now and then; true ends the check
/// with a problem that says so.
verify_report verify(storage::journal_source& source, follower& behind, const storage::index_store& store,
                     const std::function<bool()>& stop = {});

/// The rows that another holder of balances (the shards, at a marker) has at commit `as_of`, against the journal's.
/// Rows may be in any order; each account must be there once.
void compare_balances(const ledger_audit& books, const std::vector<std::pair<tenant_id, account_row>>& rows,
                      const char* whose, problem_list& problems);

/// The journal's own sums up to `through`, for compare_balances.
void replay(storage::journal_source& source, commit_seq through, ledger_audit& books);

}  // namespace payloom::follower
