#pragma once
// Both sides of the JSON wire in one process: a simulator on one thread, the platform's wire and its ear on another.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "actors/channels/http_json/callback_listener.hpp"
#include "actors/channels/http_json/certificate_maker.hpp"
#include "actors/channels/http_json/http_simulator.hpp"
#include "actors/channels/http_json/http_wire.hpp"
#include "tests/support/temporary_directory.hpp"

namespace payloom::test {

namespace hj = http_json;

inline const std::string test_key = "c0ffee00112233445566778899aabbccddeeff0123456789";

/// The wall clock never runs backwards here: the simulator's book wants that.
inline time_ns test_now() {
  static const auto start = std::chrono::steady_clock::now();
  const auto passed = std::chrono::steady_clock::now() - start;
  return 1'795'392'000'000'000'000 + static_cast<time_ns>(passed.count());
}

/// True as soon as `what` is; false when that takes too long.
template <class What>
bool eventually(What what, std::chrono::seconds within = std::chrono::seconds(60)) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!what()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// An io_context with its thread.
class io_thread {
 public:
  io_thread() : work_(io.get_executor()), thread_([this] { io.run(); }) {}
  ~io_thread() {
    work_.reset();
    io.stop();
    thread_.join();
  }
  /// Runs `what` on the thread and waits for its result.
  template <class What>
  auto run(What what) {
    std::promise<decltype(what())> done;
    hj::asio::post(io, [&] { done.set_value(what()); });
    return done.get_future().get();
  }

  hj::asio::io_context io{1};

 private:
  boost::asio::executor_work_guard<hj::asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// Keys, certificates, codes.
struct secrets {
  support::temporary_directory directory;
  hj::key_ring keys;
  hj::code_map codes;
  hj::tls_context server, client;

  secrets() {
    std::string problem;
    std::ofstream(directory.path() / "keys") << "k1 " << test_key << "\n";
    keys = std::move(*hj::key_ring::read(directory.path() / "keys", problem));
    codes = *hj::code_map::make(hj::simulator_codes(), problem);
    const auto files = hj::make_certificates(directory.path(), problem);
    EXPECT_TRUE(files.has_value()) << problem;
    server = hj::tls_context::server(files->certificate_file, files->key_file, problem);
    client = hj::tls_context::client(files->ca_file, problem);
    EXPECT_EQ(problem, "");
  }
  hj::http_channel channel(actors::raw_log* log = nullptr) const { return {&keys, &codes, log, test_now}; }
};

/// What was told, from any thread.
class told_answers {
 public:
  actors::tell_answers sink() {
    return [this](std::vector<core::channel_answer> answers) {
      const std::lock_guard lock(mutex_);
      for (core::channel_answer& a : answers) all_.push_back(std::move(a));
    };
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  std::vector<core::channel_answer> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(all_, {});
  }
  void add(core::channel_answer a) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(a));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<core::channel_answer> all_;
};

}  // namespace payloom::test
