#include "tests/crash/crash_run.hpp"

#include <signal.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <thread>

#include "tests/crash/load_worker.hpp"
#include "tests/crash/server_draw.hpp"
#include "tests/support/connect.hpp"
#include "tests/support/run_program.hpp"

namespace payloom::crash {
namespace {

constexpr double paced_events_per_second = 30'000;   ///< over all connections
constexpr std::uint64_t burst_events_max = 200'000;  ///< over all connections
constexpr double burst_seconds = 0.3;
constexpr int early_kills_max = 3;

void nap(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

crash_run::crash_run(crash_options how, verdict& into)
    : how_(std::move(how)),
      verdict_(into),
      engine_(how_.seed),
      plan_(how_.seed),
      oracle_(how_.directory + "/acknowledged", how_.seed + 1, into) {}

void crash_run::run() {
  open_accounts(start());
  for (std::uint32_t number = 1; number <= how_.cycles; ++number) cycle(number);
  const std::string address = start();
  check(address);
  oracle_.check_sequences();
  if (const int code = server_->drain(); code != 0) {
    verdict_.problem(verdict_.wrong, "a drained server ended with code " + std::to_string(code));
  }
}

void crash_run::cycle(std::uint32_t number) {
  if (!server_->running()) check(start());
  load_and_kill(server_->address());
  std::printf("cycle %u: %s; acknowledged %llu, unknown %llu, kills %u (%u before it listened), problems %llu\n",
              number, drawn_.c_str(), static_cast<unsigned long long>(verdict_.acknowledged),
              static_cast<unsigned long long>(oracle_.unknown_events()), kills_, early_kills_,
              static_cast<unsigned long long>(verdict_.lost + verdict_.duplicated + verdict_.wrong));
  std::fflush(stdout);
}

std::string crash_run::start() {
  const int early = share() < 0.4 ? 1 + static_cast<int>(engine_() % early_kills_max) : 0;
  for (int i = 0; i <= early; ++i) {
    const server_draw draw(engine_);
    drawn_ = draw.text;
    server_.reset();
    server_ = std::make_unique<support::server_process>(
        support::server_process::settings{how_.program, how_.directory + "/data", draw.set, {}});
    if (i == early) break;
    nap(share() * 0.25);
    early_kills_ += server_->address().empty();
    server_->kill_now();
    ++kills_;
  }
  return server_->wait_listening();
}

void crash_run::open_accounts(const std::string& address) {
  client::blocking_connection to = support::connect(address);
  std::deque<load_frame> frames;
  for (const auto* group : {&plan_.plain, &plan_.dollars, &plan_.limited, &plan_.changing}) {
    load_frame frame;
    frame.type = frame_type::create_accounts;
    for (const account_record& a : *group) frame.add(a, expectation::account);
    frames.push_back(frame);
  }
  oracle_.take(frames);  // unanswered: they are resolved like everything a crash left unknown
  oracle_.resolve(to);
}

void crash_run::check(const std::string& address) {
  client::blocking_connection to = support::connect(address);
  oracle_.resolve(to);
  oracle_.repeat(to, how_.sampled_events);
  oracle_.check_money(to);
  check_verify(address);
}

void crash_run::check_verify(const std::string& address) {
  const auto said = support::run_program({how_.program, "verify", "--address", address, "--json"});
  if (said.exit_code != 0) {
    verdict_.problem(verdict_.wrong,
                     "payloom verify ends with " + std::to_string(said.exit_code) + ": " + said.out + said.err);
  }
}

void crash_run::load_and_kill(const std::string& address) {
  const bool burst = share() < 0.3;
  const bool at_once = share() < 0.25;
  std::deque<load_worker> workers;
  for (std::uint32_t i = 0; i < how_.connections; ++i) {
    load_worker::settings s;
    s.address = address;
    s.seed = engine_();
    s.window = 1 + static_cast<std::uint32_t>(engine_() % 6);
    if (burst) {
      s.events_max = burst_events_max / how_.connections;
    } else {
      s.events_per_second = paced_events_per_second / how_.connections;
    }
    workers.emplace_back(s, plan_, pool_);
  }
  std::atomic<bool> killing{false};
  std::vector<std::thread> threads;
  for (load_worker& w : workers) threads.emplace_back([&w, &killing] { w.run(killing); });
  nap(share() * (at_once ? 0.05 : burst ? std::min(burst_seconds, how_.seconds_per_cycle) : how_.seconds_per_cycle));
  if (!server_->running()) {
    verdict_.problem(verdict_.wrong, "the server ended by itself; its last lines:\n" + server_->last_lines());
  }
  killing = true;
  server_->kill_now();
  ++kills_;
  for (std::thread& t : threads) t.join();
  for (load_worker& w : workers) {
    if (!w.ended_early.empty())
      verdict_.problem(verdict_.wrong, "a connection ended before the kill: " + w.ended_early);
    oracle_.take(w.frames);
  }
}

}  // namespace payloom::crash
