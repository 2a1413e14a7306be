#include "actors/channels/channel_gateway.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace payloom::actors {

namespace {

/// Sends an empty mail, from any thread. Holds no handle that would keep the actor alive: its own driver holds this.
std::function<void()> wake_of(const caf::actor_addr& gateway) {
  return [gateway] {
    if (const auto there = caf::actor_cast<channel_actor>(gateway))
      caf::anon_send(there, std::make_shared<channel_mail>());
  };
}

}  // namespace

channel_gateway::channel_gateway(caf::actor_config& config, wiring& w, const core::catalog::channel_plan& plan,
                                 std::size_t place)
    : channel_actor::base(config),
      wiring_(w),
      desk_(plan, w.make_channel_driver(plan, wake_of(address()))),
      counters_(w.gateway_counters[place]) {}

channel_gateway::behavior_type channel_gateway::make_behavior() {
  set_exception_handler(stop_process);
  return {[this](const channel_mail_ptr& mail) { work(*mail); }};
}

void channel_gateway::work(channel_mail& mail) {
  const time_ns now = wiring_.now();
  if (mail.plan != nullptr) desk_.set_plan(*mail.plan);
  for (const core::channel_call& c : mail.calls) desk_.call(c, now, facts_);
  desk_.poll(now, facts_);
  bump(counters_.calls, mail.calls.size());
  bump(counters_.facts, facts_.facts.size());
  counters_.in_flight.store(desk_.in_flight(), std::memory_order_relaxed);
  if (const time_ns more = desk_.next_at(); more != 0 && more <= now)
    caf::anon_send(this, std::make_shared<channel_mail>());
  if (facts_.facts.empty()) return;
  wiring_.submit_facts(std::move(facts_));
  facts_ = {};
}

}  // namespace payloom::actors
