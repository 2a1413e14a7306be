#pragma once
// One channel's side of the platform: its driver and its bounds (GW: bulkhead). Pure: calls and the time in, facts out.
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/channels/channel_driver.hpp"

namespace payloom::core {

/// Facts by tenant, as `server_frames` takes them.
struct channel_facts {
  std::vector<channel_fact_record> facts;
  std::vector<tenant_id> tenants;
};

class channel_desk {
 public:
  /// `plan` must outlive it.
  channel_desk(const catalog::channel_plan& plan, std::unique_ptr<channel_driver> driver);

  /// Bounds and operations of a later catalogue. The driver stays as it is. `plan` must outlive this.
  void set_plan(const catalog::channel_plan& plan);
  /// Asks the channel. What it cannot do, or has no room for, is `not_sent` at once (SG-2: nothing has left).
  void call(const channel_call& call, time_ns now, channel_facts& out);
  /// What the channel has said by `now`; at most facts_per_turn of them.
  void poll(time_ns now, channel_facts& out);
  std::size_t in_flight() const { return driver_->in_flight(); }
  /// When `poll` has something, 0 = not before the next call.
  time_ns next_at() const { return driver_->next_at(); }

  static constexpr std::size_t facts_per_turn = 4096;

  /// How long the calls of one combined payment wait for each other. They come from one commit, so this only bounds
  /// the memory of what a full desk has refused in part.
  static constexpr time_ns gather_ns = 60'000'000'000;

 private:
  /// The calls of one combined payment that have come so far.
  struct gathering {
    channel_call_members members;
    time_ns began = 0;
  };

  static void tell(const channel_answer& answer, channel_facts& out);
  /// The channel is asked once for all orders: true when `c` was the last one, and is now for all of them.
  bool gather(channel_call& c, time_ns now);

  const catalog::channel_plan* plan_;
  std::unique_ptr<channel_driver> driver_;
  std::vector<channel_answer> answers_;
  std::map<std::pair<u128, channel_operation>, gathering> gathering_;  ///< by attempt; at most in_flight_max
};

}  // namespace payloom::core
