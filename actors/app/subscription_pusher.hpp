#pragma once
// Turns events into pushed frames: how much each subscription may get in a round, and what goes out. Bounded whatever
// clients do: by each one's window, by what its socket has not taken, and by the sum over all.
#include <atomic>
#include <memory>
#include <vector>

#include "actors/app/subscription_book.hpp"

namespace payloom::app {

/// One thread at a time.
class subscription_pusher {
 public:
  static constexpr std::size_t frame_rows_max = 900;  ///< of one pushed frame
  /// Rows that a subscription gets even when the sum is used up, if its socket took all that went before: one slow
  /// reader keeps nobody waiting.
  static constexpr std::size_t frame_rows_sure = 64;
  static constexpr std::uint64_t lane_bytes_max = 1u << 20;    ///< unsent of one: then it waits
  static constexpr std::uint64_t total_bytes_max = 64u << 20;  ///< unsent of all, beside the sure ones
  static_assert(frame_rows_max * sizeof(order_event_row) <= lane_bytes_max);

  /// Makes the lane of a subscription that begins.
  std::shared_ptr<net::push_lane> make_lane() const { return std::make_shared<net::push_lane>(total_); }
  /// Says for every subscription that pushes how many rows it takes now. Ends those whose connection is gone.
  void make_room(subscription_book& book);
  /// Sends what the fanout found. Returns how many events went out.
  std::uint64_t push(subscription_book& book);
  /// The last frame of a subscription on its connection: without rows, it says why.
  static void push_end(const subscription& s, result_code why);

  std::uint64_t unsent_bytes() const { return total_->load(std::memory_order_acquire); }
  /// Those with room, for the fanout.
  const std::vector<follower::event_reader*>& readers() const { return readers_; }
  bool anybody() const { return pushing_ != 0; }

 private:
  void push_one(subscription& s);

  std::shared_ptr<std::atomic<std::uint64_t>> total_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::vector<subscription*> in_turn_;  ///< that push, as of this round
  std::vector<follower::event_reader*> readers_;
  std::size_t pushing_ = 0;
  std::size_t turn_ = 0;  ///< who is asked first
};

}  // namespace payloom::app
