#pragma once
// The wire to a channel that speaks JSON over HTTPS: calls in, answers out, on the one thread that runs the io_context.
#include <functional>
#include <memory>
#include <vector>

#include "actors/channels/channel_wire.hpp"
#include "actors/channels/http_json/code_map.hpp"
#include "actors/channels/http_json/https_client.hpp"
#include "actors/channels/http_json/key_ring.hpp"
#include "actors/channels/raw_log.hpp"

namespace payloom::http_json {

/// What belongs to a channel and does not change. All must outlive the wire.
struct http_channel {
  const key_ring* keys = nullptr;
  const code_map* codes = nullptr;
  actors::raw_log* log = nullptr;  ///< nullptr: none is kept
  std::function<time_ns()> now;    ///< UTC, for signatures and the log
};

class http_wire final : public actors::channel_wire {
 public:
  /// A thread must run `io` until stop() has returned. `tell` is called on it, in batches. The client's waiting_max and
  /// connections_max bound what is at the channel; what waits to be handed over is the gateway's bound (in_flight_max).
  http_wire(asio::io_context& io, tls_context context, https_client_settings settings, http_channel channel,
            actors::tell_answers tell);
  ~http_wire() override;

  /// A question that is not answered with certainty (404, an unknown code, nothing at all) is not answered.
  void call(std::vector<core::channel_call> calls) override;
  void stop() override;
  actors::wire_counters counters() const override;

 private:
  class engine;
  std::shared_ptr<engine> engine_;
};

}  // namespace payloom::http_json
