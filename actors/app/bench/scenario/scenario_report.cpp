#include "actors/app/bench/scenario/scenario_report.hpp"

#include <fmt/format.h>

#include "protocol/types/result_code.hpp"

namespace payloom::bench {
namespace {

using nlohmann::ordered_json;

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000.0; }

double rate_of(const scenario_report& r, std::uint64_t n) {
  return r.load.seconds > 0 ? static_cast<double>(n) / r.load.seconds : 0;
}

void add_latency(ordered_json& to, const histogram& latency) {
  to["p50_us"] = microseconds(latency.percentile(50));
  to["p90_us"] = microseconds(latency.percentile(90));
  to["p99_us"] = microseconds(latency.percentile(99));
  to["p999_us"] = microseconds(latency.percentile(99.9));
  to["max_us"] = microseconds(latency.max());
}

ordered_json refusals_of(const std::map<result_code, std::uint64_t>& refused) {
  ordered_json out = ordered_json::object();
  for (const auto& [code, n] : refused) out[std::string(name_of(code))] = n;
  return out;
}

/// All kinds as one.
kind_figures total_of(const scenario_report& report) {
  kind_figures all;
  for (const kind_figures& k : report.kinds) {
    all.asked += k.asked;
    all.done += k.done;
    all.latency_ns.merge(k.latency_ns);
    for (const auto& [code, n] : k.refused) all.refused[code] += n;
  }
  return all;
}

std::string why_it_failed(const scenario_report& r) {
  if (r.wrong > 0) return fmt::format("{} wrong answers, the first: {}", r.wrong, r.why);
  if (r.unanswered > 0) return fmt::format("{} operations without an answer", r.unanswered);
  return r.check ? r.check->why : "";
}

}  // namespace

ordered_json to_json(const scenario_report& report) {
  const kind_figures all = total_of(report);
  ordered_json j;
  j["scenario"] = report.file;
  j["transfers_per_second"] = report.per_second();
  j["seconds"] = report.load.seconds;
  j["accepted"] = report.done;
  j["duplicates"] = report.duplicates;
  j["rejected"] = all.refused_total();
  j["rejected_by_code"] = refusals_of(all.refused);
  j["wrong"] = report.wrong;
  j["unknown"] = report.unanswered;
  j["connections_broken"] = report.load.connections_broken;
  j["late"] = report.load.late;
  j["unsent"] = report.load.unsent;
  j["frames"] = report.load.frames;
  add_latency(j, all.latency_ns);
  j["kinds"] = ordered_json::object();
  for (std::size_t i = 0; i < kind_count; ++i) {
    const kind_figures& k = report.kinds[i];
    if (report.how.mix[i] == 0) continue;
    ordered_json one{{"asked", k.asked}, {"done", k.done}, {"per_second", rate_of(report, k.done)}};
    add_latency(one, k.latency_ns);
    one["rejected_by_code"] = refusals_of(k.refused);
    j["kinds"][std::string(operation_kinds[i].name)] = std::move(one);
  }
  j["index_lag"] = report.lag.at_end ? ordered_json(*report.lag.at_end) : ordered_json(nullptr);
  j["index_lag_finally"] = report.lag.finally ? ordered_json(*report.lag.finally) : ordered_json(nullptr);
  j["catch_up_seconds"] = report.lag.catch_up_seconds;
  j["money_check"] = report.check ? ordered_json(report.passed()) : ordered_json(nullptr);
  if (report.check) {
    j["check"] = {{"passed", report.passed()},
                  {"accounts", report.check->accounts_checked},
                  {"accounts_wrong", report.check->accounts_wrong},
                  {"ids", report.check->ids_checked},
                  {"ids_missing", report.check->ids_missing},
                  {"why", why_it_failed(report)}};
  }
  j["per_second"] = report.load.per_second;
  j["server_rss_bytes"] = report.server_rss_bytes;
  j["rate"] = report.how.rate;
  j["seed"] = report.seed;
  return j;
}

std::string to_text(const scenario_report& report) {
  const scenario& s = report.how;
  const kind_figures all = total_of(report);
  std::string out;
  const auto row = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("  {:<16} {}\n", name, value);
  };
  row("scenario", fmt::format("{}: {} connection(s) x {} in flight, frames of at most {}, {} users, {} merchants{}",
                              report.file, s.connections, s.window, s.frame, s.users, s.merchants,
                              s.rate > 0 ? fmt::format(", {:.0f}/s intended", s.rate) : ", closed loop"));
  out += fmt::format("\n  {:<18}{:>12}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "kind", "done", "a second",
                     "refused", "p50 us", "p90", "p99", "p99.9", "max");
  const auto line = [&](std::string_view name, const kind_figures& k) {
    const histogram& l = k.latency_ns;
    out += fmt::format("  {:<18}{:>12}{:>12.0f}{:>10}{:>10.0f}{:>10.0f}{:>10.0f}{:>10.0f}{:>10.0f}\n", name, k.done,
                       rate_of(report, k.done), k.refused_total(), microseconds(l.percentile(50)),
                       microseconds(l.percentile(90)), microseconds(l.percentile(99)), microseconds(l.percentile(99.9)),
                       microseconds(l.max()));
  };
  for (std::size_t i = 0; i < kind_count; ++i) {
    if (s.mix[i] != 0) line(operation_kinds[i].name, report.kinds[i]);
  }
  line("all", all);
  out += '\n';
  row("duplicates", fmt::format("{} commands came once more and got their first results", report.duplicates));
  for (const auto& [code, n] : all.refused) row("refused", fmt::format("{} {}", n, name_of(code)));
  if (s.rate > 0) {
    row("schedule", fmt::format("latencies from the intended time; {} sent late, {} not sent", report.load.late,
                                report.load.unsent));
  }
  if (report.load.connections_broken > 0) {
    row("CONNECTION", fmt::format("broke {} times", report.load.connections_broken));
  }
  if (!report.lag.within_bound) row("FOLLOWER", fmt::format("{} events behind", report.lag.finally.value_or(0)));
  if (!report.passed()) {
    row("CHECK", "FAILED: " + why_it_failed(report));
  } else if (report.check) {
    row("money check", fmt::format("passed: {} accounts, {} orders looked up", report.check->accounts_checked,
                                   report.check->ids_checked));
  }
  row("seed", fmt::format("{}", report.seed));
  return out;
}

}  // namespace payloom::bench
