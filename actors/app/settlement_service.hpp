#pragma once
// Makes settlement batches: for `settle` frames, and by itself when a plan's cut time has come. One thread works on
// one page after the other, and begins one only when the follower has applied every batch before it. So two batches
// never take the same money, however many ask at once: what is due is added up behind everything that was taken. A
// crash loses what was not journaled, and recovery applies what was.
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "actors/core/catalog/catalog_registry.hpp"
#include "actors/follower/follower.hpp"
#include "actors/follower/query_engine.hpp"
#include "actors/runtime/partition.hpp"
#include "protocol/types/command_frame.hpp"
#include "protocol/types/settlement.hpp"
#include "storage/log/segment_log.hpp"

namespace payloom::app {

class settlement_service {
 public:
  struct options {
    /// The versions of the catalogue now: batches follow the active one's plans. Any thread.
    std::function<std::shared_ptr<const core::catalog::catalog_registry>()> payments;
    bool automatic = true;
    std::string directory;  ///< for log lines
  };
  /// All must outlive it.
  settlement_service(storage::segment_log& journal, follower::follower& behind, storage::index_store& index,
                     options how);
  ~settlement_service();

  /// The partition has started and takes orders.
  void start(actors::partition& partition);
  /// Takes a `settle` frame; it is completed later from another thread. Any I/O thread.
  void submit(command_frame& frame);
  /// From here on nothing is settled by itself. For a server that drains. Any thread.
  void end_automatic();
  /// Finishes the page in hand, answers what waits with `draining`, ends the thread. Idempotent.
  void stop();

 private:
  /// One page: what a client or the clock asked for.
  struct page {
    std::optional<tenant_id> tenant;  ///< nullopt: of all tenants
    settle_request request{};
    follower::deadline_time deadline;
    std::vector<settlement_row> rows;
    std::vector<tenant_id> tenants;  ///< of the rows
    result_code code = result_code::ok;
    commit_seq sequence = 0;
    std::uint64_t cursor = 0;
    bool more = false;
    bool dry_run() const { return (request.flags & settle_flags::dry_run) != 0; }
    bool by_itself() const { return !tenant; }
  };

  void run();
  void answer(command_frame& frame);
  void settle_all_due();
  void settle(page& p);
  result_code check(const settle_request& r) const;
  /// Adds up what is due, as the follower has it at one commit for each account.
  void add_up(page& p);
  void look_at(const follower::ledger_view& view, std::uint32_t place, page& p) const;
  void show_existing(page& p);
  /// Makes the batches of the rows that can have one, and waits for their answers and for the follower.
  void make_batches(page& p);
  time_ns next_due(time_ns now) const;

  storage::segment_log& journal_;
  follower::follower& behind_;
  storage::index_store& index_;
  options options_;
  actors::partition* partition_ = nullptr;
  std::unique_ptr<follower::event_fetcher> events_;
  std::unique_ptr<follower::query_engine> engine_;  ///< the thread's own
  commit_seq newest_batch_ = 0;                     ///< of this process; the follower must have it before the next page
  time_ns due_at_ = 0;                              ///< when to look again by itself
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<command_frame*> frames_;  ///< bounded by the credits at the edge
  bool stopping_ = false, automatic_ = true;
  std::thread thread_;
};

}  // namespace payloom::app
