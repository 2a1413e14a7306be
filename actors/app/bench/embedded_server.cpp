#include "actors/app/bench/embedded_server.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace payloom::bench {
namespace {

constexpr auto start_patience = std::chrono::seconds(60);
constexpr auto stop_patience = std::chrono::seconds(30);

std::filesystem::path make_directory(const std::string& parent) {
  const std::filesystem::path base =
      parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(parent);
  std::string path = (base / "payloom-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw server_trouble("cannot make a directory in " + base.string() + ": " + std::strerror(errno));
  }
  return path;
}

void remove_quietly(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

}  // namespace

embedded_server::embedded_server(const settings& how)
    : directory_(make_directory(how.data_parent)), keep_data_(how.keep_data) {
  try {
    server_process::settings s;
    s.program = how.program;
    s.directory = directory_.string();
    s.set = how.set;
    s.arguments = how.arguments;
    s.signal_at_our_end = SIGTERM;
    process_ = std::make_unique<server_process>(s);
    address_ = process_->wait_listening(start_patience);
  } catch (...) {
    process_.reset();
    remove_quietly(directory_);
    throw;
  }
}

embedded_server::~embedded_server() {
  stop();
  process_.reset();
  if (!keep_data_) remove_quietly(directory_);
}

int embedded_server::stop() {
  try {
    return process_->drain(stop_patience);
  } catch (const server_trouble&) {  // it does not end by itself
    process_->kill_now();
    return 128 + SIGKILL;
  }
}

}  // namespace payloom::bench
