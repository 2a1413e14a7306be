#include "actors/app/bench/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace payloom::bench {
namespace {

constexpr std::size_t lines_kept = 400;
constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr auto poll_every = std::chrono::milliseconds(2);
using clock = std::chrono::steady_clock;

}  // namespace

server_process::server_process(const settings& how) {
  std::vector<std::string> words{"payloom", "server", "--listen", how.listen, "--data", how.directory};
  for (const std::string& setting : how.set) {
    words.emplace_back("--set");
    words.push_back(setting);
  }
  words.insert(words.end(), how.arguments.begin(), how.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> log{};
  if (::pipe2(log.data(), O_CLOEXEC) != 0) throw server_trouble("pipe failed");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw server_trouble("fork failed");
  if (pid_ == 0) {
    ::setpgid(0, 0);  // Ctrl-C ends the load, not the server that it is checked against
    ::prctl(PR_SET_PDEATHSIG, how.signal_at_our_end);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(log[1], STDERR_FILENO);
    ::dup2(log[1], STDOUT_FILENO);
    if (how.before_start) how.before_start();
    ::execv(how.program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(log[1]);
  log_thread_ = std::thread([this, fd = log[0]] { read_log(fd); });
}

server_process::~server_process() {
  kill_now();
  if (log_thread_.joinable()) log_thread_.join();
}

void server_process::read_log(int fd) {
  std::string pending;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(chunk.data(), static_cast<std::size_t>(got));
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      std::string text = pending.substr(0, end);
      pending.erase(0, end + 1);
      const std::lock_guard lock(mutex_);
      const std::size_t at = text.find("address=");
      if (at != std::string::npos && text.find("listening") != std::string::npos) {
        const std::size_t from = at + std::strlen("address=");
        listening_.push_back(text.substr(from, text.find_first_of(" \t\r\"", from) - from));
      }
      lines_.push_back(std::move(text));
      if (lines_.size() > lines_kept) lines_.pop_front();
    }
    if (pending.size() > line_bytes_max) pending.clear();
  }
  ::close(fd);
  const std::lock_guard lock(mutex_);
  log_ended_ = true;
}

std::string server_process::wait_listening(std::chrono::seconds patience) {
  const auto end = clock::now() + patience;
  for (;;) {
    bool over = false;
    {
      const std::lock_guard lock(mutex_);
      if (!listening_.empty()) return listening_.front();
      over = log_ended_;
    }
    if (over) throw server_trouble("the server ended before it listened; its last lines:\n" + last_lines());
    if (clock::now() > end) throw server_trouble("the server did not listen in time; its last lines:\n" + last_lines());
    std::this_thread::sleep_for(poll_every);
  }
}

void server_process::wait_line(const std::string& text, std::chrono::seconds patience) {
  const auto end = clock::now() + patience;
  for (;;) {
    bool over = false;
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& line : lines_) {
        if (line.find(text) != std::string::npos) return;
      }
      over = log_ended_;
    }
    if (over || clock::now() > end) {
      throw server_trouble("the server never said '" + text + "'; its last lines:\n" + last_lines());
    }
    std::this_thread::sleep_for(poll_every);
  }
}

void server_process::send_signal(int signal) {
  if (running()) ::kill(pid_, signal);
}

bool server_process::reap(bool wait) {
  if (ended_) return true;
  int status = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &status, wait ? 0 : WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  ended_ = true;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

bool server_process::running() { return !reap(false); }

int server_process::wait_end(std::chrono::seconds patience) {
  const auto end = clock::now() + patience;
  while (!reap(false)) {
    if (clock::now() > end) throw server_trouble("the server did not end in time; its last lines:\n" + last_lines());
    std::this_thread::sleep_for(poll_every);
  }
  return exit_code_;
}

void server_process::kill_now() {
  if (reap(false)) return;
  ::kill(pid_, SIGKILL);
  reap(true);
}

int server_process::drain(std::chrono::seconds patience) {
  send_signal(SIGTERM);
  return wait_end(patience);
}

std::string server_process::address() const {
  const std::lock_guard lock(mutex_);
  return listening_.empty() ? std::string{} : listening_.front();
}

std::vector<std::string> server_process::addresses() const {
  const std::lock_guard lock(mutex_);
  return listening_;
}

std::string server_process::last_lines() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  const std::size_t from = lines_.size() - std::min<std::size_t>(lines_.size(), 60);
  for (std::size_t i = from; i < lines_.size(); ++i) all += lines_[i] + "\n";
  return all;
}

std::uint64_t server_process::resident_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string text; std::getline(status, text);) {
    if (text.rfind("VmRSS:", 0) == 0) return std::strtoull(text.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

double server_process::cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(after_name + 2));
  std::string word;
  double ticks = 0;
  for (int field = 3; field <= 15 && fields >> word; ++field) {
    if (field >= 14) ticks += std::strtod(word.c_str(), nullptr);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace payloom::bench
