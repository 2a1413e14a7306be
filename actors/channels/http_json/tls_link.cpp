#include "actors/channels/http_json/tls_link.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>

#include "protocol/types/assert.hpp"

namespace payloom::http_json {

namespace {

constexpr std::size_t read_bytes = 16 * 1024;  ///< a TLS record's most

bool would_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

bool is_address(const std::string& name) {
  in6_addr ignored;
  return inet_pton(AF_INET, name.c_str(), &ignored) == 1 || inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

}  // namespace

/// OpenSSL's access to a link's socket. Its own one would raise SIGPIPE, and does not count.
struct link_bio {
  static int write(BIO* bio, const char* data, int size) {
    auto* link = static_cast<tls_link*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::send(link->socket_.native_handle(), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n > 0) link->bytes_left_ += static_cast<std::uint64_t>(n);
    if (n < 0 && would_wait(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(n);
  }
  static int read(BIO* bio, char* data, int size) {
    auto* link = static_cast<tls_link*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::recv(link->socket_.native_handle(), data, static_cast<std::size_t>(size), 0);
    if (n < 0 && would_wait(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(n);
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO* make(tls_link* link) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tls_link");
      BIO_meth_set_write(m, write);
      BIO_meth_set_read(m, read);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    BIO* bio = BIO_new(method);
    PAYLOOM_ASSERT(bio != nullptr);
    BIO_set_data(bio, link);
    BIO_set_init(bio, 1);
    return bio;
  }
};

int new_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<tls_link*>(SSL_get_app_data(ssl))->on_session(session);
  return 1;
}

tls_link::tls_link(asio::io_context& io, const tls_context& context) : socket_(io), context_(context) {}

tls_link::~tls_link() {
  if (ssl_ != nullptr) SSL_free(ssl_);
}

void tls_link::start(bool server) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  if (ssl_ == nullptr) ssl_ = SSL_new(context_.get());
  PAYLOOM_ASSERT(ssl_ != nullptr);
  SSL_set_app_data(ssl_, this);
  BIO* bio = link_bio::make(this);
  SSL_set_bio(ssl_, bio, bio);
  server ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
  state_ = state::handshake;
  wait_read();
  read_all();
}

void tls_link::connect(const tcp::endpoint& to, const std::string& server_name, SSL_SESSION* session) {
  PAYLOOM_ASSERT(state_ == state::idle);
  state_ = state::connecting;
  SSL_CTX_sess_set_new_cb(context_.get(), new_session);
  ssl_ = SSL_new(context_.get());
  PAYLOOM_ASSERT(ssl_ != nullptr);
  if (is_address(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), server_name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, server_name.c_str());
    SSL_set1_host(ssl_, server_name.c_str());
  }
  if (session != nullptr) SSL_set_session(ssl_, session);
  socket_.async_connect(to, [this, self = shared_from_this()](error_code error) {
    if (state_ != state::connecting) return;
    if (error) return fail();
    socket_.non_blocking(true, error);
    if (error) return fail();
    on_connected();
    if (state_ == state::connecting) start(false);
  });
}

void tls_link::accept(tcp_socket socket) {
  PAYLOOM_ASSERT(state_ == state::idle);
  socket_ = std::move(socket);
  error_code error;
  socket_.non_blocking(true, error);
  start(true);
}

void tls_link::send(std::string_view bytes) {
  if (state_ != state::open) return;
  if (out_at_ == out_.size()) {
    out_.clear();
    out_at_ = 0;
  }
  out_ += bytes;
  if (!waits_write_) pump();
}

void tls_link::pump() {
  while (state_ == state::handshake || (state_ == state::open && out_at_ < out_.size())) {
    ERR_clear_error();
    const bool opens = state_ == state::handshake;
    const int n = opens ? SSL_do_handshake(ssl_)
                        : SSL_write(ssl_, out_.data() + out_at_, static_cast<int>(out_.size() - out_at_));
    if (n <= 0) {
      const int error = SSL_get_error(ssl_, n);
      if (error == SSL_ERROR_WANT_WRITE) return wait_write();
      if (error == SSL_ERROR_WANT_READ) return;
      return fail();
    }
    if (opens) {
      state_ = state::open;
      on_open();
    } else {
      out_at_ += static_cast<std::size_t>(n);
    }
  }
  if (state_ != state::open) return;
  out_.clear();
  out_at_ = 0;
  if (closes_) fail();
}

void tls_link::close_when_sent() {
  closes_ = true;
  if (!waits_write_) pump();
}

bool tls_link::resumed() const { return ssl_ != nullptr && SSL_session_reused(ssl_) == 1; }

void tls_link::read_all() {
  thread_local std::string buffer(read_bytes, '\0');
  if (state_ == state::handshake) {
    pump();
    // What brought the handshake's end may have brought the next message as well: the socket will not tell again.
    if (state_ != state::open || SSL_has_pending(ssl_) == 0) return;
  }
  do {
    ERR_clear_error();
    const int n = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    if (n <= 0) {
      const int error = SSL_get_error(ssl_, n);
      if (error == SSL_ERROR_WANT_READ) return;
      if (error == SSL_ERROR_WANT_WRITE) return wait_write();
      return fail();
    }
    on_bytes({buffer.data(), static_cast<std::size_t>(n)});
  } while (state_ == state::open && SSL_has_pending(ssl_) != 0);
}

void tls_link::wait_read() {
  if (waits_read_ || state_ == state::closed) return;
  waits_read_ = true;
  socket_.async_wait(tcp_socket::wait_read, [this, self = shared_from_this()](error_code error) {
    waits_read_ = false;
    if (state_ == state::closed) return;
    if (error) return fail();
    read_all();
    wait_read();
  });
}

void tls_link::wait_write() {
  if (waits_write_ || state_ == state::closed) return;
  waits_write_ = true;
  socket_.async_wait(tcp_socket::wait_write, [this, self = shared_from_this()](error_code error) {
    waits_write_ = false;
    if (state_ == state::closed) return;
    if (error) return fail();
    state_ == state::handshake ? read_all() : pump();
  });
}

void tls_link::fail() {
  if (state_ == state::closed) return;
  const auto self = shared_from_this();  // the owner may let go of it
  close();
  on_closed();
}

void tls_link::close() {
  if (state_ == state::closed) return;
  if (state_ == state::open) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // says good-bye, and does not wait for an answer
  }
  ERR_clear_error();
  state_ = state::closed;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace payloom::http_json
