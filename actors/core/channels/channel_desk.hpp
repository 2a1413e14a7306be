#pragma once
// One channel's side of the platform: its driver and its bounds (GW: bulkhead). Pure: calls and the time in, facts out.
#include <memory>
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
  explicit channel_desk(const catalog::channel_plan& plan);

  /// Asks the channel. What it cannot do, or has no room for, is `not_sent` at once (SG-2: nothing has left).
  void call(const channel_call& call, time_ns now, channel_facts& out);
  /// What the channel has said by `now`; at most facts_per_turn of them.
  void poll(time_ns now, channel_facts& out);
  std::size_t in_flight() const { return driver_->in_flight(); }
  /// When `poll` has something, 0 = not before the next call.
  time_ns next_at() const { return driver_->next_at(); }

  static constexpr std::size_t facts_per_turn = 4096;

 private:
  static void tell(const channel_answer& answer, channel_facts& out);

  const catalog::channel_plan& plan_;
  std::unique_ptr<channel_driver> driver_;
  std::vector<channel_answer> answers_;
};

}  // namespace payloom::core
