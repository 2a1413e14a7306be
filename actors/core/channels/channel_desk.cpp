#include "actors/core/channels/channel_desk.hpp"

#include "actors/core/channels/simulated_channel.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {

/// The one list of drivers.
std::unique_ptr<channel_driver> make_driver(const catalog::channel_plan& plan) {
  switch (plan.driver) {
    case catalog::channel_driver_kind::simulator:
      return std::make_unique<simulated_channel>(plan.simulator);
  }
  PAYLOOM_ASSERT(!"the reader lets no other driver through");
  return nullptr;
}

}  // namespace

channel_desk::channel_desk(const catalog::channel_plan& plan) : plan_(plan), driver_(make_driver(plan)) {}

void channel_desk::tell(const channel_answer& answer, channel_facts& out) {
  out.facts.push_back(fact_of(answer));
  out.tenants.push_back(answer.call.tenant);
}

void channel_desk::call(const channel_call& c, time_ns now, channel_facts& out) {
  PAYLOOM_ASSERT(c.channel == plan_.number && c.operation != channel_operation::none);
  const bool can = (plan_.operations & catalog::bit_of(c.operation)) != 0;
  const bool asks = c.operation == channel_operation::query || c.operation == channel_operation::close;
  if (!can || (!asks && driver_->in_flight() >= plan_.in_flight_max)) {
    if (asks) return;  // nothing is known of the attempt that was not known before
    tell({c, channel_outcome::not_sent, 0, 0, 0}, out);
    return;
  }
  driver_->call(c, now);
}

void channel_desk::poll(time_ns now, channel_facts& out) {
  answers_.clear();
  driver_->poll(now, facts_per_turn, answers_);
  for (const channel_answer& a : answers_) tell(a, out);
}

}  // namespace payloom::core
