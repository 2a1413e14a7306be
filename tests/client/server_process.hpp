#pragma once
// The real `payloom server` on a directory of its own, for tests that kill it and start it again on the same port.
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace payloom::test {

class server_process {
 public:
  /// `program` is the payloom binary. Makes the data directory; does not start yet.
  explicit server_process(std::string program);
  /// Kills what runs and removes the directory.
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Starts it and returns when it listens. Throws std::runtime_error with its output when it does not within a minute.
  void start();
  /// SIGKILL.
  void kill();
  /// SIGTERM; returns its exit code, 128 + signal if one ended it.
  int stop();
  /// HOST:PORT; the same after every start.
  const std::string& address() const { return address_; }

 private:
  std::string program_;
  std::filesystem::path directory_;
  std::string address_ = "127.0.0.1:0";
  pid_t pid_ = -1;
};

}  // namespace payloom::test
