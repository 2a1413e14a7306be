#pragma once
// The simulator of a channel's other end (`payloom channel-sim`) as a process of its own.
#include <string>
#include <vector>

namespace payloom::support {

class outside_process {
 public:
  /// Starts `words` (words[0] is the program's path) and waits for its first line, "port N". Throws std::runtime_error.
  explicit outside_process(const std::vector<std::string>& words);
  /// Ends it with SIGKILL if it still runs.
  ~outside_process();
  outside_process(const outside_process&) = delete;
  outside_process& operator=(const outside_process&) = delete;

  /// 127.0.0.1:PORT
  std::string address() const { return "127.0.0.1:" + port_; }
  /// SIGTERM; its exit code, 128 + the signal if one ended it.
  int stop();

 private:
  int pid_ = -1;
  std::string port_;
};

}  // namespace payloom::support
