#pragma once
// Answers a frame that the shards never see. Any thread; the frame is gone afterwards.
#include <memory>

#include "protocol/net/reply_rows.hpp"
#include "protocol/types/command_frame.hpp"

namespace payloom::app {

inline void complete(command_frame& f, std::unique_ptr<net::reply_rows> rows) {
  f.rows = rows.release();
  if (f.finish(f.remaining.load(std::memory_order_relaxed))) f.port->complete(f);
}

}  // namespace payloom::app
