#pragma once
// A certificate authority of one's own and a server's certificate below it, for tests and the simulator. Each start
// makes new ones; they are worth nothing elsewhere.
#include <filesystem>
#include <optional>
#include <string>

namespace payloom::http_json {

struct certificate_files {
  std::filesystem::path ca_file;           ///< for clients
  std::filesystem::path certificate_file;  ///< of the server: localhost, 127.0.0.1, ::1
  std::filesystem::path key_file;          ///< of the server; readable by its owner alone
};

/// Makes ca.pem, server.pem and server_key.pem in a directory that is there. ECDSA P-256, valid for a week. nullopt,
/// and `problem` says why.
std::optional<certificate_files> make_certificates(const std::filesystem::path& directory, std::string& problem);

}  // namespace payloom::http_json
