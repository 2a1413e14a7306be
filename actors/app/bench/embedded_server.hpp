#pragma once
// A server of our own binary on a temporary directory, for `bench --embedded`: started, stopped, removed.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "actors/app/bench/server_process.hpp"

namespace payloom::bench {

class embedded_server {
 public:
  struct settings {
    std::string program = "/proc/self/exe";
    std::string data_parent;             ///< where the temporary directory is made; empty: the system's
    std::vector<std::string> set;        ///< KEY=VALUE, passed on as `--set`
    std::vector<std::string> arguments;  ///< passed on as they are
    bool keep_data = false;
  };

  /// Starts `server` on a new directory and waits until it listens. Throws server_trouble with its last lines.
  explicit embedded_server(const settings& how);
  /// Stops it (SIGTERM, after 30 s SIGKILL) and removes the directory.
  ~embedded_server();
  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

  const std::string& address() const { return address_; }
  const std::filesystem::path& directory() const { return directory_; }
  const server_process& process() const { return *process_; }
  /// Stops it; returns its exit code, or 128 + the signal that ended it.
  int stop();

 private:
  std::filesystem::path directory_;
  bool keep_data_;
  std::string address_;
  std::unique_ptr<server_process> process_;
};

}  // namespace payloom::bench
