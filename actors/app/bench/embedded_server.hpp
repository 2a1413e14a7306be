#pragma once
// A server of our own binary on a temporary directory, for `bench --embedded`: started, watched, stopped, removed.
#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace payloom::bench {

struct server_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class embedded_server {
 public:
  struct settings {
    std::string program = "/proc/self/exe";
    std::string data_parent;             ///< where the temporary directory is made; empty: the system's
    std::vector<std::string> set;        ///< KEY=VALUE, passed on as `--set`
    std::vector<std::string> arguments;  ///< passed on as they are
    double start_seconds = 60;           ///< how long it may take until it listens
    bool keep_data = false;
  };

  /// Starts `server --listen 127.0.0.1:0 --data DIR` and waits for its line `listening address=HOST:PORT` on stderr.
  /// Throws server_failure with its last lines.
  explicit embedded_server(const settings& how);
  /// Stops it (SIGTERM, after 30 s SIGKILL) and removes the directory.
  ~embedded_server();
  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

  const std::string& address() const { return address_; }
  const std::filesystem::path& directory() const { return directory_; }
  pid_t pid() const { return pid_; }
  /// Resident memory in bytes, 0 when it cannot be read.
  std::uint64_t resident_bytes() const;
  /// User and system CPU seconds used so far.
  double cpu_seconds() const;
  /// Stops it; returns its exit code, or 128 + the signal that ended it.
  int stop();
  /// The last lines it wrote to stderr.
  std::string last_lines() const;

 private:
  void start(const settings& how);
  void read_log(int fd);

  std::filesystem::path directory_;
  bool keep_data_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::string address_;
  std::thread log_thread_;
  mutable std::mutex mutex_;  ///< guards lines_, listening_, log_ended_
  std::deque<std::string> lines_;
  std::string listening_;
  bool log_ended_ = false;
};

}  // namespace payloom::bench
