// The channels' gateways (actors/channels without CAF) and what lies between them and the shards: what channels say
// comes late, twice, in another order, and is lost with the process.
#include <algorithm>
#include <cstring>

#include "tests/sim/shard_world.hpp"
#include "tests/sim/sim_catalogue.hpp"

namespace payloom::sim {
namespace {
constexpr time_ns ms = 1'000'000u, second = 1000 * ms;
}  // namespace

void shard_world::call_channels(const std::vector<core::channel_call>& calls) {
  const auto plans = sim_channels();
  for (const core::channel_call& c : calls) {
    const auto at = std::find_if(plans.begin(), plans.end(), [&](const auto& p) { return p.number == c.channel; });
    PAYLOOM_ASSERT(at != plans.end());
    channels_[static_cast<std::size_t>(at - plans.begin())].inbox.push_back({c});
  }
}

/// As channel_gateway works a mail.
bool shard_world::run_channel(std::size_t which) {
  channel_actor& a = channels_[which];
  const time_ns next = a.desk->next_at();
  if (a.inbox.empty() && (next == 0 || next > around_.now)) return false;
  core::channel_facts facts;
  for (; !a.inbox.empty(); a.inbox.pop_front()) {
    for (const core::channel_call& c : a.inbox.front()) {
      const std::size_t said = facts.facts.size();
      a.desk->call(c, around_.now, facts);
      around_.outside.called(c, facts.facts.size() != said);
      ++around_.counts.calls;
    }
  }
  a.desk->poll(around_.now, facts);
  for (std::size_t i = 0; i < facts.facts.size(); ++i) spread(facts.tenants[i], facts.facts[i]);
  return true;
}

/// A fact on its way: sometimes late, sometimes twice.
void shard_world::spread(tenant_id tenant, const channel_fact_record& fact) {
  const std::uint64_t luck = around_.random.below(100);
  const time_ns late = luck < 80   ? 0
                       : luck < 95 ? around_.random.below(20 * ms)
                       : luck < 99 ? around_.random.below(second)
                                   : around_.random.below(90 * second);
  around_.counts.facts_late += late > 20 * ms;
  news_.push_back({around_.now + late, tenant, fact});
  if (!around_.random.chance(6)) return;
  ++around_.counts.facts_twice;
  news_.push_back({around_.now + around_.random.below(2) * around_.random.below(40 * second), tenant, fact});
}

/// As check_gateway works a mail.
bool shard_world::run_checks() {
  const time_ns next = checks_.next_at();
  if (check_inbox_.empty() && (next == 0 || next > around_.now)) return false;
  core::check_facts facts;
  for (; !check_inbox_.empty(); check_inbox_.pop_front())
    for (const core::check_call& c : check_inbox_.front()) checks_.ask(c, around_.now, facts);
  checks_.poll(around_.now, facts);
  for (std::size_t i = 0; i < facts.facts.size(); ++i) {
    channel_fact_record fact;
    static_assert(sizeof fact == sizeof facts.facts[i]);
    std::memcpy(static_cast<void*>(&fact), &facts.facts[i], sizeof fact);
    spread(facts.tenants[i], fact);
  }
  return true;
}

/// Some of what has come, in no order.
bool shard_world::run_news() {
  std::vector<channel_news> taken;
  const std::uint64_t most = around_.random.between(1, 6);
  for (std::uint64_t tries = 2 * most; tries > 0 && taken.size() < most && !news_.empty(); --tries) {
    channel_news& one = around_.random.pick(news_);
    if (one.at > around_.now) continue;
    taken.push_back(one);
    one = news_.back();
    news_.pop_back();
  }
  if (taken.empty()) {  // unlucky, or none has come
    const auto come = std::find_if(news_.begin(), news_.end(), [&](const auto& n) { return n.at <= around_.now; });
    if (come == news_.end()) return false;
    taken.push_back(*come);
    *come = news_.back();
    news_.pop_back();
  }
  send_news(std::move(taken));
  return true;
}

/// server_frames: one frame per run of equal tenants.
void shard_world::send_news(std::vector<channel_news> facts) {
  for (std::size_t begin = 0; begin < facts.size();) {
    audit_request q{frame_type::act_on_orders, facts[begin].tenant, {}, true};
    for (; begin < facts.size() && facts[begin].tenant == q.tenant; ++begin) q.records.emplace_back(facts[begin].fact);
    auto f = std::make_unique<sim_frame>(q, around_.now, around_.now + 5 * second, false);
    around_.counts.facts += f->count;
    sim_frame& frame = *f;
    submit(std::move(f));
    around_.said(frame);
  }
}

void shard_world::count_facts(sim_frame& f) {
  for (std::uint32_t i = 0; i < f.count; ++i) {
    const result_code code = f.result(i).code;
    const bool heard = code == result_code::ok || code == result_code::order_unchanged;
    around_.counts.facts_refused += !heard;
    if (f.request().records[i].as<order_action_record>().action == order_action::check_fact) continue;
    if (heard) around_.outside.heard(f.header.tenant, f.request().records[i].as<channel_fact_record>());
  }
}

std::size_t shard_world::waiting_outside() const {
  std::size_t n = news_.size();
  for (const auto& calls : check_inbox_) n += calls.size();
  n += checks_.waiting();
  for (const channel_actor& a : channels_) n += a.inbox.size() + a.desk->in_flight();
  return n;
}

}  // namespace payloom::sim
