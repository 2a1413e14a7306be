#include "actors/app/bench/scenario/run_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "actors/app/bench/server_process.hpp"
#include "protocol/client/bulk.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::bench {
namespace {

constexpr std::uint32_t control_timeout_ms = 60'000;
constexpr std::uint64_t timelines_max = 5'000;  ///< a request each
constexpr int channel_looks_max = 50;           ///< what the channel answers comes a little later than our replies
constexpr auto between_looks = std::chrono::milliseconds(200);

/// Opens the accounts, funds the users and returns the sums of all by account number.
std::vector<sums> open_parties(client::blocking_connection& to, const scenario_parties& parties) {
  client::for_each_frame<account_record>(
      to, frame_type::create_accounts, parties.accounts(), limits::frame_events_max,
      [&](std::uint64_t i) { return parties.account_to_open(i); },
      [](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::account_exists, "opening an account");
      });
  client::for_each_frame<transfer_record>(
      to, frame_type::create_transfers, parties.users(), limits::frame_events_max,
      [&](std::uint64_t i) { return parties.funding(i); },
      [](std::uint64_t, std::uint32_t count, const client::reply& answer) {
        expect_done(answer, count, result_code::ok, "funding an account");
        for (const result_record& r : answer.rows<result_record>()) {
          if ((r.flags & result_flags::replayed) != 0) {
            throw setup_failure("this seed ran here before: its orders are made; choose another");
          }
        }
      });
  return read_sums(to, parties.accounts(), [&](std::uint64_t i) { return parties.account(i); });
}

bool shows(const known_order& order, const client::reply& answer) {
  const auto rows = answer.rows<order_event_row>();
  if (answer.code() != result_code::ok || rows.size() != order.version) return false;
  const order_row& is = rows.back().event.order;
  const bool held = is.held_minor == order.held;
  return is.id == order.id && is.amount_minor == order.amount && is.refunded_minor == order.refunded && held;
}

}  // namespace

check_result check_scenario(client::blocking_connection& from, const scenario_parties& parties,
                            const scenario_world& world, const std::vector<sums>& before, std::uint64_t sample) {
  check_result check;
  try {
    std::vector<sums> now = read_sums(from, parties.accounts(), [&](std::uint64_t i) { return parties.account(i); });
    // What moved: the platform's accounts have a past with other users and merchants. Modulo 2^64: a sum that went down
    // shows as a wrong one.
    for (std::size_t i = 0; i < now.size(); ++i) {
      now[i].debits -= before[i].debits;
      now[i].credits -= before[i].credits;
      now[i].debits_pending -= before[i].debits_pending;
      now[i].credits_pending -= before[i].credits_pending;
    }
    compare_sums(
        world.books().moved(), now, [&](std::uint64_t i) { return parties.name(i); }, check);
    const std::vector<known_order> orders = world.idle_orders();
    const std::uint64_t most = sample == 0 ? timelines_max : std::min(sample, timelines_max);
    const std::uint64_t count = std::min<std::uint64_t>(orders.size(), most);
    const auto nth = [&](std::uint64_t i) -> const known_order& { return orders[i * orders.size() / count]; };
    client::for_each_frame<id_record>(
        from, frame_type::order_timeline, count, 1, [&](std::uint64_t i) { return id_record{nth(i).id.value}; },
        [&](std::uint64_t i, std::uint32_t, const client::reply& answer) {
          if (shows(nth(i), answer) || check.ids_missing++ != 0 || !check.why.empty()) return;
          check.why = fmt::format("order {} is not what was acknowledged", to_hex(nth(i).id.value));
        });
    check.ids_checked = count;
  } catch (const setup_failure& failure) {
    if (check.why.empty()) check.why = failure.what();
  }
  check.passed = check.why.empty();
  return check;
}

scenario_report run_scenario(const options& opts, const scenario& how, const std::atomic<bool>& stop,
                             const server_process* server) {
  scenario_report report;
  report.how = how;
  report.file = opts.scenario_file;
  report.seed = how.seed;
  while (report.seed == 0) report.seed = (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) >> 1;
  client::connect_options where;
  where.address = opts.address;
  where.client_name = "payloom bench";
  where.timeout_ms = control_timeout_ms;
  const scenario_parties parties(how, report.seed);
  scenario_world world(how, parties, report.seed);
  std::vector<sums> before;
  {
    client::blocking_connection control(where);
    before = open_parties(control, parties);
  }
  scenario_driver driver({opts.address, opts.reconnect_seconds}, how, world, report.seed + 1, stop);
  if (opts.progress) {
    driver.on_second = [&world](double seconds) {
      fmt::print(stderr, "{:6.1f} s  {:>12} done  {} wrong\n", seconds, world.done(), world.wrong());
    };
  }
  report.load = driver.run();
  client::blocking_connection after(where);  // the load may have lasted longer than the server keeps an idle one
  report.lag = wait_for_follower(after, opts.max_lag, opts.catch_up_seconds);
  if (opts.check) report.check = check_scenario(after, parties, world, before, opts.sample);
  const bool channels = how.mix[kind_recharge] + how.mix[kind_withdraw] != 0;
  for (int look = 1; channels && report.check && !report.check->passed && look < channel_looks_max; ++look) {
    std::this_thread::sleep_for(between_looks);
    report.check = check_scenario(after, parties, world, before, opts.sample);
  }
  if (server != nullptr) report.server_rss_bytes = server->resident_bytes();
  report.kinds = world.figures();
  report.done = world.done();
  report.duplicates = world.duplicates();
  report.wrong = world.wrong();
  report.unanswered = world.unanswered();
  report.why = world.why();
  return report;
}

}  // namespace payloom::bench
