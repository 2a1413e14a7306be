#include "protocol/net/server.hpp"

#include <thread>

#include "protocol/net/gateway.hpp"
#include "protocol/net/listener.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::net {

struct server::inside {
  explicit inside(server_options options) : shared(std::move(options)) {
    // nop
  }
  shared_state shared;
  std::vector<std::unique_ptr<gateway>> gateways;
  std::unique_ptr<listener> door;
  std::vector<std::thread> threads;
};

server::server(server_options options, const std::vector<request_sink*>& sinks)
    : in_(std::make_unique<inside>(std::move(options))) {
  PAYLOOM_ASSERT(!sinks.empty());
  for (request_sink* sink : sinks) in_->gateways.push_back(std::make_unique<gateway>(in_->shared, *sink));
}

server::~server() {
  stop();
  in_->door.reset();  // before the io_context it lives on
}

void server::start() {
  PAYLOOM_ASSERT(in_->door == nullptr);
  in_->door = std::make_unique<listener>(in_->shared, in_->gateways);
  for (const auto& g : in_->gateways) in_->threads.emplace_back([&g = *g] { g.run(); });
}

std::uint16_t server::port() const noexcept { return in_->door == nullptr ? 0 : in_->door->port(); }

void server::set_admission(result_code code) noexcept { in_->shared.admission.store(code); }

void server::wake(std::size_t io_thread) noexcept { in_->gateways[io_thread]->wake(); }

bool server::drain() {
  in_->shared.admission.store(result_code::draining);
  if (in_->door == nullptr || in_->threads.empty()) return true;
  in_->door->close();
  for (const auto& g : in_->gateways) g->drain();
  return in_->shared.wait_until_all_closed(std::chrono::milliseconds(in_->shared.options.drain_timeout_ms));
}

void server::stop() {
  for (const auto& g : in_->gateways) g->stop();
  for (std::thread& t : in_->threads) t.join();
  in_->threads.clear();
}

std::size_t server::io_threads() const noexcept { return in_->gateways.size(); }
const gateway_counters& server::counters(std::size_t io_thread) const noexcept {
  return in_->gateways[io_thread]->counters();
}
std::uint64_t server::events_in_flight() const noexcept { return in_->shared.credits.events(); }
std::uint64_t server::bytes_in_flight() const noexcept { return in_->shared.credits.bytes(); }

}  // namespace payloom::net
