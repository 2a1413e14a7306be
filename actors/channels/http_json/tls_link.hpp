#pragma once
// One TLS connection on an io_context. OpenSSL works on the socket itself: Asio's ssl::stream keeps two pairs of
// buffers for each connection (68 KiB) and copies through them; here an idle connection has none. One thread runs it.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "actors/channels/http_json/asio.hpp"
#include "actors/channels/http_json/tls_context.hpp"

typedef struct ssl_st SSL;
typedef struct ssl_session_st SSL_SESSION;

namespace payloom::http_json {

class tls_link : public std::enable_shared_from_this<tls_link> {
 public:
  tls_link(asio::io_context& io, const tls_context& context);
  virtual ~tls_link();
  tls_link(const tls_link&) = delete;
  tls_link& operator=(const tls_link&) = delete;

  /// A client's: `server_name` (a name or an address) must be in the certificate. `session` may be nullptr.
  void connect(const tcp::endpoint& to, const std::string& server_name, SSL_SESSION* session);
  /// A server's.
  void accept(tcp_socket socket);
  /// Bytes are written as the socket takes them. At most one message is on its way, so this is bounded by its size.
  void send(std::string_view bytes);
  /// Ends it without a word to the owner; nothing is called any more.
  void close();

  bool is_open() const { return state_ == state::open; }
  /// Bytes that the system has taken, encrypted: whether anything of a message has left.
  std::uint64_t bytes_left() const { return bytes_left_; }
  /// Closed, with `on_closed`, as soon as all that was sent has left.
  void close_when_sent();
  /// Whether the handshake took up an earlier session.
  bool resumed() const;

 protected:
  virtual void on_connected() {}  ///< TCP only
  virtual void on_open() = 0;     ///< TLS is there
  virtual void on_bytes(std::string_view bytes) = 0;
  virtual void on_closed() = 0;             ///< by the other side, or an error; once
  virtual void on_session(SSL_SESSION*) {}  ///< a session to take up again; the callee owns it

 private:
  enum class state : std::uint8_t { idle, connecting, handshake, open, closed };
  friend int new_session(SSL*, SSL_SESSION*);
  friend struct link_bio;

  void start(bool server);
  void pump();  ///< goes on with the handshake, or with what is to be written
  void read_all();
  void wait_read();
  void wait_write();
  void fail();

  tcp_socket socket_;
  SSL* ssl_ = nullptr;
  const tls_context context_;
  std::string out_;
  std::size_t out_at_ = 0;
  std::uint64_t bytes_left_ = 0;
  state state_ = state::idle;
  bool waits_read_ = false;
  bool waits_write_ = false;
  bool closes_ = false;  ///< when all is sent
};

}  // namespace payloom::http_json
