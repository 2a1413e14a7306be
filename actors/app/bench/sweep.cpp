#include "actors/app/bench/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace payloom::bench {
namespace {

constexpr std::size_t values_max = 64;

/// Keys of the server that can be swept, and their names in its configuration.
struct server_key {
  std::string_view name;
  std::string_view setting;
};
constexpr std::array server_keys{
    server_key{"order_shards", "topology.order_shards"},
    server_key{"account_shards", "topology.account_shards"},
    server_key{"hot_account_shards", "topology.hot_account_shards"},
    server_key{"workers", "topology.workers"},
    server_key{"io_threads", "server.io_threads"},
};

std::uint64_t number(const std::string& key, const std::string& text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    throw std::invalid_argument(fmt::format("--sweep {}: '{}' is no number from {} to {}", key, text, low, high));
  }
  return value;
}

}  // namespace

sweep_plan parse_sweep(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw std::invalid_argument("--sweep wants KEY=a,b,c");
  sweep_plan plan{text.substr(0, equals), {}};
  for (std::size_t from = equals + 1; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    if (comma == from) throw std::invalid_argument("--sweep: a value is empty");
    plan.values.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  if (plan.values.empty() || plan.values.size() > values_max) {
    throw std::invalid_argument(fmt::format("--sweep wants 1 to {} values", values_max));
  }
  return plan;
}

options with_value(const options& opts, const std::string& key, const std::string& value) {
  options point = opts;
  point.sweep.clear();
  if (key == "batch") {
    point.batch = static_cast<std::uint32_t>(number(key, value, 1, limits::frame_events_max));
  } else if (key == "connections") {
    point.connections = static_cast<std::uint32_t>(number(key, value, 1, 4096));
  } else if (key == "window") {
    point.window = static_cast<std::uint32_t>(number(key, value, 1, 4096));
  } else if (key == "accounts") {
    point.accounts = number(key, value, 2, 100'000'000);
  } else {
    const auto found = std::find_if(server_keys.begin(), server_keys.end(),
                                    [&](const server_key& k) { return k.name == key || k.setting == key; });
    if (found == server_keys.end() && key.find('.') == std::string::npos) {
      throw std::invalid_argument(fmt::format("--sweep: unknown key '{}'", key));
    }
    if (!opts.embedded) throw std::invalid_argument(fmt::format("--sweep {} restarts the server: add --embedded", key));
    const std::string setting = found == server_keys.end() ? key : std::string(found->setting);
    point.server_settings.push_back(setting + "=" + value);
  }
  return point;
}

int run_sweep(const options& opts, const std::function<run_report(const options&)>& run) {
  const sweep_plan plan = parse_sweep(opts.sweep);
  std::vector<options> points;
  for (const std::string& value : plan.values) points.push_back(with_value(opts, plan.key, value));
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::size_t best = points.size();
  double best_rate = 0;
  bool passed = true;
  if (!opts.json) {
    fmt::print("{:>20} {:>14} {:>10} {:>10} {:>12} {:>10} {:>6}\n", plan.key, "transfers/s", "p50 us", "p99 us",
               "server ns", "catch up s", "check");
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const run_report report = run(points[i]);
    nlohmann::ordered_json j = to_json(report, points[i]);
    passed = passed && report.passed();
    if (report.passed() && report.per_second() > best_rate) {
      best_rate = report.per_second();
      best = i;
    }
    if (!opts.json) {
      fmt::print("{:>20} {:>14.0f} {:>10.0f} {:>10.0f} {:>12.0f} {:>10.2f} {:>6}\n", plan.values[i],
                 report.per_second(), j["p50_us"].get<double>(), j["p99_us"].get<double>(),
                 j["server_cpu_ns"].is_null() ? 0.0 : j["server_cpu_ns"].get<double>(), report.lag.catch_up_seconds,
                 report.passed() ? "ok" : "FAILED");
      std::fflush(stdout);
    }
    j["sweep_value"] = plan.values[i];
    all.push_back(std::move(j));
  }
  const std::string best_value = best < points.size() ? plan.values[best] : std::string();
  if (opts.json) {
    nlohmann::ordered_json out;
    out["sweep"] = plan.key;
    out["best"] = best_value;
    out["runs"] = std::move(all);
    fmt::print("{}\n", out.dump());
  } else {
    fmt::print("best: {}={} with {:.0f} transfers/s\n", plan.key, best_value, best_rate);
  }
  return passed ? 0 : 1;
}

}  // namespace payloom::bench
