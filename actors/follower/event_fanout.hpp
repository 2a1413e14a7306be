#pragma once
// Events of orders for many readers at once. One walk over what was applied since serves all that keep up; who is far
// behind is brought near in bounded steps between those walks, so that nobody waits for another's past.
#include <cstdint>
#include <span>
#include <vector>

#include "actors/follower/query_engine.hpp"

namespace payloom::follower {

/// Somebody who wants events of orders from a commit on. The owner sets everything but what says otherwise.
struct event_reader {
  tenant_id tenant = 0;
  order_event_query wanted{};         ///< merchant, context, root and order count
  commit_seq looked = 0;              ///< everything up to here was looked at; moved by the fanout
  std::size_t room = 0;               ///< rows it takes now; 0: it is passed over
  std::vector<order_event_row> rows;  ///< the next ones, oldest first, by the fanout; the owner takes them away
  bool full = false;                  ///< the fanout's own: in this walk more came than there was room for
};

/// One thread at a time.
class event_fanout {
 public:
  /// Who is at most so many events behind is served by the common walk; further ones by steps of so many.
  static constexpr std::uint64_t near_events = 200'000;

  /// All must outlive it; everything up to `behind.applied_seq()` at this moment may be anything. `engine` should scan
  /// about `near_events` a page. `near` is for tests.
  event_fanout(storage::journal_source& source, follower& behind, query_engine& engine,
               std::uint64_t near = near_events);

  /// Looks for the next events of all that have room, as far as the common walk and one step for those far behind
  /// reach. True: somebody is still far behind, go on soon. Throws storage_failure.
  bool look(std::span<event_reader* const> readers);
  /// What was applied when `look` looked last.
  commit_seq applied() const { return applied_; }

 private:
  /// A reader in a walk, under the filter that lets the fewest through.
  struct interest {
    std::uint64_t key = 0;
    event_reader* reader = nullptr;
  };
  enum class filter : std::uint8_t { none, merchant, root, context, order };

  static std::uint64_t key_of(filter by, u128 value);
  void begin_walk(std::span<event_reader* const> readers);
  bool offer(const storage::run_view& run, std::uint32_t index, const payment_row* payment);
  void offer_under(std::uint64_t key, const storage::run_view& run, std::uint32_t index, const payment_row* payment);
  void end_walk(std::span<event_reader* const> readers, commit_seq reached);
  void walk_near();
  void step_far();
  void page_of_order(event_reader& one);

  follower& behind_;
  query_engine& engine_;
  order_scan scan_;
  const std::uint64_t near_;
  const commit_seq known_from_;  ///< newest_order_event() knows of everything behind it
  commit_seq applied_ = 0;
  std::size_t turn_ = 0;  ///< whose step is next among those far behind
  std::vector<event_reader*> close_, far_, group_;
  std::vector<interest> interests_;  ///< of this walk, by key
  bool by_kind_[5] = {};             ///< filters that somebody in this walk has
  std::size_t full_ = 0;             ///< readers of this walk that are full
};

}  // namespace payloom::follower
