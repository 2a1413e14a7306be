#pragma once
// One connection of the client as its strand sees it: resolve, connect, handshake, then frames. Internal.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "protocol/client/asio.hpp"
#include "protocol/client/client_options.hpp"
#include "protocol/client/frame_connection.hpp"
#include "protocol/client/operation.hpp"

namespace payloom::client {

/// Everything runs on the strand given; `close` ends all callbacks. Held by shared_ptr, so that a handler that is
/// already queued finds it alive.
class link : public std::enable_shared_from_this<link> {
 public:
  struct listener {
    virtual void link_ready(link& which) = 0;
    /// A frame arrived; the body lives until the return.
    virtual void link_frame(link& which, const frame_header& header, std::span<const std::byte> body) = 0;
    /// It is over, before or after `link_ready`. Called once; not after `close`.
    virtual void link_down(link& which, const std::string& why) = 0;

   protected:
    ~listener() = default;
  };

  link(strand& on, listener& owner, const client_options& options);

  /// Starts connecting to HOST:PORT.
  void open(const std::string& address);
  /// Sends a sealed frame; its bytes stay with the link's `in_flight` until the reply. Only when ready.
  void send(std::uint64_t request, sent_frame frame);
  /// Takes the frame with this request number out of `in_flight`; nullopt when there is none.
  std::optional<sent_frame> finish(std::uint64_t request);
  /// Ends everything without a call to the listener. What was in flight stays in `in_flight`.
  void close();

  bool ready() const { return ready_; }
  const welcome_body& welcome() const { return welcome_; }

  std::map<std::uint64_t, sent_frame> in_flight;  ///< by request number
  std::uint32_t events_in_flight = 0;
  std::size_t waiting_queries = 0;    ///< of the frames in flight: operation::is_waiting_query
  std::uint32_t credit_requests = 0;  ///< the newest word of the server
  bool draining = false;              ///< after goaway: nothing new is sent
  clock::time_point last_received;

 private:
  void resolved(const asio::ip::tcp::resolver::results_type& found);
  void connected();
  void wait_read();
  void read();
  void flush();
  void down(const std::string& why);
  void take(const frame_header& header, std::span<const std::byte> body);

  strand& strand_;
  listener* owner_;
  const client_options& options_;
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  asio::posix::stream_descriptor waiter_;  ///< waits on the descriptor that `connection_` owns
  asio::steady_timer connect_timer_;
  std::optional<frame_connection> connection_;
  std::vector<std::byte> hello_;
  std::vector<std::vector<std::byte>> retired_;  ///< bytes of answered frames that may still be in the output
  welcome_body welcome_{};
  bool ready_ = false;
  bool closed_ = false;
  bool waiting_to_write_ = false;
};

}  // namespace payloom::client
