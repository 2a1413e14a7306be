#pragma once
// A channel without an outside: what becomes of an attempt follows from its seed and the attempt's id alone. So it has
// no memory that a crash could lose, and a query after a restart tells what the first call would have told.
#include <queue>

#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/channels/channel_driver.hpp"

namespace payloom::core {

/// What the simulated outside does with an attempt.
struct simulated_fate {
  channel_outcome first = channel_outcome::success;  ///< the answer; `unknown`: there is none
  channel_outcome later = channel_outcome::none;     ///< news that come by themselves; none: there are none
  channel_outcome truth = channel_outcome::success;  ///< what a query tells
  u128 amount_minor = 0;                             ///< what moved, if anything
  std::uint64_t answer_ns = 0;
  bool twice = false;  ///< the answer comes a second time
};
simulated_fate fate_of(const catalog::simulator_settings& settings, u128 attempt_id, channel_operation operation,
                       u128 amount_minor);

class simulated_channel final : public channel_driver {
 public:
  explicit simulated_channel(const catalog::simulator_settings& settings) : settings_(settings) {}
  void call(const channel_call& call, time_ns now) override;
  void poll(time_ns now, std::size_t max, std::vector<channel_answer>& out) override;
  time_ns next_at() const override { return due_.empty() ? 0 : due_.top().at; }
  std::size_t in_flight() const override { return due_.size(); }

 private:
  struct news {
    time_ns at;
    std::uint64_t number;  ///< of equal times the older first
    channel_answer answer;
    friend bool operator>(const news& a, const news& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };
  void tell(time_ns at, const channel_call& call, channel_outcome outcome, u128 amount_minor);

  const catalog::simulator_settings settings_;
  std::uint64_t next_number_ = 0;
  std::priority_queue<news, std::vector<news>, std::greater<>> due_;
};

}  // namespace payloom::core
