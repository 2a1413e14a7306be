#pragma once
// What the TLS connections of one side share: certificates, versions, sessions. TLS 1.2 is the least.
#include <filesystem>
#include <memory>
#include <string>

typedef struct ssl_ctx_st SSL_CTX;

namespace payloom::http_json {

/// Shared by connections of one thread; OpenSSL counts the references.
class tls_context {
 public:
  /// Of a client: the server's certificate must descend from the file's. nullopt-like: `problem` is not empty.
  static tls_context client(const std::filesystem::path& ca_file, std::string& problem);
  /// Of a server; both files are PEM.
  static tls_context server(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file,
                            std::string& problem);

  SSL_CTX* get() const { return context_.get(); }

 private:
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace payloom::http_json
