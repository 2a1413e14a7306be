#pragma once
// One connection of the load with its frames in flight; comes back after a break. Plain state of the generator's
// thread.
#include <cstdint>
#include <vector>

#include "actors/app/bench/load_slot.hpp"
#include "actors/app/bench/options.hpp"
#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

struct load_line {
  /// Connects, shakes hands and makes the slots. Throws client::connect_failure, also when the server grants fewer
  /// events than a frame has.
  explicit load_line(const options& opts);
  /// Connects again after a break; the slots stay as they are. Throws client::connect_failure, also when the server now
  /// grants less than what has to be sent again.
  void reconnect(const options& opts);

  std::uint32_t in_flight() const { return static_cast<std::uint32_t>(slots.size() - free.size()); }

  client::blocking_connection opened;
  std::vector<load_slot> slots;
  std::vector<std::uint32_t> free;  ///< indexes of idle slots
  std::uint32_t limit = 0;          ///< frames in flight allowed: the window, or fewer by the server's credits
  std::uint64_t next_request = 1;
  std::uint64_t paused_until_ns = 0;  ///< after `overloaded`
  bool open = true;
  bool given_up = false;             ///< it broke and did not come back in time
  std::uint64_t lost_at_ns = 0;      ///< since when nothing was heard because it broke, 0: nothing is wrong
  std::uint64_t next_try_at_ns = 0;  ///< not open: when to connect again

  client::frame_connection& connection() { return opened.connection(); }
};

}  // namespace payloom::bench
