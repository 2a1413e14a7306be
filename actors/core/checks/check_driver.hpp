#pragma once
// What a check's driver is to the platform. The desk (check_desk) owns bounds, deadline and join; a driver knows how
// one kind of check is asked.
#include <cstddef>
#include <vector>

#include "actors/core/checks/check_call.hpp"

namespace payloom::core {

/// One thread at a time; calls never wait. A question is answered once or more by `poll`, later, or never: the desk has
/// the deadline. Asking must change nothing outside: after a restart it is asked again.
class check_driver {
 public:
  virtual ~check_driver() = default;
  virtual void ask(const check_call& call, time_ns now) = 0;
  /// Answers that are there at `now`, behind those in `out`; at most `max` of them.
  virtual void poll(time_ns now, std::size_t max, std::vector<check_answer>& out) = 0;
  /// When `poll` has something, 0 = not before the next question.
  virtual time_ns next_at() const = 0;
};

}  // namespace payloom::core
