#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::uint32_t count = 5;
};

int run_ping(const arguments& a) {
  auto server = connect(a.common);
  std::vector<double> us;
  for (std::uint32_t i = 0; i < a.count; ++i) {
    const auto before = std::chrono::steady_clock::now();
    ask(server, frame_type::ping, {}, 0);
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before).count());
  }
  std::sort(us.begin(), us.end());
  const welcome_body& w = server.welcome();
  json out;
  out["address"] = a.common.address;
  out["build"] = std::string(w.build, std::find(w.build, w.build + sizeof w.build, '\0'));
  out["version"] = w.version;
  out["cluster"] = to_hex(w.cluster);
  out["server_instance"] = to_hex(w.server_instance);
  out["shadow"] = w.shadow != 0;
  out["sequence"] = w.sequence;
  out["credit_requests"] = w.credit_requests;
  out["credit_events"] = w.credit_events;
  out["idle_timeout_ms"] = w.idle_timeout_ms;
  out["min_us"] = us.front();
  out["median_us"] = us[us.size() / 2];
  out["max_us"] = us.back();
  fmt::print("{}", a.common.json ? out.dump() + "\n" : json_text(out));
  return exit_ok;
}

}  // namespace

void add_ping(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = app.add_subcommand("ping", "Connects, shakes hands and measures round trips");
  add_common(*verb, a->common);
  verb->add_option("--count", a->count, "Round trips")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  verb->callback([a, &exit_code] { exit_code = guarded("ping", [&] { return run_ping(*a); }); });
}

}  // namespace payloom::verbs
