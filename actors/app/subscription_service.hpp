#pragma once
// Answers `subscribe` and `acknowledge`, and pushes events of orders to whoever subscribed. One thread owns all of it
// and sleeps while nobody is subscribed; a second one (subscription_writer) syncs what was acknowledged.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/app/subscription_pusher.hpp"
#include "actors/app/subscription_writer.hpp"
#include "storage/log/segment_log.hpp"
#include "storage/rocksdb/index_store.hpp"

namespace payloom::app {

/// What `stats` says of subscriptions.
struct subscription_figures {
  static constexpr std::size_t rows_max = 64;  ///< those that wait longest

  std::size_t subscriptions = 0, pushing = 0;
  std::uint64_t pushed_events = 0, acknowledgements = 0, writes = 0;  ///< since the start
  std::uint64_t unsent_bytes = 0;
  time_ns oldest_backlog = 0;  ///< since when the oldest thing waits; 0: nothing does
  std::vector<std::pair<tenant_id, subscription_row>> rows;
};

class subscription_service {
 public:
  /// All must outlive it. `directory` is the data directory.
  subscription_service(storage::segment_log& journal, follower::follower& behind, storage::index_store& index,
                       const std::string& directory);
  ~subscription_service();

  /// After recovery: reads what subscriptions there are. Throws storage_failure.
  void start();
  static bool takes(frame_type type) { return type == frame_type::subscribe || type == frame_type::acknowledge; }
  /// Takes a frame that came over a gateway; it is completed later from another thread. Any thread.
  void submit(command_frame& frame);
  /// Nothing is pushed from here on, and every subscriber is told; acknowledgements are still taken. Any thread.
  void end_pushes();
  /// Answers what waits, makes durable what was acknowledged, ends the threads. Idempotent.
  void stop();
  /// As of a tenth of a second ago, while anybody subscribes. Any thread.
  subscription_figures figures() const;

 private:
  /// A change that is being written.
  struct pending {
    command_frame* frame = nullptr;  ///< null: nobody waits for it
    subscription_key key;
    commit_seq acknowledged = 0;
    time_ns acknowledged_at = 0;
  };
  struct tools;  ///< what the thread reads events with

  void run();
  void work(tools& with);
  void take(command_frame& f);
  void subscribe(command_frame& f);
  void acknowledge(command_frame& f);
  void show(command_frame& f, u128 name);
  void begin(command_frame& f, subscription& s);
  void forget(command_frame& f, subscription& s);
  void submit_change(const stored_subscription& change, command_frame* f);
  void take_outcomes();
  void settle(const pending& change, bool durable);
  void end_all_pushes();
  void look_after(tools& with);
  void advance(subscription& s);
  void report_late(subscription& s, time_ns now);
  void publish();
  void finish();

  storage::segment_log& journal_;
  follower::follower& behind_;
  storage::index_store& index_;
  subscription_store store_;
  std::unique_ptr<subscription_writer> writer_;

  // Of the thread alone.
  subscription_book book_;
  subscription_pusher pusher_;
  std::map<std::uint64_t, pending> pending_;  ///< by ticket
  std::uint64_t next_ticket_ = 1;
  std::uint64_t pushed_events_ = 0, acknowledgements_ = 0;
  std::size_t published_ = 0;  ///< subscriptions in the published figures
  bool again_ = false;         ///< there is more to read at once
  bool ended_ = false;
  std::chrono::steady_clock::time_point looked_after_{}, published_at_{};

  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable wake_;
  std::deque<command_frame*> frames_;
  bool outcomes_ = false, ending_ = false, stopping_ = false;
  subscription_figures figures_;
  std::thread thread_;
};

}  // namespace payloom::app
