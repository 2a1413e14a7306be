#include "actors/app/bench/lag.hpp"

#include <chrono>
#include <thread>

namespace payloom::bench {
namespace {
constexpr auto poll_every = std::chrono::milliseconds(20);
}

nlohmann::json read_stats(client::blocking_connection& from) {
  const client::reply answer = from.call(frame_type::stats, {}, 0);
  return nlohmann::json::parse(answer.text(), nullptr, false);
}

std::optional<std::int64_t> find_number(const nlohmann::json& tree, const char* key) {
  if (tree.is_object()) {
    if (const auto found = tree.find(key); found != tree.end() && found->is_number()) return found->get<std::int64_t>();
  }
  if (tree.is_structured()) {
    for (const auto& child : tree) {
      if (auto found = find_number(child, key)) return found;
    }
  }
  return std::nullopt;
}

lag_result wait_for_follower(client::blocking_connection& from, std::int64_t bound, double patience_seconds) {
  const auto start = std::chrono::steady_clock::now();
  lag_result lag;
  for (bool first = true;; first = false) {
    lag.finally = find_number(read_stats(from), "index_lag_events");
    if (first) lag.at_end = lag.finally;
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    if (!lag.finally) return lag;  // a server without a follower
    lag.within_bound = *lag.finally <= bound;
    if (!first) lag.catch_up_seconds = waited.count();
    if (lag.within_bound || waited.count() >= patience_seconds) return lag;
    std::this_thread::sleep_for(poll_every);
  }
}

}  // namespace payloom::bench
