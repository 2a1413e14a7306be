#include "protocol/net/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace payloom::net {
namespace {

/// Connections above the limit that are still told so; beyond them new ones are closed without a word.
constexpr std::uint32_t refused_at_once_max = 64;
constexpr int accepts_max = 64;  ///< in one go, then the sessions get their turn

template <typename T>
void set(int socket, int level, int name, T value) noexcept {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

listener::listener(shared_state& shared, const std::vector<std::unique_ptr<gateway>>& gateways)
    : shared_(shared),
      gateways_(gateways),
      acceptor_(gateways.front()->context()),
      pause_(gateways.front()->context()) {
  const server_options& options = shared.options;
  const std::string where = options.address + ":" + std::to_string(options.port);
  const auto check = [&where](const error_code& error, const char* what) {
    if (error) throw boost::system::system_error(error, std::string(what) + " " + where);
  };
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  check(error, "cannot read address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  check(error, "cannot open a socket for");
  acceptor_.set_option(tcp_acceptor::reuse_address(true), error);
  acceptor_.bind(endpoint, error);
  check(error, "cannot bind to");
  acceptor_.listen(static_cast<int>(options.listen_backlog), error);
  check(error, "cannot listen on");
  acceptor_.non_blocking(true, error);
  check(error, "cannot listen on");
  port_ = acceptor_.local_endpoint(error).port();
  wait();
}

void listener::wait() {
  acceptor_.async_wait(tcp_acceptor::wait_read, [this](const error_code& error) {
    if (!error && acceptor_.is_open()) accept_ready();
  });
}

void listener::accept_ready() {
  for (int i = 0; i < accepts_max; ++i) {
    const int socket = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == ECONNABORTED || errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      // No descriptors or memory: the connection stays in the backlog until some are free again.
      pause_.expires_after(std::chrono::milliseconds(gateway::tick_ms));
      pause_.async_wait([this](const error_code& error) {
        if (!error && acceptor_.is_open()) wait();
      });
      return;
    }
    if (shared_.connections() >= shared_.options.connections_max + refused_at_once_max) {
      ::close(socket);
      continue;
    }
    shared_.connection_opened();
    prepare(socket);
    least_loaded().adopt(socket);
  }
  wait();
}

gateway& listener::least_loaded() const noexcept {
  const auto least = std::min_element(gateways_.begin(), gateways_.end(), [](const auto& a, const auto& b) {
    return a->counters().connections.get() < b->counters().connections.get();
  });
  return **least;
}

void listener::prepare(int socket) const noexcept {
  const auto half_open_ms = static_cast<unsigned>(shared_.options.half_open_timeout_ms);
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  if (half_open_ms == 0) return;
  const int third_s = std::max(1, static_cast<int>(half_open_ms / 3000));
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, third_s);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, third_s);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, 2);
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, half_open_ms);
}

void listener::close() {
  asio::post(gateways_.front()->context(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
}

}  // namespace payloom::net
