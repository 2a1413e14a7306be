#pragma once
// Draws the settings of one start: other shard counts, other threads, other inline limits, other buffers.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace payloom::crash {

struct server_draw {
  std::vector<std::string> set;  ///< KEY=VALUE
  std::string text;              ///< for the line of the cycle

  explicit server_draw(std::mt19937_64& engine) {
    const auto below = [&](std::uint64_t n) { return engine() % n; };
    const auto count = [&] { return below(5) == 0 ? 8 + below(40) : 1 + below(7); };
    const auto orders = count(), accounts = count(), hot = count();
    const char* inline_events[] = {"0", "1", "64", "8190"};
    const char* inline_bytes[] = {"0B", "4KiB", "64KiB", "1MiB"};
    const std::string inlined = inline_events[below(4)], inline_write = inline_bytes[below(4)];
    const auto workers = 1 + below(4), io = 1 + below(3);
    const std::string policy = below(4) == 0 ? "stealing" : "sharing";
    set = {"topology.order_shards=" + std::to_string(orders),
           "topology.account_shards=" + std::to_string(accounts),
           "topology.hot_account_shards=" + std::to_string(hot),
           "topology.workers=" + std::to_string(workers),
           "server.io_threads=" + std::to_string(io),
           "scheduler.policy=" + policy,
           "scheduler.inline_events=" + inlined,
           "journal.inline_bytes=" + inline_write,
           "storage.segment_bytes=16MiB",
           "storage.min_free_bytes=16MiB",
           "accounts.max=1000000"};
    text = "shards " + std::to_string(orders) + "/" + std::to_string(accounts) + "/" + std::to_string(hot) +
           " workers " + std::to_string(workers) + " io " + std::to_string(io) + " inline " + inlined + " " + policy;
  }
};

}  // namespace payloom::crash
