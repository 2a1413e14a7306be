#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "actors/app/verbs/stats_rates.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  double interval = 1;
  std::uint64_t count = 1;
  bool watch = false;
};

json read_stats(client::blocking_connection& server) {
  const client::reply answer = ask(server, frame_type::stats, {}, 0);
  json stats = json::parse(answer.text(), nullptr, false);
  if (stats.is_discarded()) throw refused_error("the server's statistics are no JSON");
  return stats;
}

int run_stats(const arguments& a) {
  using clock = std::chrono::steady_clock;
  auto server = connect(a.common);
  json before = read_stats(server);
  clock::time_point then = clock::now();
  if (a.interval <= 0) {
    fmt::print("{}", a.common.json ? before.dump() + "\n" : json_text(before));
    return exit_ok;
  }
  for (std::uint64_t shown = 0; a.watch || shown < a.count; ++shown) {
    std::this_thread::sleep_for(std::chrono::duration<double>(a.interval));
    json now = read_stats(server);
    const clock::time_point at = clock::now();
    const json rates = with_rates(before, now, std::chrono::duration<double>(at - then).count());
    // A new screen for people who watch, a line for programs that do.
    fmt::print("{}", a.common.json ? rates.dump() + "\n" : (a.watch ? "\033[H\033[2J" : "") + json_text(rates));
    std::fflush(stdout);
    before = std::move(now);
    then = at;
  }
  return exit_ok;
}

}  // namespace

void add_stats(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = app.add_subcommand("stats", "Shows what the server is doing: shards, journal, follower, credits");
  add_common(*verb, a->common);
  verb->add_option("--interval", a->interval, "Seconds that rates are taken over; 0: totals only, at once")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  verb->add_option("--count", a->count, "Readings to show")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  verb->add_flag("--watch", a->watch, "Go on until Ctrl-C");
  verb->callback([a, &exit_code] { exit_code = guarded("stats", [&] { return run_stats(*a); }); });
}

}  // namespace payloom::verbs
