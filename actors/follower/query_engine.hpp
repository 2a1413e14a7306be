#pragma once
// Answers queries from what the follower has applied. Every query first waits until everything durable at its arrival
// is applied, so it sees at least all that was acknowledged before it, and says at which commit it stands.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "actors/follower/account_lines.hpp"
#include "actors/follower/event_fetcher.hpp"
#include "actors/follower/follower.hpp"
#include "actors/follower/journal_scan.hpp"
#include "actors/follower/order_scan.hpp"

namespace payloom::follower {

/// What a query answers beside its rows. Rows exist only with code ok.
struct query_outcome {
  result_code code =
      result_code::ok;       ///< ok, query_malformed, cursor_malformed, not_found, deadline_exceeded, unavailable
  commit_seq sequence = 0;   ///< the commit at which the answer stands
  std::uint64_t cursor = 0;  ///< with `more`: where the next page begins
  bool more = false;         ///< rows were left
};

struct query_options {
  std::uint32_t rows_max = limits::query_rows_max;  ///< of one page, whatever the query asks
  /// Events read by one page of a filter scan; a page that reaches it ends early with `more`.
  std::uint64_t scan_events_max = 20'000'000;
};

using deadline_time = std::chrono::steady_clock::time_point;

/// For one query thread at a time, beside the follower's own threads. Throws storage_failure on damaged data.
class query_engine {
 public:
  /// All must outlive it.
  query_engine(storage::journal_source& source, follower& behind, const storage::index_store& store,
               event_fetcher& fetcher, query_options options = {});

  /// Rows of the accounts that exist, in the order asked; others are left out. All stand at one commit: also
  /// balances_at.
  query_outcome lookup_accounts(tenant_id tenant, std::span<const id_record> ids, deadline_time deadline,
                                std::vector<account_row>& rows);
  /// Rows of the ids that are executed, refused or sealed transfers, in the order asked; others are left out.
  query_outcome lookup_transfers(tenant_id tenant, std::span<const id_record> ids, deadline_time deadline,
                                 std::vector<transfer_row>& rows);
  /// Accounts in order of creation. Filters: account, ledger, code, user data, time and sequence of creation.
  query_outcome list_accounts(tenant_id tenant, const query_record& query, deadline_time deadline,
                              std::vector<account_row>& rows);
  /// Executed transfers (holds, captures, voids and reversals too) in commit order.
  query_outcome list_transfers(tenant_id tenant, const query_record& query, deadline_time deadline,
                               std::vector<transfer_row>& rows);
  /// Lines that changed the account's posted sums (singles, captures, reversals) in commit order; not_found for an
  /// unknown account. Filters of list_transfers work too; running balances stand where the account has `history`.
  query_outcome statement(tenant_id tenant, const query_record& query, deadline_time deadline,
                          std::vector<statement_row>& rows);

  /// All events of one order, oldest first: of the order with this id, the one that the command or refused command with
  /// this id names, or the one whose posting it is. not_found: none. At most order_rows_max; with
  /// `more`, order_events with this order goes on behind the cursor.
  query_outcome order_timeline(tenant_id tenant, u128 id, deadline_time deadline, std::vector<order_event_row>& rows);
  /// The postings of one event of an order (a command's id) or of all of them (an order's id), oldest first, at
  /// most order_rows_max. not_found: no command with this id is an order's event.
  query_outcome order_postings(tenant_id tenant, u128 id, deadline_time deadline, std::vector<transfer_row>& rows);
  /// Events of orders behind `after` in commit order. Does not wait (order_watch does). The cursor is always where to
  /// go on: everything up to there was looked at.
  query_outcome order_events(tenant_id tenant, const order_event_query& query, deadline_time deadline,
                             std::vector<order_event_row>& rows);

  /// Visits the order events of (after, to] that lie in chunks that `may_match`, oldest first, until `visit` says
  /// false or about scan_events_max events were passed. Returns the commit up to which nothing was left out; it means
  /// nothing after a false. All of the range must be applied.
  commit_seq walk_order_events(commit_seq after, commit_seq to,
                               const std::function<bool(const storage::chunk_info&)>& may_match,
                               const order_scan::visitor& visit);

