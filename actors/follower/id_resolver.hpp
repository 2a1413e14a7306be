#pragma once
// What stands under ids that were used before: for order shards (effect `load`), on a reader's thread.
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "actors/follower/event_fetcher.hpp"
#include "actors/follower/follower.hpp"

namespace payloom::follower {

struct id_request {
  tenant_id tenant = 0;
  u128 id = 0;
  commit_seq sequence = 0;  ///< where it stands, if the asker knows; 0 = look it up
};

struct id_answer {
  bool found = false;           ///< false: nothing durable has this id
  fetched_event event{};        ///< sequence, timestamp, kind and the bytes of the event
  storage::link_state links{};  ///< what events up to the answer's sequence did to it
  /// An order's own id: the order's newest event.
  std::shared_ptr<const storage::open_order> order;
};

enum class resolve_status { ok, late, failed };

/// One thread at a time; each thread makes its own with its own fetcher. Throws storage_failure on damaged data.
class id_resolver {
 public:
  id_resolver(storage::journal_source& source, follower& behind, const storage::index_store& store,
              event_fetcher& fetcher)
      : source_(source), behind_(behind), store_(store), fetcher_(fetcher) {}

  /// Fills answers[i] for requests[i] with what holds at `as_of`, which is at least what was durable on entry. late:
  /// that was not applied by the deadline; failed: the follower stopped (nothing is filled in).
  resolve_status resolve(std::span<const id_request> requests, std::span<id_answer> answers,
                         std::chrono::steady_clock::time_point deadline, commit_seq& as_of);

 private:
  std::shared_ptr<const storage::open_order> newest_event(const id_answer& answer);

  storage::journal_source& source_;
  follower& behind_;
  const storage::index_store& store_;
  event_fetcher& fetcher_;
};

/// The id an event stands under; 0 for accounts, which have ids of their own.
u128 id_of(const fetched_event& event);

}  // namespace payloom::follower
