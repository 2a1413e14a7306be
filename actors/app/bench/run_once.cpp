#include "actors/app/bench/run_once.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "actors/app/bench/interrupt_guard.hpp"
#include "actors/app/bench/load_generator.hpp"
#include "actors/app/bench/order_check.hpp"
#include "actors/app/bench/order_setup.hpp"

namespace payloom::bench {
namespace {

void print_progress(const load_result& load, double seconds) {
  const std::size_t done = load.per_second.size();
  const auto second = static_cast<std::size_t>(seconds);
  const std::uint64_t last = second >= 1 && second - 1 < done ? load.per_second[second - 1] : 0;
  fmt::print(stderr, "{:6.1f} s  {:>10} accepted/s  {:>12} accepted  p99 {:>8.0f} us  {} refused\n", seconds, last,
             load.accepted, static_cast<double>(load.latency_ns.percentile(99)) / 1000.0, load.rejected_total());
}

/// What every run does, whatever it sends.
class bench_run {
 public:
  bench_run(const options& opts, const server_process* server) : opts_(opts), server_(server), load_(made(opts)) {
    where_.address = opts.address;
    where_.client_name = "payloom bench";
    where_.timeout_ms = 60'000;
  }

  run_report transfers() {
    client::blocking_connection control(where_);
    std::vector<sums> before = prepare(control, load_, opts_.limits);
    drive(nullptr);
    client::blocking_connection after = wait_for_the_rest();
    if (opts_.check) {
      report_.check = check_money(after, load_, report_.load, std::move(before), opts_.two_phase, opts_.sample);
    }
    return std::move(report_);
  }

  run_report orders() {
    const order_workload load(load_, opts_.merchants);
    client::blocking_connection control(where_);
    const std::vector<sums> before = prepare_orders(control, load);
    held_orders held;
    if (opts_.waiting + opts_.holding > 0) held = open_orders(control, load);
    drive(&load);
    client::blocking_connection after = wait_for_the_rest();
    if (opts_.check) report_.check = check_orders(after, load, report_.load, before, held, opts_.sample);
    return std::move(report_);
  }

 private:
  workload made(const options& opts) {
    report_.seed = opts.seed;
    while (report_.seed == 0)
      report_.seed = (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) >> 1;
    return {report_.seed, opts.accounts, opts.hot_percent};
  }

  void drive(const order_workload* orders) {
    const interrupt_guard guard;
    load_generator generator(opts_, load_, orders, interrupt_guard::interrupted());
    if (opts_.progress) generator.on_second = print_progress;
    const double cpu_before = server_ != nullptr ? server_->cpu_seconds() : 0;
    report_.load = generator.run();
    if (server_ != nullptr) report_.server_cpu_seconds = server_->cpu_seconds() - cpu_before;
  }

  /// A new connection: the load may have lasted longer than the server keeps an idle one.
  client::blocking_connection wait_for_the_rest() {
    client::blocking_connection after(where_);
    report_.lag = wait_for_follower(after, opts_.max_lag, opts_.catch_up_seconds);
    report_.server_rss_bytes = resident_bytes(after);
    return after;
  }

  std::uint64_t resident_bytes(client::blocking_connection& from) const {
    if (server_ != nullptr) return server_->resident_bytes();
    return static_cast<std::uint64_t>(find_number(read_stats(from), "server_rss_bytes").value_or(0));
  }

  /// When the server has been idle for a moment: then it has given free memory back.
  std::uint64_t idle_bytes(client::blocking_connection& from) const {
    wait_for_follower(from, opts_.max_lag, opts_.catch_up_seconds);
    std::this_thread::sleep_for(std::chrono::seconds(3));
    return resident_bytes(from);
  }

  held_orders open_orders(client::blocking_connection& control, const order_workload& load) {
    report_.rss_before_open = idle_bytes(control);
    make_orders(control, load, order_workload::kind::waiting, opts_.waiting);
    held_orders held{opts_.holding, make_orders(control, load, order_workload::kind::holding, opts_.holding)};
    report_.rss_with_open = idle_bytes(control);
    return held;
  }

  const options& opts_;
  const server_process* server_;
  run_report report_;
  workload load_;
  client::connect_options where_;
};

}  // namespace

run_report run_once(const options& opts, const server_process* server) {
  bench_run run(opts, server);
  return opts.orders ? run.orders() : run.transfers();
}

}  // namespace payloom::bench
