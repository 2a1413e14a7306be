#include "actors/app/bench/embedded_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace payloom::bench {
namespace {

constexpr std::size_t lines_kept = 60;
constexpr auto poll_every = std::chrono::milliseconds(5);
constexpr auto stop_patience = std::chrono::seconds(30);

std::filesystem::path make_directory(const std::string& parent) {
  const std::filesystem::path base =
      parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(parent);
  std::string path = (base / "payloom-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw server_failure("cannot make a directory in " + base.string() + ": " + std::strerror(errno));
  }
  return path;
}

}  // namespace

embedded_server::embedded_server(const settings& how)
    : directory_(make_directory(how.data_parent)), keep_data_(how.keep_data) {
  start(how);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(how.start_seconds);
  std::string why;
  while (address_.empty() && why.empty()) {
    {
      const std::lock_guard lock(mutex_);
      address_ = listening_;
      if (address_.empty() && log_ended_) why = "the server ended before it listened";
    }
    if (std::chrono::steady_clock::now() > end) why = "the server did not listen in time";
    if (address_.empty() && why.empty()) std::this_thread::sleep_for(poll_every);
  }
  if (address_.empty()) {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
    throw server_failure(why + "; its last lines:\n" + last_lines());
  }
}

embedded_server::~embedded_server() {
  stop();
  std::error_code ignored;
  if (!keep_data_) std::filesystem::remove_all(directory_, ignored);
}

void embedded_server::start(const settings& how) {
  std::vector<std::string> words{"payloom", "server", "--listen", "127.0.0.1:0", "--data", directory_.string()};
  for (const std::string& setting : how.set) {
    words.emplace_back("--set");
    words.push_back(setting);
  }
  words.insert(words.end(), how.arguments.begin(), how.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::array<int, 2> log{};
  if (::pipe2(log.data(), O_CLOEXEC) != 0) throw server_failure("pipe failed");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw server_failure("fork failed");
  if (pid_ == 0) {
    ::setpgid(0, 0);  // Ctrl-C ends the load, not the server that it is checked against
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(log[1], STDERR_FILENO);
    ::dup2(log[1], STDOUT_FILENO);
    ::execv(how.program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(log[1]);
  log_thread_ = std::thread([this, fd = log[0]] { read_log(fd); });
}

void embedded_server::read_log(int fd) {
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
      // Text or JSON: `listening address=HOST:PORT`, or the two as separate fields of one line.
      const std::size_t at = text.find("address=");
      if (listening_.empty() && at != std::string::npos && text.find("listening") != std::string::npos) {
        const std::size_t from = at + std::strlen("address=");
        listening_ = text.substr(from, text.find_first_of(" \t\r\"", from) - from);
      }
      lines_.push_back(std::move(text));
      if (lines_.size() > lines_kept) lines_.pop_front();
    }
    if (pending.size() > 64 * 1024) pending.clear();
  }
  ::close(fd);
  const std::lock_guard lock(mutex_);
  log_ended_ = true;
}

int embedded_server::stop() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    const auto end = std::chrono::steady_clock::now() + stop_patience;
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, WNOHANG)) == 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(poll_every);
    }
    if (ended == 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
    }
    exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    pid_ = -1;
  }
  if (log_thread_.joinable()) log_thread_.join();
  return exit_code_;
}

std::string embedded_server::last_lines() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const std::string& text : lines_) all += text + "\n";
  return all;
}

std::uint64_t embedded_server::resident_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string text; std::getline(status, text);) {
    if (text.rfind("VmRSS:", 0) == 0) return std::strtoull(text.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

double embedded_server::cpu_seconds() const {
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
