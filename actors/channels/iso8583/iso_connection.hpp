#pragma once
// One line's socket around a core::iso_link: connects, connects again after a bounded wait, moves bytes and time. It
// belongs to the one thread that runs its io_context; everything it decides is the link's.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/channels/iso8583/iso_stream.hpp"
#include "actors/core/channels/iso8583/iso_link.hpp"

namespace payloom::actors {

struct iso_connection_settings {
  std::string host;  ///< name or address
  std::uint16_t port = 0;
  std::uint32_t connect_timeout_ms = 3'000;  ///< name and connection together
  std::uint32_t reconnect_ms_min = 100;      ///< after the first failure; doubled with each that follows
  std::uint32_t reconnect_ms_max = 10'000;
};

class iso_connection : public std::enable_shared_from_this<iso_connection> {
 public:
  /// `now`: the wall clock. `worked`: called whenever there may be answers. `codes` must outlive this.
  iso_connection(asio::io_context& context, const iso_connection_settings& settings, const core::iso_settings& link,
                 const core::iso_codes& codes, std::function<time_ns()> now, std::function<void()> worked);

  ~iso_connection();

  void start();
  /// `flush` follows a batch of these.
  void call(const core::channel_call& call, time_ns now) { link_.call(call, now); }
  /// Writes what the link has, and sets the timer.
  void flush();
  /// No more requests, and a sign-off behind the last one that is in flight.
  void shut();
  /// Whether nothing is open or in flight any more after `shut`.
  bool is_over() const { return stream_ == nullptr && !connecting_; }
  /// Ends at once; nothing is called any more.
  void close();

  std::size_t take_answers(std::size_t max, std::vector<core::channel_answer>& out) {
    return link_.take_answers(max, out);
  }
  core::iso_counters counters() const { return link_.counters(); }
  std::uint64_t connects() const { return connects_; }
  bool is_up() const { return link_.line() == core::iso_line::up; }

 private:
  void connect();
  void connect_to(const tcp::resolver::results_type& places);
  void connected();
  void failed(std::string_view what);
  void lost();
  void retry();
  void worked();
  void set_timer();
  void stop_connecting();

  asio::io_context& context_;
  const iso_connection_settings settings_;
  core::iso_link link_;
  const std::function<time_ns()> now_;
  const std::function<void()> worked_;
  tcp::resolver resolver_;
  std::unique_ptr<tcp_socket> socket_;  ///< while connecting
  std::shared_ptr<iso_stream> stream_;  ///< while connected
  asio::steady_timer timer_;            ///< the link's
  asio::steady_timer connect_timer_;    ///< the connect's deadline, or the wait for the next one
  time_ns timer_at_ = 0;                ///< 0: not set
  std::uint32_t retry_ms_ = 0;
  std::uint64_t connects_ = 0;
  bool connecting_ = false;
  bool closed_ = false;
  bool shut_ = false;
};

}  // namespace payloom::actors
