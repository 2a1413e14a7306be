#pragma once
// One connection of a scenario with its frames in flight; comes back after a break. Plain state of the driver's thread.
#include <cstdint>
#include <string>
#include <vector>

#include "actors/app/bench/scenario/scenario_world.hpp"
#include "protocol/client/blocking_connection.hpp"

namespace payloom::bench {

/// A frame in flight. Its bytes stay put until its answer.
struct scenario_slot {
  operation_frame what;
  std::vector<std::byte> bytes;
  std::uint64_t intended_at_ns = 0;
  bool busy = false;
  bool resent = false;

  /// Writes the frame as bytes.
  void seal(std::uint64_t request);
  std::uint64_t request() const;
};

struct scenario_line {
  /// Connects; as many slots as the window and the server's credits allow. Throws client::connect_failure, also when
  /// the server grants fewer events than a frame has.
  scenario_line(const std::string& address, const scenario& how);
  /// Connects again; throws client::connect_failure.
  void reconnect(const std::string& address, const scenario& how);
  scenario_slot* free_slot();
  std::uint32_t in_flight() const;

  client::blocking_connection opened;
  std::vector<scenario_slot> slots;
  std::uint64_t paused_until_ns = 0;  ///< the server asked to wait
  std::uint64_t lost_at_ns = 0;       ///< 0: it is open
  std::uint64_t next_try_at_ns = 0;
  bool given_up = false;

  bool open() const { return lost_at_ns == 0 && !given_up; }
  client::frame_connection& connection() { return opened.connection(); }
};

}  // namespace payloom::bench
