#include "actors/core/channels/channel_desk.hpp"

#include "actors/core/mutation.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

channel_desk::channel_desk(const catalog::channel_plan& plan, std::unique_ptr<channel_driver> driver)
    : plan_(&plan), driver_(std::move(driver)) {
  PAYLOOM_ASSERT(driver_ != nullptr);
}

void channel_desk::set_plan(const catalog::channel_plan& plan) {
  PAYLOOM_ASSERT(plan.number == plan_->number);
  plan_ = &plan;
}

void channel_desk::tell(const channel_answer& answer, channel_facts& out) {
  const auto to = [&](const channel_call& member) {
    out.facts.push_back(fact_of(answer, member));
    out.tenants.push_back(member.tenant);
  };
  if (answer.call.members == nullptr) return to(answer.call);
  for (const channel_call& member : *answer.call.members) to(member);
}

bool channel_desk::gather(channel_call& c, time_ns now) {
  channel_call_members all;
  const bool together = c.operation != channel_operation::query;  // questions are each order's own
  if (together) {
    const std::pair key{c.attempt_id, c.operation};
    auto it = gathering_.find(key);
    if (it == gathering_.end()) {
      if (gathering_.size() >= plan_->in_flight_max) return false;  // their timers ask
      it = gathering_.emplace(key, gathering{{}, now}).first;
    }
    channel_call_members& so_far = it->second.members;
    for (const channel_call& m : so_far)
      if (m.combined_member == c.combined_member) return false;
    so_far.push_back(c);
    if (so_far.size() < c.combined_count) return false;
    all = std::move(so_far);
    gathering_.erase(it);
  } else {
    all.push_back(c);
  }
  c.amount_minor = c.total_minor;
  c.members = std::make_shared<const channel_call_members>(std::move(all));
  return true;
}

void channel_desk::call(const channel_call& given, time_ns now, channel_facts& out) {
  channel_call c = given;
  PAYLOOM_ASSERT(c.channel == plan_->number && c.operation != channel_operation::none);
  const bool together = c.combined_count > 1 && !PAYLOOM_MUTATED(37);  // 37: each order asks the channel by itself
  if (together && !gather(c, now)) return;
  const bool can = (plan_->operations & catalog::bit_of(c.operation)) != 0;
  const bool asks = c.operation == channel_operation::query || c.operation == channel_operation::close;
  if (!can || (!asks && driver_->in_flight() >= plan_->in_flight_max)) {
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
  std::erase_if(gathering_, [&](const auto& g) { return g.second.began + gather_ns < now; });
}

}  // namespace payloom::core
