#pragma once
// Drivers that need no wire.
#include <memory>

#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/channels/channel_driver.hpp"

namespace payloom::core {

/// The plan's driver when it has no outside; null when it has one: the shells know the wires.
std::unique_ptr<channel_driver> make_inner_driver(const catalog::channel_plan& plan);

/// A channel whose wire this server does not have (`channels.wires`): nothing leaves, and questions are not answered.
class unwired_channel final : public channel_driver {
 public:
  void call(const channel_call& call, time_ns now) override;
  void poll(time_ns now, std::size_t max, std::vector<channel_answer>& out) override;
  time_ns next_at() const override { return refused_.empty() ? 0 : 1; }
  std::size_t in_flight() const override { return 0; }

 private:
  std::vector<channel_answer> refused_;  ///< at most what came between two polls
};

}  // namespace payloom::core
