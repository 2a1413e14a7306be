#pragma once
// Frames that the server sends to itself: voids of expired holds, timers of orders, what channels and
// checks say, settlement batches. They take the
// way of a client's.
#include <memory>
#include <mutex>
#include <vector>

#include "actors/runtime/frame_router.hpp"
#include "actors/runtime/order_answers.hpp"

namespace payloom::actors {

class server_frames : public reply_port {
 public:
  server_frames(caf::actor_system& system, wiring& w);

  /// Submits voids or timers, one frame per run of equal tenants. Thread-safe.
  void submit(const std::vector<transfer_record>& records, const std::vector<tenant_id>& tenants);
  void submit(const std::vector<order_action_record>& records, const std::vector<tenant_id>& tenants);
  void submit(const core::channel_facts& facts);
  /// The same; `done` is called once with the results, in their order, when all are durable or refused.
  void submit(const core::channel_facts& facts, order_answers::called done);
  void submit(const core::check_facts& facts);
  /// Submits orders that only the server makes; the answers come into the result, at the latest at `deadline`.
  std::shared_ptr<order_answers> submit(const std::vector<order_record>& records,
                                        const std::vector<tenant_id>& tenants);
  /// A frame came back: answers are put where somebody waits for them.
  void complete(command_frame& frame) override;

 private:
  void submit(frame_type type, const void* records, const std::vector<tenant_id>& tenants,
              const std::shared_ptr<order_answers>& answers = nullptr);

  static constexpr time_ns deadline = 5'000'000'000u;
  clock_function now_;
  std::mutex mutex_;  ///< guards router_: expiries are rare
  frame_router router_;
};

}  // namespace payloom::actors
