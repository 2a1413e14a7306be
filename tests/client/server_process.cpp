#include "tests/client/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace payloom::test {

server_process::server_process(std::string program) : program_(std::move(program)) {
  std::string path = (std::filesystem::temp_directory_path() / "payloom-server-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = path;
}

server_process::~server_process() {
  kill();
  std::filesystem::remove_all(directory_);
}

void server_process::start() {
  const std::filesystem::path log = directory_ / "log";
  std::vector<std::string> words{program_, "server", "--listen", address_, "--data", (directory_ / "data").string()};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int out = ::open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(out);
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (;;) {
    std::ifstream file(log);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t line = text.find(" listening address=");
    if (line != std::string::npos && text.find('\n', line) != std::string::npos) {
      const std::size_t from = text.find('=', line) + 1;
      address_ = text.substr(from, text.find_first_of(" \n", from) - from);
      return;
    }
    const bool ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (ended) pid_ = -1;
    if (ended || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("the server does not listen:\n" + text);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void server_process::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

int server_process::stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace payloom::test
