#include "actors/core/routing/route_plan.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"
#include "protocol/types/portion.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core::routing {

std::uint16_t minute_of_week(time_ns now) {
  const std::uint64_t minutes = now / (60 * second_ns);
  // 1970-01-01 was a Thursday.
  return static_cast<std::uint16_t>((minutes + 3 * 24 * 60) % minutes_of_week);
}

bool route_channel::moves(ledger_id ledger) const {
  return ledgers.empty() || std::ranges::find(ledgers, ledger) != ledgers.end();
}

bool route_channel::is_closed(std::uint16_t minute) const {
  return std::ranges::any_of(closed, [&](const week_window& w) {
    return w.from < w.to ? minute >= w.from && minute < w.to : minute >= w.from || minute < w.to;
  });
}

const ledger_limit* route_channel::limit_of(std::span<const ledger_limit> limits, ledger_id ledger) {
  const auto at = std::ranges::find(limits, ledger, &ledger_limit::ledger);
  return at == limits.end() ? nullptr : &*at;
}

u128 route_channel::cost_of(ledger_id ledger, u128 amount_minor) const {
  for (const route_cost& c : costs) {
    if (c.ledger != ledger && c.ledger != 0) continue;
    constexpr std::uint64_t small = UINT64_MAX / limits::rate_whole;  // the product fits 64 bits: no long division
    const u128 by_rate = amount_minor <= small ? lo64(amount_minor) * c.rate / limits::rate_whole
                                               : portion(amount_minor, c.rate, limits::rate_whole);
    u128 sum = 0;
    return checked_add(c.fixed_minor, by_rate, sum) ? sum : u128_max;
  }
  return 0;
}

bool route_rule::holds(const route_question& q, time_ns now) const {
  return (said.operations == 0 || (said.operations & catalog::bit_of(q.operation)) != 0) &&
         (said.ledger == 0 || said.ledger == q.ledger) && (said.merchant == 0 || said.merchant == q.merchant) &&
         (said.bank == 0 || said.bank == q.bank) && (said.card == 0 || said.card == q.card) &&
         q.amount_minor >= said.amount_min && q.amount_minor <= said.amount_max && now >= said.valid_from &&
         now < said.valid_to;
}

std::size_t route_rule::first_for(u128 payment) const {
  if (said.kind == route_rule_kind::priority) return 0;
  // By the rule's id and not its version: a change of shares moves only as many payments as it must.
  const std::uint64_t hash = mix_id(said.id, payment);
  const auto point = static_cast<std::uint16_t>((u128{hash} * split_whole) >> 64);
  const auto at = std::ranges::upper_bound(upto, point);
  PAYLOOM_ASSERT(at != upto.end());
  return static_cast<std::size_t>(at - upto.begin());
}

const route_channel* route_plan::find(channel_number number) const {
  const auto at = std::ranges::find(channels_, number, &route_channel::number);
  return at == channels_.end() ? nullptr : &*at;
}

const route_rule* route_plan::rule_for(const route_question& q, time_ns now) const {
  for (const route_rule& r : rules_)
    if (r.holds(q, now)) return &r;
  return nullptr;
}

u128 route_plan::valued(ledger_id ledger, u128 amount_minor) const {
  for (const ledger_value& v : values_) {
    if (v.ledger != ledger) continue;
    const u128 thousands = amount_minor / 1000, rest = amount_minor % 1000;
    if (thousands > u128_max / v.value - v.value) return u128_max;
    return thousands * v.value + (rest * v.value + 999) / 1000;
  }
  return amount_minor;
}

/// Checks a definition and makes the plan of it.
class route_compiler {
 public:
  route_compiler(const catalog::channel_plans& channels, const routing_definition& said, problem_list& problems)
      : all_(channels), said_(said), problems_(problems) {}

  route_plan compile(bool with_drafts) {
    check_health_plan(said_.health, said_.health_at, problems_);
    plan_.version_ = said_.version;
    plan_.health_ = said_.health;
    plan_.least_cost_ = said_.least_cost;
    plan_.values_ = said_.values;
    for (const ledger_value& v : said_.values)
      if (v.value == 0) problems_.add(v.at, "values: a ledger's money counts as nothing: give it a value");
    for (const catalog::channel_plan& c : all_.all()) {
      route_channel& made = plan_.channels_.emplace_back();
      made.name = c.name;
      made.number = static_cast<channel_number>(c.number);
      made.operations = c.operations;
      made.min_minor = c.min_minor;
      made.max_minor = c.max_minor;
      made.ledgers = c.ledgers;
    }
    for (const route_channel_definition& c : said_.channels) add_channel(c);
    for (const route_rule_definition& r : said_.rules) add_rule(r, with_drafts);
    std::ranges::stable_sort(plan_.rules_, {}, [](const route_rule& r) { return r.said.priority; });
    return std::move(plan_);
  }

