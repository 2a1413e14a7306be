#pragma once
// The real server as a process of its own: started, watched, drained or killed, its exit code seen. One thread owns it.
// For `bench --embedded` and for every test that runs the binary.
#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace payloom::bench {

/// The server did not do what was waited for; says so with its last lines.
struct server_trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class server_process {
 public:
  struct settings {
    std::string program;                   ///< the payloom binary
    std::string directory;                 ///< data directory
    std::vector<std::string> set;          ///< KEY=VALUE, passed on as `--set`
    std::function<void()> before_start;    ///< runs in the child before the program: limits; async-signal-safe
    std::string listen = "127.0.0.1:0";    ///< HOST:PORT
    std::vector<std::string> arguments{};  ///< passed on as they are
    int signal_at_our_end = SIGKILL;       ///< what it gets when the thread that started it ends: it outlives nobody
  };

  /// Starts `server --listen LISTEN --data DIR`; does not wait for anything. Throws server_trouble.
  explicit server_process(const settings& how);
  /// Ends it with SIGKILL if it still runs.
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  /// Waits until it listens and returns HOST:PORT. Throws server_trouble when it ends before, or not in time.
  std::string wait_listening(std::chrono::seconds patience = std::chrono::seconds(60));
  /// Waits for a line with `text` in it. Throws server_trouble.
  void wait_line(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(60));
  /// Sends a signal; nothing when it has ended.
  void send_signal(int signal);
  /// Waits for its end. Returns its exit code, or 128 + the signal that ended it. Throws server_trouble after
  /// `patience`.
  int wait_end(std::chrono::seconds patience = std::chrono::seconds(60));
  /// SIGKILL and wait.
  void kill_now();
  /// SIGTERM and wait_end.
  int drain(std::chrono::seconds patience = std::chrono::seconds(60));

  bool running();
  pid_t pid() const { return pid_; }
  /// Empty before it listens. When several addresses listen: the first.
  std::string address() const;
  /// Every `address=` of the `listening` lines so far, in order.
  std::vector<std::string> addresses() const;
  std::string last_lines() const;
  /// Resident memory in bytes, 0 when it cannot be read.
  std::uint64_t resident_bytes() const;
  /// User and system CPU seconds used so far, 0 when they cannot be read.
  double cpu_seconds() const;

 private:
  void read_log(int fd);
  bool reap(bool wait);

  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = -1;
  std::thread log_thread_;
  mutable std::mutex mutex_;  ///< guards the rest
  std::deque<std::string> lines_;
  std::vector<std::string> listening_;
  bool log_ended_ = false;
};

}  // namespace payloom::bench
