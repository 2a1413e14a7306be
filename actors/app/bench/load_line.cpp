#include "actors/app/bench/load_line.hpp"

#include <algorithm>
#include <utility>

namespace payloom::bench {
namespace {

constexpr std::uint32_t first_timeout_ms = 10'000;
constexpr std::uint32_t again_timeout_ms = 1'000;  ///< the other connections wait meanwhile

client::blocking_connection open_connection(const options& opts, std::uint32_t timeout_ms) {
  client::connect_options where;
  where.address = opts.address;
  where.client_name = "payloom bench";
  where.timeout_ms = timeout_ms;
  client::blocking_connection opened(where);
  const welcome_body& granted = opened.welcome();
  if (opts.batch > granted.frame_events_max || opts.batch > granted.credit_events)
    throw client::connect_failure("the server grants fewer events than --batch wants");
  return opened;
}

std::uint32_t frames_granted(const options& opts, const welcome_body& granted) {
  return std::max<std::uint32_t>(1,
                                 std::min({opts.window, granted.credit_requests, granted.credit_events / opts.batch}));
}

}  // namespace

load_line::load_line(const options& opts)
    : opened(open_connection(opts, first_timeout_ms)), limit(frames_granted(opts, opened.welcome())) {
  for (std::uint32_t s = 0; s < limit; ++s) {
    slots.emplace_back(opts.orders ? frame_type::create_orders : frame_type::create_transfers, opts.batch);
    free.push_back(limit - 1 - s);
  }
}

void load_line::reconnect(const options& opts) {
  client::blocking_connection again = open_connection(opts, again_timeout_ms);
  const std::uint32_t granted =
      std::min(frames_granted(opts, again.welcome()), static_cast<std::uint32_t>(slots.size()));
  if (granted < in_flight()) throw client::connect_failure("the server grants fewer events than before");
  opened = std::move(again);
  limit = granted;
  open = true;
  paused_until_ns = 0;
}

}  // namespace payloom::bench
