#pragma once
// A server for tests of the client: one thread that accepts, shakes hands and hands every other request to a handler.
// The default handler is a fake_ledger; tests replace it to answer late, wrongly, twice or not at all.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "protocol/client/frame_connection.hpp"
#include "tests/client/fake_ledger.hpp"

namespace payloom::test {

class fake_server {
 public:
  struct request {
    int connection = 0;  ///< 1, 2, ... in order of acceptance
    frame_header header{};
    std::vector<std::byte> body;
    frame_type type() const { return static_cast<frame_type>(header.type); }
  };
  /// Runs on the server's thread for each request after the handshake.
  using handler = std::function<void(fake_server&, const request&)>;

  /// Listens on 127.0.0.1 at a free port. Without a handler it answers from `ledger`.
  explicit fake_server(handler on_request = {});
  ~fake_server();
  fake_server(const fake_server&) = delete;
  fake_server& operator=(const fake_server&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int accepted() const { return accepted_.load(); }
  /// Closes the listening socket: new connections are refused.
  void refuse_connections() { refuse_ = true; }

  // For handlers, on the server's thread only.
  /// order_events that may wait and find nothing are answered when the next order command was; their time is never
  /// over.
  void answer_from_ledger(const request& r);
  void answer(const request& r, std::span<const std::byte> body, std::uint32_t records,
              result_code code = result_code::ok, std::uint32_t retry_after_ms = 0, std::uint32_t credits = 0);
  /// A page of a query: its rows as they are, where the next one begins, and whether there is one.
  void answer_page(const request& r, std::span<const std::byte> rows, std::uint32_t count, std::uint64_t cursor,
                   bool more);
  void send(int connection, const frame_header& sealed);
  void send_bytes(int connection, std::span<const std::byte> bytes);
  void close(int connection);
  fake_ledger ledger;

  /// What connections are granted; set before the first one.
  std::uint32_t credit_requests = 64;
  std::uint32_t credit_events = 64 * limits::frame_events_max;

 private:
  void loop();
  void accept_one();
  void read(int connection);
  void greet(int connection, const frame_header& hello);
  void reply(const request& to, frame_header header, std::span<const std::byte> body);

  handler on_request_;
  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::atomic<bool> refuse_{false};
  std::map<int, std::unique_ptr<client::frame_connection>> connections_;
  std::map<int, std::vector<std::vector<std::byte>>> outgoing_;  ///< what large queued frames refer to
  std::vector<int> closing_;
  std::vector<request> waiting_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace payloom::test
