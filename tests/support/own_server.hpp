#pragma once
// A data directory of its own and the real server on it, to be killed and started again on the same port.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/server_process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::support {

class own_server {
 public:
  /// `program` is the payloom binary. Makes the directory; does not start yet.
  explicit own_server(std::string program) : program_(std::move(program)) {}

  /// Starts it and returns when it listens. `set`: KEY=VALUE; `arguments`: passed on as they are. Throws
  /// server_trouble.
  void start(std::vector<std::string> set = {}, std::vector<std::string> arguments = {}) {
    server_process::settings how;
    how.program = program_;
    how.directory = data();
    how.set = std::move(set);
    how.arguments = std::move(arguments);
    how.listen = address_;
    process_ = std::make_unique<server_process>(how);
    address_ = process_->wait_listening();
  }
  void kill() { process_->kill_now(); }
  /// SIGTERM; its exit code, 128 + the signal if one ended it.
  int stop() { return process_->drain(); }

  /// HOST:PORT; the same after every start.
  const std::string& address() const { return address_; }
  server_process& process() { return *process_; }
  std::string data() const { return (directory_.path() / "data").string(); }
  /// For what belongs to the server beside its data: a configuration file, a second partition.
  std::string beside(const std::string& name) const { return (directory_.path() / name).string(); }
  /// Leaves the directory where it is: for someone who has to look at what went wrong.
  void keep() { directory_.keep(); }

 private:
  std::string program_;
  temporary_directory directory_{"payloom-server"};
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<server_process> process_;
};

}  // namespace payloom::support
