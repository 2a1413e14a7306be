#pragma once
// The gateway's end of a wire: collects the calls of a mail for the wire's own thread, and brings back what came there.
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/channels/channel_wire.hpp"
#include "actors/core/channels/channel_driver.hpp"

namespace payloom::actors {

/// Where a wire puts its answers, a batch at a time. Outlives driver and wire, whichever ends first.
class answer_box {
 public:
  explicit answer_box(std::function<void()> wake) : wake_(std::move(wake)) {}
  /// Wakes the gateway when nothing lay here before. Any thread.
  void put(std::vector<core::channel_answer> answers);
  /// Everything that lies here, behind what `out` holds.
  void take(std::vector<core::channel_answer>& out);
  /// Nobody takes any more.
  void close();

 private:
  std::mutex mutex_;  ///< held for a batch's hand-over only
  std::vector<core::channel_answer> answers_;
  std::function<void()> wake_;
};

/// Owned by the gateway's actor, used on its thread. Its bound is the desk's (in_flight_max).
class wired_driver final : public core::channel_driver {
 public:
  wired_driver(std::shared_ptr<channel_wire> wire, std::shared_ptr<answer_box> box)
      : wire_(std::move(wire)), box_(std::move(box)) {}
  ~wired_driver() override;

  void call(const core::channel_call& call, time_ns now) override;
  /// Hands over what was called since the last time, too.
  void poll(time_ns now, std::size_t max, std::vector<core::channel_answer>& out) override;
  time_ns next_at() const override { return told_.empty() ? 0 : 1; }  // for the rest the box wakes the gateway
  std::size_t in_flight() const override;

 private:
  std::shared_ptr<channel_wire> wire_;
  std::shared_ptr<answer_box> box_;
  std::vector<core::channel_call> calls_;
  std::vector<core::channel_answer> told_;  ///< not handed on yet
};

}  // namespace payloom::actors
