#pragma once
// A connected socket that reads what is there and writes what it is given, in as few calls as possible. Both sides of
// the wire use it. Belongs to the one thread that runs its io_context.
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "actors/channels/iso8583/asio.hpp"

namespace payloom::actors {

class iso_stream : public std::enable_shared_from_this<iso_stream> {
 public:
  struct owner {
    std::function<void(std::span<const char> bytes)> received;  ///< a part of the stream
    /// After all that could be read at once was handed on; and when written bytes have made room.
    std::function<void()> worked;
    /// The next bytes to be written, into the empty vector; false: there are none.
    std::function<bool(std::vector<char>& out)> next_output;
    std::function<void()> broken;  ///< once, at the end of the stream or an error; not after `close`
  };

  explicit iso_stream(tcp_socket socket) : socket_(std::move(socket)) {}

  /// Begins to read. Sets TCP_NODELAY: messages go out in batches already.
  void start(owner o);
  /// Writes what the owner has, as far as the socket takes it; the rest when it takes more. May call `broken`.
  void flush();
  /// Ends it; nothing of the owner is called any more.
  void close();

 private:
  void wait_read();
  void read_ready();
  void break_off();

  static constexpr std::size_t read_bytes = 64 * 1024;
  static constexpr int reads_max = 4;  ///< in one go, then others have their turn

  tcp_socket socket_;
  owner owner_;
  std::vector<char> reading_;
  std::vector<char> writing_;  ///< handed to the socket, in part maybe
  std::size_t written_ = 0;    ///< of it
  bool waits_for_room_ = false;
  bool closed_ = false;
};

}  // namespace payloom::actors
