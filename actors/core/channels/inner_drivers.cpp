#include "actors/core/channels/inner_drivers.hpp"

#include <algorithm>

#include "actors/core/channels/simulated_channel.hpp"

namespace payloom::core {

std::unique_ptr<channel_driver> make_inner_driver(const catalog::channel_plan& plan) {
  if (plan.driver != catalog::channel_driver_kind::simulator) return nullptr;
  return std::make_unique<simulated_channel>(plan.simulator);
}

void unwired_channel::call(const channel_call& call, time_ns) {
  if (call.operation == channel_operation::query || call.operation == channel_operation::close) return;
  refused_.push_back({call, channel_outcome::not_sent, 0, 0, 0});
}

void unwired_channel::poll(time_ns, std::size_t max, std::vector<channel_answer>& out) {
  const auto told = refused_.begin() + static_cast<std::ptrdiff_t>(std::min(max, refused_.size()));
  out.insert(out.end(), refused_.begin(), told);
  refused_.erase(refused_.begin(), told);
}

}  // namespace payloom::core
