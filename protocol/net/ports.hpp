#pragma once
// The Asio-free border between the network and the actors (architecture.md section 2). The reply side is
// `reply_port` in protocol/types/command_frame.hpp.
#include <cstdint>
#include <span>

#include "protocol/types/command_frame.hpp"

namespace payloom::net {

/// Where a gateway hands its decoded requests. One sink object per I/O thread; every call comes from that thread.
class request_sink {
 public:
  virtual ~request_sink() = default;

  /// All frames decoded since the last call, over all connections of this I/O thread (once per poll round).
  /// `remaining` of each is set; the sink takes them until `reply_port::complete`. It may complete frames before it
  /// returns (small batches run inline on this thread). Never throws.
  virtual void submit(std::span<command_frame* const> frames) = 0;

  /// Called when a poll round left nothing to do, before the thread sleeps: work that was deferred for batching must
  /// be started now. Returns true when it did something (poll once more before sleeping).
  virtual bool idle() = 0;
};

}  // namespace payloom::net