  /// Newest events of the orders whose payment has an open case, oldest order first; of `query` merchant, limit and
  /// `after` count, which is the cursor: the sequence of an order's first event.
  query_outcome open_cases(tenant_id tenant, const order_event_query& query, deadline_time deadline,
                           std::vector<order_event_row>& rows);
  /// Settlement batches of a merchant, newest first, or the days that are not settled. A page of days is of whole
  /// accounts.
  query_outcome settlements(tenant_id tenant, const settlement_query& query, deadline_time deadline,
                            std::vector<settlement_row>& rows);
  /// The batch of a merchant and ledger through a day into `row`; false when there is none up to `as_of`.
  bool settlement_batch(tenant_id tenant, owner_number merchant, ledger_id ledger, day_number through, commit_seq as_of,
                        settlement_row& row);

 private:
  using range = scan_piece;
  query_outcome arrive(deadline_time deadline);
  /// Checks bounds of the fields that all listing queries share.
  result_code check(const query_record& query) const;
  std::uint32_t page_rows(const query_record& query) const { return std::min(query.limit, options_.rows_max); }
  /// Sequences that ranges, times and cursor leave, up to `applied`.
  range range_of(const query_record& query, commit_seq applied);
  /// First sequence whose timestamp is at or after `time`; applied + 1 when there is none.
  commit_seq first_at(time_ns time, commit_seq applied);
  void transfers_of_account(tenant_id tenant, const query_record& query, std::vector<transfer_row>& rows,
                            query_outcome& out);
  void scan_transfers(tenant_id tenant, const query_record& query, std::vector<transfer_row>& rows, query_outcome& out);
  /// Parts of `r` whose chunks may hold matches, ascending; what is not indexed always may. Chunks are not joined:
  /// their ends are those of groups.
  std::vector<range> pieces_to_scan(range r, const std::function<bool(const storage::chunk_info&)>& may_match);
  /// Calls `take(event, record)` for the executed transfers behind an account's lines that are `wanted`, in order,
  /// until it returns false. Fetches many at once: `rows_left()` is how many more the caller can use.
  struct line_walk {
    range r;
    bool backward = false;
    bool filtered = false;  ///< `take` leaves some out: more are fetched than rows are left
    std::function<bool(const tail_line&)> wanted;
    std::function<std::size_t()> rows_left;
    std::function<bool(const fetched_event&, const transfer_record&)> take;
  };
  void walk_transfers(const account_lines& lines, const line_walk& walk);
  /// `gapless`: no posted line between the first and the last row was left out by a filter.
  void add_running_sums(const account_lines& lines, bool backward, bool gapless, std::vector<statement_row>& rows);
  /// Where an order's events are.
  struct order_place {
    commit_seq created = 0;  ///< its first event; 0 = the id leads to no order
    commit_seq event = 0;    ///< the event that the id itself stands for; 0 = it leads to the order in another way
  };
  static result_code check(const order_event_query& query);
  std::uint32_t order_page_rows() const { return std::min(limits::order_rows_max, options_.rows_max); }
  /// The event that stands under an id (accounts have ids of their own), with its context.
  bool find_event(tenant_id tenant, u128 id, commit_seq as_of, fetched_event& out);
  order_place find_order(tenant_id tenant, u128 id, commit_seq as_of);
  order_event_row order_row_at(commit_seq sequence);
  void events_of_order(const order_event_query& query, commit_seq created, std::size_t page,
                       std::vector<order_event_row>& rows, query_outcome& out);
  void scan_order_events(tenant_id tenant, const order_event_query& query, std::size_t page,
                         std::vector<order_event_row>& rows, query_outcome& out);
  static result_code check(const settlement_query& query);
  void batches_of(tenant_id tenant, const settlement_query& query, std::vector<settlement_row>& rows,
                  query_outcome& out);
  void unsettled_days(tenant_id tenant, const settlement_query& query, std::vector<settlement_row>& rows,
                      query_outcome& out);
  /// What the lines' transfers moved.
  void amounts_of(std::span<const commit_seq> sequences, std::vector<u128>& out);

  storage::journal_source& source_;
  follower& behind_;
  const storage::index_store& store_;
  event_fetcher& fetcher_;
  query_options options_;
  journal_scan scan_;
  order_scan order_scan_;
  std::vector<fetched_event> fetched_;  ///< walk_transfers' scratch
};

}  // namespace payloom::follower
