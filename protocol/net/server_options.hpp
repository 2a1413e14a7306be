#pragma once
// Every bound of the network side. Times in milliseconds; 0 switches a timeout off where it says so.
#include <atomic>
#include <cstdint>
#include <string>

#include "protocol/types/ids.hpp"

namespace payloom::net {

struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the system chooses, see server::port()
  std::uint32_t listen_backlog = 1024;
  bool shadow = false;       ///< frames whose shadow flag differs are answered wrong_partition
  u128 cluster = 0;          ///< shown in the welcome
  u128 server_instance = 0;  ///< shown in the welcome; new at every start
  std::string build;         ///< shown in the welcome, at most 63 characters
  /// The newest durable commit, stamped into replies. Must outlive the server; null: 0 is sent.
  const std::atomic<commit_seq>* durable_sequence = nullptr;

  std::uint32_t connections_max = 4096;        ///< more: too_many_connections, close
  std::uint32_t session_requests = 1024;       ///< in flight on one connection; more: over_credit, close
  std::uint32_t session_events = 131'072;      ///< in flight on one connection; more: over_credit, close
  std::uint64_t total_events = 4'000'000;      ///< in flight on all connections; more: `overloaded` at once
  std::uint64_t total_bytes = 1ull << 30;      ///< memory of requests in flight and their replies; more: `overloaded`
  std::uint32_t retry_after_ms = 20;           ///< said with overloaded, unavailable and draining
  std::uint32_t default_timeout_ms = 10'000;   ///< of frames that state none; ~0: none
  std::uint64_t session_out_bytes = 4u << 20;  ///< unsent replies of one connection; more: reading from it stops

  std::uint32_t handshake_timeout_ms = 5'000;     ///< connect until hello
  std::uint32_t frame_timeout_ms = 10'000;        ///< first to last byte of one frame (slow writers)
  std::uint32_t idle_timeout_ms = 120'000;        ///< nothing in flight, nothing arriving; 0: never
  std::uint32_t write_stall_timeout_ms = 30'000;  ///< unsent replies without progress (slow readers)
  std::uint32_t linger_timeout_ms = 1'000;        ///< after the last byte sent until the peer closes
  std::uint32_t half_open_timeout_ms = 30'000;    ///< TCP_USER_TIMEOUT and keepalive: the peer is gone
  std::uint32_t drain_timeout_ms = 30'000;        ///< server::drain() closes whatever is left after this
};

}  // namespace payloom::net
