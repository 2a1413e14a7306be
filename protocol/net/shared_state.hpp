#pragma once
// What the I/O threads of one server share.
#include <atomic>

#include "protocol/net/server_options.hpp"
#include "protocol/net/total_credits.hpp"
#include "protocol/types/result_code.hpp"

namespace payloom::net {

struct shared_state {
  explicit shared_state(server_options given)
      : options(std::move(given)), credits(options.total_events, options.total_bytes) {
    // nop
  }

  commit_seq durable() const noexcept {
    return options.durable_sequence == nullptr ? 0 : options.durable_sequence->load(std::memory_order_acquire);
  }

  const server_options options;
  total_credits credits;
  /// ok, unavailable (commands are refused, queries go on) or draining (both are refused).
  std::atomic<result_code> admission{result_code::ok};
  std::atomic<std::uint32_t> connections{0};
};

}  // namespace payloom::net
