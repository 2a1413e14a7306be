#pragma once
// A small HTTPS server: requests to a handler, responses whenever they are ready, one request at a time on a
// connection. For callbacks, and for the simulator. One thread, the io_context's.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/channels/http_json/asio.hpp"
#include "actors/channels/http_json/http_inbox.hpp"
#include "actors/channels/http_json/tls_context.hpp"

namespace payloom::http_json {

class https_session;

struct https_server_settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                 ///< 0: any; see port()
  std::uint32_t connections_max = 4'096;  ///< more are closed at once
  std::uint32_t idle_ms = 75'000;         ///< a connection without a request for so long ends; also one that begins
};

/// One request that waits for its response. Copies stand for the same; the first answer counts.
class https_exchange {
 public:
  https_exchange() = default;
  https_exchange(std::weak_ptr<https_session> session, std::uint64_t number);
  void answer(unsigned status, std::string_view body) const;
  /// Ends the connection: without a word, or in the midst of a body.
  void cut(std::string_view half_a_body = {}) const;

 private:
  std::weak_ptr<https_session> session_;
  std::uint64_t number_ = 0;
};

struct https_server_counters {
  std::uint64_t accepted = 0, refused = 0, bad_requests = 0, requests = 0;
  std::size_t connections = 0;
};

class https_server : public std::enable_shared_from_this<https_server> {
 public:
  /// The message lives as long as the call.
  using handler = std::function<void(const http_message&, https_exchange)>;
  https_server(asio::io_context& io, tls_context context, https_server_settings settings, handler on_request);

  /// What is wrong (an address that cannot be listened on); empty: it listens.
  std::string start();
  std::uint16_t port() const { return port_; }
  /// Ends all connections; the handler is not called any more.
  void stop();
  https_server_counters counters() const;

 private:
  friend class https_session;
  void accept();
  void tick();
  void ended(https_session& session);

  asio::io_context& io_;
  const tls_context context_;
  const https_server_settings settings_;
  handler on_request_;
  tcp_acceptor acceptor_;
  wait_timer timer_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
  bool accepting_ = false;
  std::vector<std::shared_ptr<https_session>> sessions_;
  https_server_counters counters_;
};

}  // namespace payloom::http_json
