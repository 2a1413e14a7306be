#pragma once
// The Asio-free border between the network and the actors (architecture.md section 2). The reply side is
// `reply_port` in protocol/types/command_frame.hpp.
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/net/reply_rows.hpp"
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

/// A frame that nobody asked for. Of `header` its type, request number, tenant and context are sent; the rest and the
/// body come from `rows` as in a reply.
struct pushed_frame {
  std::uint64_t owner = 0;  ///< command_frame::owner of a request that came over the connection
  frame_header header{};
  std::unique_ptr<reply_rows> rows;
};

/// The reply port of every frame that a gateway submits.
class push_port : public reply_port {
 public:
  /// Sends to the connection of `owner`, behind what was completed and pushed before by the same thread. When the
  /// connection is gone the frame is thrown away and its lane closed. Any thread; does not block.
  virtual void push(pushed_frame frame) = 0;
};

}  // namespace payloom::net
