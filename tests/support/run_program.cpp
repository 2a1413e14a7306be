#include "tests/support/run_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace payloom::support {
namespace {

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Files, not pipes: however much the program writes, nobody has to read at the same time.
file make_file() {
  file f(std::tmpfile(), &std::fclose);
  if (!f) throw std::runtime_error("cannot make a temporary file");
  ::fcntl(::fileno(f.get()), F_SETFD, FD_CLOEXEC);
  return f;
}

std::string read_all(std::FILE* f) {
  std::string text;
  std::array<char, 4096> chunk{};
  std::rewind(f);
  for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), f)) > 0;) text.append(chunk.data(), got);
  return text;
}

}  // namespace

program_result run_program(const std::vector<std::string>& words, const std::string& input) {
  const file in = make_file();
  const file out = make_file();
  const file err = make_file();
  if (std::fwrite(input.data(), 1, input.size(), in.get()) != input.size()) throw std::runtime_error("cannot write");
  std::rewind(in.get());
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    ::dup2(::fileno(in.get()), STDIN_FILENO);
    ::dup2(::fileno(out.get()), STDOUT_FILENO);
    ::dup2(::fileno(err.get()), STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
  }
  program_result result;
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.out = read_all(out.get());
  result.err = read_all(err.get());
  return result;
}

}  // namespace payloom::support
