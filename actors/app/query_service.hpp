#pragma once
// Answers frames that are no ledger command: queries on one thread, `verify` on another, `stats` at once.
// Queries that wait for events of orders are set aside and looked after between the others. Also what the
// shards ask of index and journal. Frames wait in bounded order: the credits at the edge bound their number.
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/follower/follower.hpp"
#include "actors/follower/order_watch.hpp"
#include "actors/follower/query_engine.hpp"
#include "actors/runtime/partition.hpp"
#include "protocol/types/command_frame.hpp"
#include "storage/log/page_warmer.hpp"
#include "storage/log/segment_log.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::app {

class query_service {
 public:
  /// All must outlive it. `stats` makes the JSON text of a stats frame, on the calling I/O thread.
  query_service(storage::segment_log& journal, follower::follower& behind, storage::index_store& index,
                std::function<std::string()> stats);
  ~query_service();

  /// `verify` compares the shards' state through it; set before the first frame.
  void set_partition(actors::partition& partition) { partition_ = &partition; }
  /// Takes a frame; it is completed later from another thread (stats: before the call returns). Any I/O thread.
  void submit(command_frame& frame);
  /// What the reader actor needs; used by its one thread.
  actors::reader_functions reader_functions();
  /// From here on nobody waits for events of orders: who does is answered. For a server that drains. Any thread.
  void end_waits();
  /// Answers what waits with `draining`, ends the threads. Idempotent.
  void stop();

 private:
  struct lane {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<command_frame*> frames;
    std::thread thread;
  };
  void run(lane& l);
  void answer(follower::query_engine& engine, follower::order_watch& watch, command_frame& frame);
  void answer_order_events(follower::query_engine& engine, follower::order_watch& watch, command_frame& frame);
  /// Answers those in `watch` for whom there is something, or no time left.
  void look_for_events(follower::order_watch& watch);
  std::string verify_text();

  storage::segment_log& journal_;
  follower::follower& behind_;
  storage::index_store& index_;
  std::function<std::string()> stats_;
  actors::partition* partition_ = nullptr;
  std::atomic<bool> stopping_{false}, waits_ended_{false};
  storage::page_warmer warmer_;  ///< what queries read is what was written last
  lane queries_, checks_;
};

}  // namespace payloom::app
