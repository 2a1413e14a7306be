#pragma once
// Frames that the server sends to itself: the voids of expired holds. They take the same way as a client's.
#include <mutex>
#include <vector>

#include "actors/runtime/frame_router.hpp"

namespace payloom::actors {

class server_frames : public reply_port {
 public:
  server_frames(caf::actor_system& system, wiring& w);

  /// Submits voids, one frame per run of equal tenants. Thread-safe.
  void submit(std::vector<transfer_record> records, std::vector<tenant_id> tenants);
  /// A frame came back; its results say nothing that anyone waits for.
  void complete(command_frame& frame) override;

 private:
  static constexpr time_ns deadline = 5'000'000'000u;
  clock_function now_;
  std::mutex mutex_;  ///< guards router_: expiries are rare
  frame_router router_;
};

}  // namespace payloom::actors
