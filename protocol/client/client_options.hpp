#pragma once
// Settings of a client; every bound says what happens at it.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::client {

struct client_options {
  std::vector<std::string> addresses;   ///< HOST:PORT of one cluster, tried in turn
  std::string name = "payloom-client";  ///< shown in the server's log, at most 48 bytes
  tenant_id tenant = 0;
  bool shadow = false;
  std::chrono::milliseconds timeout{10'000};  ///< of an operation, from submit to callback; then unknown or not_sent
  std::chrono::milliseconds connect_timeout{3'000};  ///< of one attempt to connect, the handshake included
  std::chrono::milliseconds backoff_first{20};       ///< between attempts to connect; doubles ...
  std::chrono::milliseconds backoff_most{1'000};     ///< ... up to this
  std::uint32_t window = 32;                         ///< requests in flight; the server's credits may allow fewer
  std::uint32_t batch_events_max = 4096;             ///< events collected into one frame while others are in flight
  std::uint64_t queued_events_max = 1'000'000;       ///< events waiting or in flight; beyond: not_sent at once
};

/// Per operation; zero means the client's default.
struct submit_options {
  std::chrono::milliseconds timeout{0};
  bool want_balances = false;  ///< create_transfers: rows<balances_result>() in the answer
  std::uint8_t priority = 0;   ///< 0 normal .. 3 highest
  u128 context_id = 0;         ///< travels into the journal; 0: one is drawn where the protocol wants one
  u128 root_id = 0;            ///< the root business that the operation is about; travels into the journal; 0: none
  std::uint16_t hop = 0;       ///< how many systems passed the operation on
};

}  // namespace payloom::client
