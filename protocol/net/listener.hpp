#pragma once
// The listening socket. Lives on the first gateway's thread and deals accepted connections to all gateways.
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/net/asio.hpp"
#include "protocol/net/gateway.hpp"

namespace payloom::net {

class listener {
 public:
  /// Binds and listens; throws a std::runtime_error that names the address. Call before the threads run.
  listener(shared_state& shared, const std::vector<std::unique_ptr<gateway>>& gateways);

  std::uint16_t port() const noexcept { return port_; }
  /// Accepts no more; thread-safe.
  void close();

 private:
  void wait();
  void accept_ready();
  gateway& least_loaded() const noexcept;
  void prepare(int socket) const noexcept;

  shared_state& shared_;
  const std::vector<std::unique_ptr<gateway>>& gateways_;
  tcp_acceptor acceptor_;
  asio::steady_timer pause_;  // when the process has no descriptors left
  std::uint16_t port_ = 0;
};

}  // namespace payloom::net
