#pragma once
// A running server with a test sink on a free port.
#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "protocol/net/server.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/net/test_sink.hpp"

namespace payloom::net::testing {

struct running_server {
  explicit running_server(server_options options = {}, std::size_t io_threads = 1) : sinks(io_threads) {
    options.durable_sequence = &durable;
    std::vector<request_sink*> plain;
    for (test_sink& s : sinks) plain.push_back(&s);
    it = std::make_unique<server>(std::move(options), plain);
    it->start();
  }
  ~running_server() {
    for (test_sink& s : sinks) s.let_go();
    it->stop();
  }

  std::uint16_t port() const { return it->port(); }
  test_sink& sink() { return sinks.front(); }
  const gateway_counters& counters() const { return it->counters(0); }
  std::uint64_t refusals(result_code code) const { return counters().refusals[static_cast<std::size_t>(code)].get(); }

  /// Waits until something becomes true; false after the patience of a test.
  static bool eventually(const std::function<bool()>& what) {
    for (int i = 0; i < raw_client::patience_ms; ++i) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  std::atomic<commit_seq> durable{0};
  std::vector<test_sink> sinks;
  std::unique_ptr<server> it;
};

}  // namespace payloom::net::testing
