#pragma once
// Queries of order events that found nothing yet and wait for the first match. All of them are served by one walk over
// what was applied since.
#include <functional>
#include <vector>

#include "actors/follower/order_scan.hpp"
#include "actors/follower/query_engine.hpp"

namespace payloom::follower {

/// One thread at a time, that of the queries. Never waits itself: `look` is called now and then.
class order_watch {
 public:
  static constexpr std::size_t waiting_max = 256;
  /// Events looked at by one call of `look`: other queries stand behind it.
  static constexpr std::uint64_t look_events_max = 200'000;

  /// Both must outlive it.
  order_watch(storage::journal_source& source, follower& behind) : behind_(behind), scan_(source) {}

  struct waiting {
    void* asker = nullptr;  ///< the caller's own
    tenant_id tenant = 0;
    order_event_query query{};
    commit_seq seen = 0;  ///< nothing up to here matches
    deadline_time until{};
  };
  /// False when waiting_max wait already: answer at once.
  bool add(const waiting& one);
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }

  using answer = std::function<void(void* asker, const query_outcome& out, std::vector<order_event_row>& rows)>;
  /// Looks at what was applied since the last time and answers those who have rows and those whose time is over at
  /// `now`, these without rows. An outcome's cursor is where to go on. Throws storage_failure.
  void look(deadline_time now, const answer& done);
  /// Answers all that are left, without rows.
  void end_all(const answer& done) { look(deadline_time::max(), done); }

 private:
  struct entry {
    waiting who;
    std::vector<order_event_row> rows;
    bool full = false;
  };
  void scan_to(commit_seq from, commit_seq to);

  follower& behind_;
  order_scan scan_;
  std::vector<entry> waiting_;
};

}  // namespace payloom::follower
