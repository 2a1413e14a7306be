#include "actors/app/bench/scenario/scenario_line.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/client/request_header.hpp"
#include "protocol/types/crc32c.hpp"

namespace payloom::bench {
namespace {

constexpr std::uint32_t first_timeout_ms = 10'000;
constexpr std::uint32_t again_timeout_ms = 1'000;  ///< the other connections wait meanwhile

client::blocking_connection connected(const std::string& address, const scenario& how, std::uint32_t timeout_ms) {
  client::connect_options where;
  where.address = address;
  where.client_name = "payloom bench";
  where.timeout_ms = timeout_ms;
  client::blocking_connection opened(where);
  if (how.frame > std::min(opened.welcome().frame_events_max, opened.welcome().credit_events)) {
    throw client::connect_failure("the server grants fewer events than the scenario's frame wants");
  }
  return opened;
}

std::uint32_t frames_granted(const scenario& how, const welcome_body& granted) {
  return std::max<std::uint32_t>(1, std::min({how.window, granted.credit_requests, granted.credit_events / how.frame}));
}

}  // namespace

void scenario_slot::seal(std::uint64_t request) {
  bytes.resize(sizeof(frame_header) + what.records.size());
  frame_header header = client::make_request_header(what.type, static_cast<std::uint32_t>(what.operations.size()));
  header.request = request;
  wire::finish_header(header, static_cast<std::uint32_t>(what.records.size()), crc32c(what.records));
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, what.records.data(), what.records.size());
}

std::uint64_t scenario_slot::request() const { return reinterpret_cast<const frame_header*>(bytes.data())->request; }

scenario_line::scenario_line(const std::string& address, const scenario& how)
    : opened(connected(address, how, first_timeout_ms)), slots(frames_granted(how, opened.welcome())) {}

void scenario_line::reconnect(const std::string& address, const scenario& how) {
  client::blocking_connection again = connected(address, how, again_timeout_ms);
  if (frames_granted(how, again.welcome()) < slots.size()) {
    throw client::connect_failure("the server grants fewer events than before");
  }
  opened = std::move(again);
  paused_until_ns = lost_at_ns = 0;
}

scenario_slot* scenario_line::free_slot() {
  const auto at = std::find_if(slots.begin(), slots.end(), [](const scenario_slot& s) { return !s.busy; });
  return at == slots.end() ? nullptr : &*at;
}

std::uint32_t scenario_line::in_flight() const {
  return static_cast<std::uint32_t>(
      std::count_if(slots.begin(), slots.end(), [](const scenario_slot& s) { return s.busy; }));
}

}  // namespace payloom::bench
