#include "actors/app/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/types/result_code.hpp"

namespace payloom::bench {
namespace {

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000.0; }

double nanoseconds_each(double seconds, const load_result& load) {
  return load.sent > 0 ? seconds * 1e9 / static_cast<double>(load.sent) : 0;
}

template <class Each>
void for_each_refusal(const load_result& load, Each&& each) {
  for (std::size_t code = 0; code < load.rejected.size(); ++code) {
    if (load.rejected[code] > 0) each(name_of(static_cast<result_code>(code)), load.rejected[code]);
  }
}

// The first and the last second are cut short; a run of fewer than three has no slowest one.
std::uint64_t slowest_second(const load_result& load) {
  if (load.per_second.size() < 3) return 0;
  return *std::min_element(load.per_second.begin() + 1, load.per_second.end() - 1);
}

std::string_view unit_of(const options& opts) { return opts.orders ? "payments" : "transfers"; }

/// What the server's memory grew by, by open order.
double bytes_an_open_order(const run_report& report, const options& opts) {
  if (report.rss_with_open <= report.rss_before_open) return 0;
  const auto grown = static_cast<double>(report.rss_with_open - report.rss_before_open);
  return grown / static_cast<double>(opts.waiting + opts.holding);
}

nlohmann::ordered_json or_null(const std::optional<std::int64_t>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

nlohmann::ordered_json to_json(const run_report& report, const options& opts) {
  const load_result& load = report.load;
  nlohmann::ordered_json j;
  j["transfers_per_second"] = report.per_second();
  j["transfers_per_second_caught_up"] = report.per_second_caught_up();
  j["seconds"] = load.seconds;
  j["sent"] = load.sent;
  j["accepted"] = load.accepted;
  j["replayed"] = load.replayed;
  j["rejected"] = load.rejected_total();
  j["rejected_by_code"] = nlohmann::ordered_json::object();
  for_each_refusal(load, [&](std::string_view name, std::uint64_t n) { j["rejected_by_code"][std::string(name)] = n; });
  j["unknown"] = load.unknown;
  j["repeated"] = load.repeated;
  j["unanswered"] = load.unanswered;
  j["connections_broken"] = load.connections_broken;
  j["late"] = load.late;
  j["dropped"] = load.dropped;
  j["frames"] = load.frames;
  j["p50_us"] = microseconds(load.latency_ns.percentile(50));
  j["p90_us"] = microseconds(load.latency_ns.percentile(90));
  j["p99_us"] = microseconds(load.latency_ns.percentile(99));
  j["p999_us"] = microseconds(load.latency_ns.percentile(99.9));
  j["p9999_us"] = microseconds(load.latency_ns.percentile(99.99));
  j["max_us"] = microseconds(load.latency_ns.max());
  j["mean_us"] = load.latency_ns.mean() / 1000.0;
  j["service_p50_us"] = microseconds(load.service_ns.percentile(50));
  j["service_p99_us"] = microseconds(load.service_ns.percentile(99));
  j["index_lag"] = or_null(report.lag.at_end);
  j["index_lag_finally"] = or_null(report.lag.finally);
  j["catch_up_seconds"] = report.lag.catch_up_seconds;
  j["money_check"] = report.check ? nlohmann::ordered_json(report.passed()) : nlohmann::ordered_json(nullptr);
  if (report.check) {
    j["check"] = {{"passed", report.check->passed},
                  {"accounts", report.check->accounts_checked},
                  {"accounts_wrong", report.check->accounts_wrong},
                  {"ids", report.check->ids_checked},
                  {"ids_missing", report.check->ids_missing},
                  {"unknown_executed", report.check->unknown_executed},
                  {"why", report.check->why}};
  }
  j["slowest_second"] = slowest_second(load);
  j["per_second"] = load.per_second;
  j["client_cpu_ns"] = nanoseconds_each(load.client_cpu_seconds, load);
  j["server_cpu_ns"] = report.server_cpu_seconds > 0
                           ? nlohmann::ordered_json(nanoseconds_each(report.server_cpu_seconds, load))
                           : nlohmann::ordered_json(nullptr);
  j["server_rss_bytes"] =
      report.server_rss_bytes > 0 ? nlohmann::ordered_json(report.server_rss_bytes) : nlohmann::ordered_json(nullptr);
  j["seed"] = report.seed;
  j["accounts"] = opts.accounts;
  j["batch"] = opts.batch;
  j["connections"] = opts.connections;
  j["window"] = load.window_used;
  j["hot_percent"] = opts.hot_percent;
  j["rate"] = opts.rate;
  j["two_phase"] = opts.two_phase;
  j["orders"] = opts.orders;
  if (opts.orders) {
    j["merchants"] = opts.merchants;
    j["open_orders"] = {{"waiting", opts.waiting},
                        {"holding", opts.holding},
                        {"rss_before", report.rss_before_open},
                        {"rss_with", report.rss_with_open},
                        {"bytes_each", bytes_an_open_order(report, opts)}};
  }
  return j;
}

std::string to_text(const run_report& report, const options& opts) {
  const load_result& load = report.load;
  std::string out;
  const auto row = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("  {:<16} {}\n", name, value);
  };
  row("workload", fmt::format("frames of {}, {} connection(s) x {} in flight, {} accounts, hot {} %{}{}", opts.batch,
                              opts.connections, load.window_used, opts.accounts, opts.hot_percent,
                              opts.two_phase ? ", two-phase" : "",
                              opts.rate > 0 ? fmt::format(", {:.0f}/s intended", opts.rate) : ""));
  if (opts.orders) {
    row("orders", fmt::format("paid at once, to {} merchant(s); before them {} that wait for their payment and {} paid "
                              "into escrow",
                              opts.merchants, opts.waiting, opts.holding));
  }
  if (report.rss_with_open > 0) {
    row("open orders", fmt::format("{:.0f} bytes of server memory each", bytes_an_open_order(report, opts)));
  }
  row("throughput", fmt::format("{:.0f} {}/s  ({} accepted in {:.2f} s)", report.per_second(), unit_of(opts),
                                load.accepted, load.seconds));
  if (report.lag.at_end) {
    row("caught up",
        fmt::format("{:.0f} {}/s  (follower {} behind at the end, {:.2f} s to catch up)", report.per_second_caught_up(),
                    unit_of(opts), *report.lag.at_end, report.lag.catch_up_seconds));
  }
  row("latency",
      fmt::format("p50 {:.0f}  p90 {:.0f}  p99 {:.0f}  p99.9 {:.0f}  p99.99 {:.0f}  max {:.0f} us{}",
                  microseconds(load.latency_ns.percentile(50)), microseconds(load.latency_ns.percentile(90)),
                  microseconds(load.latency_ns.percentile(99)), microseconds(load.latency_ns.percentile(99.9)),
                  microseconds(load.latency_ns.percentile(99.99)), microseconds(load.latency_ns.max()),
                  opts.rate > 0 ? ", from the intended time" : ""));
  if (opts.rate > 0) row("schedule", fmt::format("{} late, {} dropped", load.late, load.dropped));
  row("refused", fmt::format("{}", load.rejected_total()));
  for_each_refusal(load, [&](std::string_view name, std::uint64_t n) { row("", fmt::format("{} {}", n, name)); });
  if (load.replayed > 0) row("replayed", fmt::format("{} (this seed ran here before)", load.replayed));
  if (load.connections_broken > 0) {
    row("CONNECTION", fmt::format("broke {} times: {} events unknown, {} sent again with the same ids, {} unanswered",
                                  load.connections_broken, load.unknown, load.repeated, load.unanswered));
  } else if (load.unanswered > 0) {
    row("UNANSWERED", fmt::format("{} events", load.unanswered));
  }
  row("CPU", fmt::format("client {:.0f} ns a {}{}", nanoseconds_each(load.client_cpu_seconds, load),
                         opts.orders ? "payment" : "transfer",
                         report.server_cpu_seconds > 0
                             ? fmt::format(", server {:.0f} ns", nanoseconds_each(report.server_cpu_seconds, load))
                             : ""));
  if (report.server_rss_bytes > 0) {
    row("server memory", fmt::format("{:.1f} MiB", static_cast<double>(report.server_rss_bytes) / (1 << 20)));
  }
  if (!report.lag.within_bound) {
    row("FOLLOWER", fmt::format("{} events behind, the bound is {}", report.lag.finally.value_or(0), opts.max_lag));
  }
  if (report.check) {
    row("money check", report.check->passed
                           ? fmt::format("passed: {} accounts, {} acknowledged ids looked up of {}",
                                         report.check->accounts_checked, report.check->ids_checked, load.accepted)
                           : "FAILED: " + report.check->why);
  }
  row("seed", fmt::format("{}", report.seed));
  return out;
}

}  // namespace payloom::bench
