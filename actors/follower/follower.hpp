#pragma once
// The follower of one partition (architecture.md section 4). Stage 1 reads groups behind the writer and applies them to
// the projection and the tail; stage 2, at the lowest priority, turns full chunks of the tail into index runs. Queries
// see everything applied: indexed parts in the store, the rest in the tail.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "actors/follower/case_list.hpp"
#include "actors/follower/group_feed.hpp"
#include "actors/follower/index_builder.hpp"
#include "actors/follower/projection.hpp"
#include "actors/follower/recovery_visitor.hpp"
#include "actors/follower/turn_lock.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::follower {

struct follower_options {
  std::uint32_t chunk_events = 262'144;        ///< events of an index run (1 .. tail::chunk_events_max)
  std::uint64_t lag_events_max = 16'000'000;   ///< stage 1 stops this far ahead of the index: 32 bytes each
  std::size_t handover_bytes_max = 32u << 20;  ///< groups handed over in memory and not applied yet
  std::uint32_t slice_events = 2048;           ///< events applied per turn of the lock
  std::uint32_t idle_chunk_events = 16'384;    ///< after idle_close a chunk of this many is closed early
  std::chrono::milliseconds idle_close{250};
  std::chrono::milliseconds no_space_retry{1000};
  bool read_sleep_short = true;  ///< poll the journal every ms instead of every 20 when idle
  /// A thread cannot go on (journal damaged or contradicting itself). Called once from that thread.
  std::function<void(const std::string& what)> on_failure;
};

struct follower_stats {
  commit_seq applied_seq = 0, indexed_seq = 0, snapshot_seq = 0;
  std::uint64_t accounts = 0;
  std::uint64_t apply_cpu_ns = 0, index_cpu_ns = 0;  ///< CPU time of stage 1's and stage 2's threads in their work
  std::uint64_t chunks_indexed = 0;
  std::size_t memory_bytes = 0;  ///< projection and tail
  bool index_out_of_space = false;
  std::size_t open_cases = 0;  ///< payments that people must look at
};

/// What a query may look at while it holds the lock.
struct ledger_view {
  const account_table& accounts;
  const class tail& recent;
  const projection& books;  ///< for what merchants have not got yet
  commit_seq applied_seq;   ///< everything up to here is in `accounts`, and in the index or `recent`
  commit_seq index_reach;   ///< the part below recent: use the index up to here only
  const case_list& cases;
};

/// Thread-safe except recover, start and stop, which belong to the owner.
class follower {
 public:
  /// `source` and `store` must outlive it.
  follower(storage::journal_source& source, storage::index_store& store, follower_options options = {});
  ~follower();
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;

  /// Before start: loads the snapshot and replays the journal to its durable end, telling `visitor` (may be nullptr)
  /// what the shards need. Throws storage_failure, projection_fault.
  recovery_report recover(recovery_visitor* visitor);
  /// Starts both stages. Requires recover.
  void start();
  /// Stops both stages after the slice and the chunk in hand; nothing is lost, a restart replays. Idempotent.
  void stop();

  /// A group that became durable, from the writer's thread; never blocks. `group` must start at a group header and be
  /// aligned to 16 bytes. Optional: what is not offered is read from the journal.
  void offer(std::shared_ptr<const std::byte> group, std::size_t bytes);

  commit_seq applied_seq() const { return applied_seq_.load(std::memory_order_acquire); }
  commit_seq indexed_seq() const { return store_.indexed_seq(); }
  /// The newest event of an order among what was applied since the start; 0 = none. Who reads applied_seq() first and
  /// this then knows of every order event up to there.
  commit_seq newest_order_event() const { return newest_order_event_.load(std::memory_order_acquire); }
  /// Durable events that are not indexed yet: admission slows when this nears lag_events_max.
  std::uint64_t lag_events() const;
  /// Waits until `sequence` is applied; false at the deadline or after a failure.
  bool wait_applied(commit_seq sequence, std::chrono::steady_clock::time_point deadline);
  /// Waits until `sequence` is indexed, closing the chunk early for it; false at the deadline or after a failure.
  bool flush_index(commit_seq sequence, std::chrono::steady_clock::time_point deadline);

  /// Calls `look(const ledger_view&)` with stage 1 held: memory work only, briefly.
  template <class Look>
  auto with_view(Look&& look) {
    const std::lock_guard lock(turn_);
    return look(ledger_view{projection_.accounts(), tail_, projection_, applied_seq_.load(std::memory_order_relaxed),
                            tail_.first_sequence() - 1, cases_});
  }
  follower_stats stats();
  /// Empty, or why a stage stopped.
  std::string failure() const;

 private:
  void run_stage_1();
  void run_stage_2();
  bool apply_next();
  /// Applies events of one turn of the lock: about slice_events, whole units. False when the group is done.
  bool apply_turn(storage::run_cursor& runs, storage::run_view& run, std::uint32_t& from, bool into_tail);
  void apply_group(const storage::group_view& group, bool into_tail);
  bool flush_wanted();
  void close_chunk_if(bool force);
  void take_snapshot(tail_chunk& chunk);
  bool index_oldest();
  void drop_indexed();
  void idle();
  void fail(const std::string& what);
  void load_snapshot();
  void replay(recovery_visitor* visitor, recovery_report& report);
  void report_accounts(recovery_visitor& visitor);

  storage::journal_source& source_;
  storage::index_store& store_;
  follower_options options_;

  turn_lock turn_;  ///< guards projection_ and tail_ against readers; stage 1 writes, stage 2 drops chunks
  projection projection_;
  case_list cases_;  ///< likewise
  class tail tail_;
  commit_seq snapshot_at_ = 0;                        ///< stage 1: end of the last chunk with a snapshot
  std::chrono::steady_clock::time_point last_event_;  ///< stage 1: when a group was applied last
  group_feed feed_;
  index_builder builder_;                                          ///< stage 2 (or recover)
  std::vector<std::shared_ptr<const tail_chunk>> indexed_chunks_;  ///< stage 2: until stage 1 has dropped them
  std::mutex closed_mutex_;                                        ///< guards closed_
  std::deque<std::shared_ptr<const tail_chunk>> closed_;           ///< closed chunks that are not indexed
  std::atomic<std::uint32_t> to_drop_{0};                          ///< chunks that are indexed and still in the tail

  std::atomic<commit_seq> newest_order_event_{0};  ///< written before applied_seq_ reaches it
  std::atomic<commit_seq> applied_seq_{0};
  std::atomic<commit_seq> flush_to_{0};
  std::atomic<std::uint32_t> waiters_{0};
  std::atomic<bool> stopping_{false}, failed_{false}, out_of_space_{false};
  std::atomic<std::uint64_t> apply_cpu_ns_{0}, index_cpu_ns_{0}, chunks_indexed_{0};
  mutable std::mutex signal_mutex_;
  std::condition_variable wake_stage_1_, wake_stage_2_, progress_;
  bool kicked_ = false;  ///< guarded by signal_mutex_
  std::string failure_;  ///< guarded by signal_mutex_
  std::thread stage_1_, stage_2_;
};

}  // namespace payloom::follower
