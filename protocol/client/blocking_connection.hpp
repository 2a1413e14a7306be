#pragma once
// A connection for programs that ask one thing at a time (the command line, set-up and check of the bench): connect,
// shake hands, then `call`; or `send` several and `receive` their replies in whatever order they come.
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocol/client/frame_connection.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::client {

/// The server could not be reached or did not shake hands.
struct connect_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The connection broke or a reply stayed out: what was in flight is unknown, and safe to repeat with the same ids.
struct connection_lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct connect_options {
  std::string address;                  ///< HOST:PORT, [IPV6]:PORT
  std::string client_name = "payloom";  ///< at most 48 bytes go over the wire
  tenant_id tenant = 0;
  bool shadow = false;
  std::uint32_t timeout_ms = 10'000;  ///< for connecting and for each reply
  u128 context_id = 0;                ///< of every request; travels into the journal; 0: drawn where one is needed
  u128 root_id = 0;                   ///< root business of every request; travels into the journal; 0: none
  std::uint16_t hop = 0;              ///< how many systems passed the requests on
};

struct reply {
  frame_header header{};
  std::vector<std::byte> body;

  result_code code() const { return header.code; }
  std::string_view text() const { return {reinterpret_cast<const char*>(body.data()), body.size()}; }
  /// The body as rows of T; a tail that is no whole row is left out.
  template <class T>
  std::span<const T> rows() const {
    return {reinterpret_cast<const T*>(body.data()), body.size() / sizeof(T)};
  }
};

/// Connects a TCP socket to HOST:PORT within `timeout_ms`. Throws connect_failure. The caller owns the descriptor.
int connect_socket(const std::string& address, std::uint32_t timeout_ms);

/// A complete hello frame.
std::vector<std::byte> make_hello(std::string_view client_name, tenant_id tenant, bool shadow);
/// Reads the reply to a hello into `welcome`; the returned text is empty or says why the handshake failed.
std::string read_welcome(const frame_header& header, std::span<const std::byte> body, welcome_body& welcome);

/// Not thread-safe; movable.
class blocking_connection {
 public:
  /// Connects and shakes hands. Throws connect_failure.
  explicit blocking_connection(const connect_options& options);

  const welcome_body& welcome() const { return welcome_; }
  const connect_options& options() const { return options_; }
  frame_connection& connection() { return connection_; }

  /// Sends one request of `count` records and returns its request number. Throws connection_lost.
  std::uint64_t send(frame_type type, std::span<const std::byte> body, std::uint32_t count, std::uint16_t flags = 0);
  /// The next reply, of whichever request. Throws connection_lost after `timeout_ms` or when the connection ends.
  reply receive();
  /// `send`, then waits for its reply. Only while nothing else is in flight.
  reply call(frame_type type, std::span<const std::byte> body, std::uint32_t count, std::uint16_t flags = 0);
  template <class T>
  reply call(frame_type type, std::span<const T> records, std::uint16_t flags = 0) {
    return call(type, std::as_bytes(records), static_cast<std::uint32_t>(records.size()), flags);
  }

 private:
  connect_options options_;
  frame_connection connection_;
  welcome_body welcome_{};
  std::uint64_t next_request_ = 1;
  std::vector<reply> ready_;
};

}  // namespace payloom::client
