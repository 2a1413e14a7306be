#pragma once
// The simulated host as a server: many connections around one core::iso_host_desk. For trying things out and for tests.
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/channels/iso8583/iso_stream.hpp"
#include "actors/core/channels/iso8583/iso_host_desk.hpp"

namespace payloom::actors {

struct iso_host_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  core::outside_settings outside;
  core::iso_host_settings lines;
};

/// One thread runs its io_context, and everything here happens on that thread.
class iso_host {
 public:
  /// Listens at once; throws boost::system::system_error when it cannot. Settings must have no problem.
  iso_host(asio::io_context& context, const iso_host_options& options, std::function<time_ns()> now);
  ~iso_host();

  std::uint16_t port() const { return port_; }
  /// Closes all; nothing more happens. The io_context then has nothing left of it.
  void stop();
  const core::outside_book& book() const { return book_; }
  const core::iso_host_counters& counters() const { return desk_.counters(); }

 private:
  using connection = core::iso_host_desk::connection;

  void accept();
  void adopt(tcp_socket socket);
  void hang_up(connection c);
  void worked();
  void set_timer();

  const std::function<time_ns()> now_;
  core::outside_book book_;
  core::iso_host_desk desk_;
  tcp_acceptor acceptor_;
  asio::steady_timer timer_;
  asio::steady_timer pause_;  ///< after an accept that failed
  time_ns timer_at_ = 0;      ///< 0: not set
  std::uint16_t port_ = 0;
  std::vector<std::shared_ptr<iso_stream>> streams_;  ///< by connection
  std::vector<connection> changed_;
  std::shared_ptr<bool> stopped_;  ///< outlives this in the handlers that are still to come
};

/// Serves until SIGINT or SIGTERM; writes "port NUMBER" as a line to `out` when it listens. Returns when all is closed.
void run(const iso_host_options& options, std::function<time_ns()> now, std::ostream& out);

}  // namespace payloom::actors
