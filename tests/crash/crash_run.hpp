#pragma once
// Start, load, SIGKILL, start again with other settings, check; many times over one data directory.
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/account_plan.hpp"
#include "tests/crash/kill_plan.hpp"
#include "tests/crash/load_pool.hpp"
#include "tests/crash/oracle.hpp"
#include "tests/crash/verdict.hpp"
#include "tests/support/server_process.hpp"

namespace payloom::crash {

struct crash_options {
  std::string program;       ///< the payloom binary
  std::string directory;     ///< where data and the file of acknowledged frames go
  std::uint32_t cycles = 5;  ///< that end at a random moment or a drawn place
  bool points = false;       ///< before them: every marked place, `rounds` times
  std::uint32_t rounds = 1;
  double points_share = 0.3;     ///< of the cycles that end at a place
  double offline_share = 0.25;   ///< of the cycles after which the directory is verified before the next start
  double seconds_per_cycle = 2;  ///< of load, at most; the kill comes at a random moment in it
  std::uint64_t seed = 1;
  std::uint32_t connections = 16;
  std::uint64_t sampled_events = 20'000;  ///< older acknowledged events repeated after each crash
  std::size_t sampled_orders = 300;       ///< older orders looked at one by one
};

class crash_run {
 public:
  crash_run(crash_options how, verdict& into);
  /// Everything. Throws support::server_trouble when the server does not start or does not drain.
  void run();

  std::uint32_t cycles() const { return cycles_; }
  std::uint32_t kills() const { return kills_; }
  std::uint32_t early_kills() const { return early_kills_; }
  std::uint32_t verifies() const { return verifies_; }
  /// How often the server died at each place.
  const std::map<std::string, std::uint32_t>& reached() const { return reached_; }
  const life_book& lives() const { return oracle_.lives(); }
  const std::deque<event_subscriber>& subscribers() const { return oracle_.subscribers(); }

 private:
  void cycle(const kill_plan& plan);
  kill_plan draw_plan();
  void launch(const kill_plan& plan);
  /// Starts the server; without a place, sometimes kills it a few times on its way there, in its recovery.
  std::string start(const kill_plan& plan = {});
  void start_and_die(kill_plan plan);
  void open_accounts(const std::string& address);
  /// After a start: unknown becomes definite, acknowledged is still there, events and money are right.
  void check(const std::string& address);
  void check_end(const std::string& address);
  void check_verify(const std::vector<std::string>& of_what);
  void load_and_kill(const std::string& address, const kill_plan& plan);
  void wait_for_death(const kill_plan& plan);
  void print_cycle(const kill_plan& plan) const;
  std::string data() const { return how_.directory + "/data"; }
  double share() { return std::uniform_real_distribution<double>(0, 1)(engine_); }

  crash_options how_;
  verdict& verdict_;
  std::mt19937_64 engine_;
  account_plan plan_;
  load_pool pool_;
  oracle oracle_;
  std::unique_ptr<support::server_process> server_;
  std::string drawn_;
  std::map<std::string, std::uint32_t> reached_;
  std::uint32_t cycles_ = 0;
  std::uint32_t verifies_ = 0;
  std::uint32_t kills_ = 0;
  std::uint32_t early_kills_ = 0;
};

}  // namespace payloom::crash
