#pragma once
// A blocking socket that speaks whatever bytes a test wants. Every wait is bounded; running into the bound throws.
#include <chrono>
#include <optional>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/test_frames.hpp"

namespace payloom::net::testing {

struct answer {
  frame_header header{};
  bytes body;

  result_record result(std::size_t i, std::size_t stride = sizeof(result_record)) const {
    result_record r;
    std::memcpy(&r, body.data() + i * stride, sizeof r);
    return r;
  }
};

class raw_client {
 public:
  static constexpr int patience_ms = 20'000;

  explicit raw_client(std::uint16_t port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("connect");
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client() { ::close(socket_); }

  void send(const bytes& data) {
    for (std::size_t at = 0; at < data.size();) {
      wait(POLLOUT);
      const ssize_t n = ::send(socket_, data.data() + at, data.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) throw std::runtime_error("send");
      at += static_cast<std::size_t>(n);
    }
  }

  /// As much as the connection takes without waiting; 0 when it is full or gone.
  std::size_t send_some(const bytes& data, std::size_t from) {
    const ssize_t n = ::send(socket_, data.data() + from, data.size() - from, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  /// The next frame, checked with the codec; nothing: the server closed.
  std::optional<answer> receive() {
    bytes head;
    if (!receive_exactly(head, wire::header_bytes)) return std::nullopt;
    answer a;
    const auto status = wire::inspect_header(std::span<const std::byte, wire::header_bytes>(head), wire::reply_limits,
                                             wire::direction::to_client, a.header);
    if (!status.ok()) throw std::runtime_error(status.what);
    if (!receive_exactly(a.body, wire::body_bytes(a.header))) throw std::runtime_error("closed inside a frame");
    if (!wire::check_body(a.header, a.body).ok()) throw std::runtime_error("reply body damaged");
    return a;
  }

  /// The next frame, which must come.
  answer expect() {
    auto a = receive();
    if (!a) throw std::runtime_error("the server closed");
    return std::move(*a);
  }

  welcome_body greet(std::uint16_t flags = 0) {
    send(hello(protocol_version, flags));
    const answer a = expect();
    if (a.header.code != result_code::ok || a.body.size() != sizeof(welcome_body))
      throw std::runtime_error("no welcome");
    welcome_body w;
    std::memcpy(&w, a.body.data(), sizeof w);
    return w;
  }

  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  int socket() const { return socket_; }
  std::uint16_t local_port() const {
    sockaddr_in me{};
    socklen_t size = sizeof me;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&me), &size);
    return ntohs(me.sin_port);
  }

 private:
  void wait(short what) {
    pollfd p{socket_, what, 0};
    if (::poll(&p, 1, patience_ms) != 1) throw std::runtime_error("the server does nothing");
  }

  /// False: end of file (or reset) before the first byte.
  bool receive_exactly(bytes& to, std::size_t size) {
    to.resize(size);
    for (std::size_t have = 0; have < size;) {
      wait(POLLIN);
      const ssize_t n = ::recv(socket_, to.data() + have, size - have, 0);
      if (n <= 0 && have == 0) return false;
      if (n <= 0) throw std::runtime_error("closed inside a frame");
      have += static_cast<std::size_t>(n);
    }
    return true;
  }

  int socket_;
};

}  // namespace payloom::net::testing