 private:
  static constexpr channel_place nowhere = UINT8_MAX;

  channel_place find(const placed_name& name, const std::string& what) {
    const auto at = std::ranges::find(plan_.channels_, name.text, &route_channel::name);
    if (at != plan_.channels_.end()) return static_cast<channel_place>(at - plan_.channels_.begin());
    std::vector<std::string> known;
    for (const route_channel& c : plan_.channels_) known.push_back(c.name);
    problems_.add_unknown(name, what + ": unknown channel", std::move(known));
    return nowhere;
  }

  void check_once(std::span<const ledger_limit> limits, const std::string& what) {
    for (const ledger_limit& l : limits)
      if (route_channel::limit_of(limits, l.ledger) != &l)
        problems_.add(l.at, what + ": the ledger has another limit above: keep one");
  }

  void add_channel(const route_channel_definition& c) {
    const std::string what = "routing of " + c.channel.text;
    const channel_place at = find(c.channel, "routing");
    if (at == nowhere) return;
    if (std::ranges::find(seen_, at) != seen_.end()) problems_.add(c.channel.at, what + ": stands twice: keep one");
    seen_.push_back(at);
    if (c.closed.size() > week_windows_max) problems_.add(c.channel.at, what + ": more than 16 windows: join some");
    for (const week_window& w : c.closed) {
      if (w.from >= minutes_of_week || w.to > minutes_of_week || w.from == w.to)
        problems_.add(w.at, what + ": a window needs two different times of the week");
    }
    check_once(c.day_limits, what + ": day_limits");
    check_once(c.unknown_limits, what + ": unknown_limits");
    for (const route_cost& cost : c.costs) {
      if (cost.rate > limits::rate_whole) problems_.add(cost.at, what + ": costs: the rate is above the whole");
      if (std::ranges::count(c.costs, cost.ledger, &route_cost::ledger) > 1)
        problems_.add(cost.at, what + ": costs: the ledger has two: keep one");
    }
    route_channel& made = plan_.channels_[at];
    made.closed = c.closed;
    made.day_limits = c.day_limits;
    made.unknown_limits = c.unknown_limits;
    made.costs = c.costs;
    std::ranges::stable_partition(made.costs, [](const route_cost& cost) { return cost.ledger != 0; });
  }

  void add_rule(const route_rule_definition& r, bool with_drafts) {
    const std::string what = "route rule " + r.name.text;
    const auto need = [&](bool holds, const char* wrong) {
      if (!holds) problems_.add(r.name.at, what + ": " + wrong);
    };
    need(r.id != 0 && std::ranges::count(said_.rules, r.id, &route_rule_definition::id) == 1,
         "its id is 0 or another rule's, too: give it one of its own");
    need(r.amount_min <= r.amount_max, "amount_min is above amount_max: swap them");
    need(r.valid_from < r.valid_to, "it ends before it begins");
    need(!r.channels.empty() && r.channels.size() <= rule_channels_max, "it needs 1 to 16 channels");
    need(said_.rules.size() <= route_rules_max, "there are more than 256 rules: join some");
    route_rule made;
    made.said = r;
    std::uint32_t sum = 0;
    for (const route_rule_definition::target& t : r.channels) {
      const channel_place at = find(t.channel, what);
      need(at == nowhere || std::ranges::find(made.channels, at) == made.channels.end(), "a channel stands twice");
      made.channels.push_back(at);
      sum += t.share;
      made.upto.push_back(static_cast<std::uint16_t>(std::min<std::uint32_t>(sum, split_whole)));
    }
    if (r.kind == route_rule_kind::percentage) need(sum == split_whole, "its shares must add up to 1,000 per mille");
    const bool decides = r.state == rules::rule_state::active || (with_drafts && r.state != rules::rule_state::retired);
    if (decides) plan_.rules_.push_back(std::move(made));
  }

  const catalog::channel_plans& all_;
  const routing_definition& said_;
  problem_list& problems_;
  route_plan plan_;
  std::vector<channel_place> seen_;
};

route_plan route_plan::make(const catalog::channel_plans& channels, const routing_definition& said, bool with_drafts,
                            problem_list& problems) {
  return route_compiler(channels, said, problems).compile(with_drafts);
}

}  // namespace payloom::core::routing
