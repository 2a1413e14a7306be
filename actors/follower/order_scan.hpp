#pragma once
// Walks the journal for events of orders. Runs of other kinds are passed over by their headers.
#include <functional>
#include <memory>

#include "storage/codec/group_reader.hpp"
#include "storage/ports.hpp"

namespace payloom::follower {

/// One thread at a time. Holds a journal reader (about 5 MiB) from its first use on; going on where the last walk ended
/// is quickest.
class order_scan {
 public:
  /// `source` must outlive it.
  explicit order_scan(storage::journal_source& source) : source_(source) {}

  /// Called with the run, the event's index in it and its payment (nullptr: it has none); false ends the walk.
  using visitor = std::function<bool(const storage::run_view& run, std::uint32_t index, const payment_row* payment)>;
  /// Visits the order events of [from, to] in commit order; all must be durable. Throws storage_failure.
  void run(commit_seq from, commit_seq to, const visitor& visit);

 private:
  void load(commit_seq sequence);

  storage::journal_source& source_;
  std::unique_ptr<storage::journal_reader> reader_;
  storage::group_view group_;   ///< the reader's last
  commit_seq reader_next_ = 0;  ///< first sequence behind it
};

/// The event as queries show it.
order_event_row row_of(const storage::run_view& run, std::uint32_t index, const payment_row* payment);
/// All that `query` asks but the sequence. Context and root are those of the event's frame; those of the frame that
/// made the order count as well, so that what the server does by itself (timers, facts) is found, too (SG-1).
bool matches(const order_event_query& query, const order_event& event, u128 context_id, u128 root_id);
/// What the event's frame said of itself.
void set_context(order_event_row& row, const storage::context_entry& context);

}  // namespace payloom::follower
