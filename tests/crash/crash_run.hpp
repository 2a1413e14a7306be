#pragma once
// Start, load, SIGKILL, start again with other settings, check; many times over one data directory.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "tests/crash/account_plan.hpp"
#include "tests/crash/load_pool.hpp"
#include "tests/crash/oracle.hpp"
#include "tests/crash/verdict.hpp"
#include "tests/support/server_process.hpp"

namespace payloom::crash {

struct crash_options {
  std::string program;    ///< the payloom binary
  std::string directory;  ///< where data and the file of acknowledged frames go
  std::uint32_t cycles = 5;
  double seconds_per_cycle = 2;  ///< of load, at most; the kill comes at a random moment in it
  std::uint64_t seed = 1;
  std::uint32_t connections = 16;
  std::uint64_t sampled_events = 20'000;  ///< older acknowledged events repeated after each crash
};

class crash_run {
 public:
  crash_run(crash_options how, verdict& into);
  /// Everything. Throws support::server_trouble when the server does not start or does not drain.
  void run();

 private:
  void cycle(std::uint32_t number);
  /// Starts the server; sometimes kills it a few times on its way there, in its recovery.
  std::string start();
  void open_accounts(const std::string& address);
  /// After a start: unknown becomes definite, acknowledged is still there, the money is right.
  void check(const std::string& address);
  void check_verify(const std::string& address);
  void load_and_kill(const std::string& address);
  double share() { return std::uniform_real_distribution<double>(0, 1)(engine_); }

  crash_options how_;
  verdict& verdict_;
  std::mt19937_64 engine_;
  account_plan plan_;
  load_pool pool_;
  oracle oracle_;
  std::unique_ptr<support::server_process> server_;
  std::string drawn_;
  std::uint32_t kills_ = 0;
  std::uint32_t early_kills_ = 0;
};

}  // namespace payloom::crash
