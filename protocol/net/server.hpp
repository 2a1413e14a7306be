#pragma once
// The network side of a payloom server: a listening socket and N I/O threads. The sinks (one per thread) are the
// actors' side. Asio-free, so that the composition root can hold it.
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/net/gateway_counters.hpp"
#include "protocol/net/ports.hpp"
#include "protocol/net/server_options.hpp"

namespace payloom::net {

/// Life: construct, start, [drain], stop, destroy. All frames must have come back (reply_port::complete) before it is
/// destroyed; frames that come back after stop() are dropped.
class server {
 public:
  /// One I/O thread per sink; at least one. The sinks must outlive stop().
  server(server_options options, const std::vector<request_sink*>& sinks);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Binds, listens and starts the threads. Throws a std::runtime_error that names the address.
  void start();
  /// The port that is served, also when options.port was 0.
  std::uint16_t port() const noexcept;

  /// ok; unavailable, overloaded: commands are answered with it at once, queries go on; draining: both are refused.
  /// Thread-safe.
  void set_admission(result_code code) noexcept;
  /// Makes an I/O thread run one more round, so that its sink's idle() is called. Thread-safe, cheap when it is awake.
  void wake(std::size_t io_thread) noexcept;

  /// Stops accepting, says goaway on every connection, refuses what is new with `draining`, answers what was accepted,
  /// closes. Returns true when all connections were closed so, false when options.drain_timeout_ms passed.
  bool drain();
  /// Closes everything and joins the threads.
  void stop();

  std::size_t io_threads() const noexcept;
  /// Read while the thread counts: each figure is true at some moment.
  const gateway_counters& counters(std::size_t io_thread) const noexcept;
  /// In flight on all connections, against options.total_events and total_bytes.
  std::uint64_t events_in_flight() const noexcept;
  std::uint64_t bytes_in_flight() const noexcept;

 private:
  struct inside;
  std::unique_ptr<inside> in_;
};

}  // namespace payloom::net
