#pragma once
// What a driver with a wire is to its gateway. Free of network headers: the wire's connection files know those.
#include <cstdint>
#include <functional>
#include <vector>

#include "actors/core/channels/channel_call.hpp"

namespace payloom::actors {

/// Counted since the start; a copy.
struct wire_counters {
  std::uint64_t in_flight = 0;  ///< calls without their first answer
  std::uint64_t sent = 0;       ///< requests written, repeats not counted
  std::uint64_t answered = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t not_sent = 0;  ///< refused before a byte left: no line, no room, no token
  std::uint64_t reversals_waiting = 0;
  std::uint64_t reversals_acknowledged = 0;
  std::uint64_t unmapped_codes = 0;  ///< codes of the channel that are in no list (GW-7): somebody must look
  std::uint64_t late_responses = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t connections = 0;  ///< open now
};

/// Takes answers and later news, in batches, on the wire's thread.
using tell_answers = std::function<void(std::vector<core::channel_answer>)>;

/// Every call is answered once or more, with one of the five outcomes, or never (the payment's timer asks then). A call
/// that is refused before a byte left is `not_sent`; once bytes may have left, only the channel's word ends it.
class channel_wire {
 public:
  virtual ~channel_wire() = default;
  /// Any thread; hands them over to the wire's own.
  virtual void call(std::vector<core::channel_call> calls) = 0;
  /// Ends lines; nothing is told any more when it returns. Any thread but the wire's.
  virtual void stop() = 0;
  /// Any thread.
  virtual wire_counters counters() const = 0;
};

}  // namespace payloom::actors
