#pragma once
// The answer to a query or a report, or rows that are pushed: made by a service and sent by the gateway. Asio-free.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/net/push_lane.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom::net {

/// Allocate with `new`, put into `command_frame::rows` before the frame is completed; the gateway deletes it after it
/// was sent. At most wire::reply_bytes_max - 128 bytes.
struct reply_rows {
  std::vector<std::byte> bytes;        ///< rows of the type's reply size, or JSON text
  std::uint32_t record_count = 0;      ///< rows in `bytes`; not needed for text
  commit_seq sequence = 0;             ///< the commit the answer stands at; 0: the newest durable one
  std::uint64_t cursor = 0;            ///< where the next page begins
  std::uint16_t flags = 0;             ///< frame_flags::more, or 0
  result_code code = result_code::ok;  ///< anything but ok: nothing else is sent
  std::shared_ptr<push_lane> opens;    ///< a lane that begins with this reply; closed when its connection ends
  push_charge charge;                  ///< of pushed rows
};

}  // namespace payloom::net
