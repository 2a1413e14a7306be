#include "tests/crash/crash_run.hpp"

#include <signal.h>

#include <atomic>
#include <chrono>
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
constexpr auto point_patience = std::chrono::seconds(60);     ///< until the load has brought the server to a place
constexpr auto recovery_patience = std::chrono::seconds(60);  ///< until it listens or dies

void nap(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

crash_run::crash_run(crash_options how, verdict& into)
    : how_(std::move(how)),
      verdict_(into),
      engine_(how_.seed),
      plan_(how_.seed),
      oracle_(how_.directory, how_.seed + 1, into) {}

void crash_run::run() {
  open_accounts(start());
  if (how_.points) {
    for (const kill_point_info& where : all_kill_points()) {
      for (std::uint32_t i = 0; i < how_.rounds; ++i) cycle(kill_plan::at(where, engine_));
    }
  }
  for (std::uint32_t i = 0; i < how_.cycles; ++i) cycle(draw_plan());
  const std::string address = start();
  check(address);
  check_end(address);
  oracle_.check_sequences();
  if (const int code = server_->drain(); code != 0) {
    verdict_.problem(verdict_.wrong, "a drained server ended with code " + std::to_string(code));
  }
  check_verify({"--data", data()});
}

kill_plan crash_run::draw_plan() {
  if (share() >= how_.points_share) return {};
  const auto places = all_kill_points();
  return kill_plan::at(places[engine_() % places.size()], engine_);
}

void crash_run::cycle(const kill_plan& plan) {
  ++cycles_;
  if (!server_->running()) check(start());
  if (plan.point == kill_point::none) {
    load_and_kill(server_->address(), plan);
  } else if (plan.in_recovery) {
    load_and_kill(server_->address(), {});
    start_and_die(plan);
  } else {
    // What the check asked passes these places as well: the place is armed for the load alone.
    server_->kill_now();
    load_and_kill(start(plan), plan);
  }
  if (share() < how_.offline_share) check_verify({"--data", data()});
  print_cycle(plan);
}

void crash_run::print_cycle(const kill_plan& plan) const {
  std::printf(
      "cycle %u: %s; %s; acknowledged %llu (%llu on orders), unknown %llu, kills %u (%u before it listened), "
      "problems %llu\n",
      cycles_, drawn_.c_str(), plan.point == kill_point::none ? "random moment" : plan.argument().c_str(),
      static_cast<unsigned long long>(verdict_.acknowledged),
      static_cast<unsigned long long>(verdict_.acknowledged_on_orders),
      static_cast<unsigned long long>(oracle_.unknown_events()), kills_, early_kills_,
      static_cast<unsigned long long>(verdict_.lost + verdict_.duplicated + verdict_.wrong));
  std::fflush(stdout);
}

void crash_run::launch(const kill_plan& plan) {
  const server_draw draw(engine_);
  drawn_ = draw.text;
  support::server_process::settings how{how_.program, data(), draw.set, {}};
  if (plan.point != kill_point::none) how.arguments = {"--kill-at", plan.argument()};
  server_.reset();
  server_ = std::make_unique<support::server_process>(how);
}

std::string crash_run::start(const kill_plan& plan) {
  const bool marked = plan.point != kill_point::none;
  const int early = !marked && share() < 0.4 ? 1 + static_cast<int>(engine_() % early_kills_max) : 0;
  for (int i = 0; i < early; ++i) {
    launch({});
    nap(share() * 0.25);
    early_kills_ += server_->address().empty();
    server_->kill_now();
    ++kills_;
  }
  launch(plan);
  return server_->wait_listening();
}

/// The server ends in its recovery. How many groups it replays is not known before: it may listen instead.
void crash_run::start_and_die(kill_plan plan) {
  for (; plan.count > 0; plan.count /= 2) {
    launch(plan);
    const auto patience = std::chrono::steady_clock::now() + recovery_patience;
    while (server_->running() && server_->address().empty() && std::chrono::steady_clock::now() < patience) nap(0.002);
    const bool listens = !server_->address().empty();
    server_->kill_now();
    ++kills_;
    if (listens) continue;
    ++early_kills_;
    ++reached_[plan.name];
    return;
  }
  verdict_.problem(verdict_.wrong, "the server never passed " + plan.name);
}

void crash_run::open_accounts(const std::string& address) {
  client::blocking_connection to = support::connect(address);
  std::deque<load_frame> frames;
  for (const auto* group :
       {&plan_.plain, &plan_.dollars, &plan_.limited, &plan_.changing, &plan_.purses, &plan_.platform}) {
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
  oracle_.check_events(to);
  oracle_.check_subscribers(address);
  oracle_.check_money(to);
  oracle_.check_orders(to, how_.sampled_orders);
  check_verify({"--address", address});
}

/// Nothing is sent any more: payments outside end by themselves, and then the books are looked at once more.
void crash_run::check_end(const std::string& address) {
  client::blocking_connection to = support::connect(address);
  oracle_.settle_payments(to);
  oracle_.check_money(to);
  oracle_.check_orders(to, how_.sampled_orders);
}

/// The books, checked by the program itself: on a live server, or of the directory that a dead one left.
void crash_run::check_verify(const std::vector<std::string>& of_what) {
  std::vector<std::string> words{how_.program, "verify", "--json"};
  words.insert(words.end(), of_what.begin(), of_what.end());
  const auto said = support::run_program(words);
  ++verifies_;
  if (said.exit_code != 0) {
    verdict_.problem(verdict_.wrong, "payloom verify " + of_what.front() + " ends with " +
                                         std::to_string(said.exit_code) + ": " + said.out + said.err);
  }
}

void crash_run::load_and_kill(const std::string& address, const kill_plan& plan) {
  const bool marked = plan.point != kill_point::none;
  const bool burst = !marked && share() < 0.3;
  const bool at_once = share() < 0.25;
  std::deque<load_worker> workers;
  for (std::uint32_t i = 0; i < how_.connections; ++i) {
    load_worker::settings s;
    s.address = address;
    s.seed = engine_();
    s.window = 1 + static_cast<std::uint32_t>(engine_() % 6);
    s.events_max = (burst ? burst_events_max : plan.events_max) / how_.connections;
    if (!burst) s.events_per_second = paced_events_per_second / how_.connections;
    workers.emplace_back(s, plan_, pool_);
  }
  std::atomic<bool> killing{marked};
  std::vector<std::thread> threads;
  oracle_.follower().begin(address);
  oracle_.begin_subscribers(address);
  for (load_worker& w : workers) threads.emplace_back([&w, &killing] { w.run(killing); });
  if (marked) {
    wait_for_death(plan);
  } else {
    nap(share() * (at_once ? 0.05 : burst ? std::min(burst_seconds, how_.seconds_per_cycle) : how_.seconds_per_cycle));
    if (!server_->running()) {
      verdict_.problem(verdict_.wrong, "the server ended by itself; its last lines:\n" + server_->last_lines());
    }
  }
  killing = true;
  server_->kill_now();
  ++kills_;
  for (std::thread& t : threads) t.join();
  oracle_.follower().end();
  oracle_.end_subscribers();
  for (load_worker& w : workers) {
    if (!w.ended_early.empty())
      verdict_.problem(verdict_.wrong, "a connection ended before the kill: " + w.ended_early);
    oracle_.take(w.frames);
  }
}

void crash_run::wait_for_death(const kill_plan& plan) {
  const auto patience = std::chrono::steady_clock::now() + point_patience;
  while (server_->running() && std::chrono::steady_clock::now() < patience) nap(0.002);
  if (server_->running()) {
    verdict_.problem(verdict_.wrong, "the server never passed " + plan.argument());
  } else if (const int code = server_->wait_end(); code != 128 + SIGKILL) {
    verdict_.problem(verdict_.wrong, "the server ended with code " + std::to_string(code) + "; its last lines:\n" +
                                         server_->last_lines());
  } else {
    ++reached_[plan.name];
  }
}

}  // namespace payloom::crash
