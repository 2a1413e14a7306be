#include "actors/channels/http_json/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace payloom::http_json {

namespace {

std::shared_ptr<SSL_CTX> make(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (context == nullptr) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // An idle connection gives its buffers back: thousands of them cost little. A write may continue from moved memory.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one read for a record instead of two
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return context;
}

/// The newest error of OpenSSL, which names no secret.
std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "not readable" : text;
}

}  // namespace

tls_context tls_context::client(const std::filesystem::path& ca_file, std::string& problem) {
  tls_context made;
  made.context_ = make(TLS_client_method());
  if (made.context_ == nullptr || SSL_CTX_load_verify_file(made.context_.get(), ca_file.c_str()) != 1) {
    problem = "ca_file: " + reason();
    return made;
  }
  SSL_CTX_set_verify(made.context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(made.context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  return made;
}

tls_context tls_context::server(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file,
                                std::string& problem) {
  tls_context made;
  made.context_ = make(TLS_server_method());
  SSL_CTX* c = made.context_.get();
  if (c == nullptr || SSL_CTX_use_certificate_chain_file(c, certificate_file.c_str()) != 1) {
    problem = "certificate_file: " + reason();
  } else if (SSL_CTX_use_PrivateKey_file(c, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(c) != 1) {
    problem = "certificate's key_file: " + reason();
  } else {
    static constexpr unsigned char name[] = "payloom";
    SSL_CTX_set_session_id_context(c, name, sizeof name - 1);
    SSL_CTX_set_num_tickets(c, 1);
  }
  return made;
}

}  // namespace payloom::http_json
