#pragma once
// A request frame as the gateway keeps it: the shards' command_frame and the room for its reply, in one block.
#include <cstddef>
#include <cstdint>

#include "protocol/types/command_frame.hpp"

namespace payloom::net {

/// Made and freed by frame_pool only. The reply header lies directly before the results, so that a reply is one piece.
struct net_frame final : command_frame {
  net_frame* next = nullptr;         ///< in the pool's free list, then in a session's list of replies
  std::byte* reply = nullptr;        ///< 128 bytes, followed by `results`
  std::byte* notes_space = nullptr;  ///< where `notes` points when they are needed
  std::uint64_t charged_bytes = 0;   ///< taken from total_credits
  std::uint32_t charged_events = 0;  ///< taken from total_credits
  std::uint32_t size_class = 0;
  std::uint32_t reply_bytes = 0;  ///< header and results; rows come on top
};

}  // namespace payloom::net
