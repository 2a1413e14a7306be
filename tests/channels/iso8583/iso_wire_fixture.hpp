#pragma once
// A simulated host and a wire to it, each on a thread of its own, over loopback sockets.
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "actors/channels/iso8583/iso_host.hpp"
#include "actors/channels/iso8583/iso_wire.hpp"
#include "tests/channels/iso8583/iso_fixture.hpp"

namespace payloom::test {

inline time_ns wall_clock() {
  return static_cast<time_ns>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

/// An io_context with its thread.
class context_thread {
 public:
  context_thread() : work_(context.get_executor()), thread_([this] { context.run(); }) {}
  ~context_thread() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    work_.reset();
    thread_.join();
  }
  boost::asio::io_context context{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

class host_thread {
 public:
  explicit host_thread(const actors::iso_host_options& options) : host(thread.context, options, wall_clock) {}
  ~host_thread() { stop(); }
  /// After this the book and the counters may be read.
  void stop() {
    boost::asio::post(thread.context, [this] { host.stop(); });
    thread.stop();
  }

  context_thread thread;
  actors::iso_host host;
};

/// Waits until `condition`, at most `seconds`.
template <typename Condition>
bool wait_until(Condition&& condition, int seconds = 30) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

inline actors::iso_wire_settings wire_settings(std::uint16_t port) {
  actors::iso_wire_settings s;
  s.connection.host = "127.0.0.1";
  s.connection.port = port;
  s.connection.reconnect_ms_min = 10;
  s.connection.reconnect_ms_max = 100;
  s.line.terminal = "TERM";
  s.line.merchant = "MERCHANT";
  s.lines = 4;
  return s;
}

}  // namespace payloom::test
