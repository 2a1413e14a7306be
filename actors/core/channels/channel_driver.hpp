#pragma once
// What a channel's driver is to the platform. The gateway (channel_desk) owns the bounds; a driver knows its channel.
#include <cstddef>
#include <vector>

#include "actors/core/channels/channel_call.hpp"

namespace payloom::core {

/// One thread at a time; calls never wait. Every call is answered once or more: by `poll`, later, with one of the five
/// outcomes, or never (the payment's timer asks then). A driver decides nothing about payments.
class channel_driver {
 public:
  virtual ~channel_driver() = default;
  virtual void call(const channel_call& call, time_ns now) = 0;
  /// Answers and news that are there at `now`, behind those in `out`; at most `max` of them.
  virtual void poll(time_ns now, std::size_t max, std::vector<channel_answer>& out) = 0;
  /// When `poll` has something, 0 = not before the next call.
  virtual time_ns next_at() const = 0;
  virtual std::size_t in_flight() const = 0;
};

}  // namespace payloom::core
