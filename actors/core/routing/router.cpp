#include "actors/core/routing/router.hpp"

#include <algorithm>
#include <array>

#include "protocol/types/assert.hpp"

namespace payloom::core::routing {
namespace {

class choice {
 public:
  choice(const route_question& q, const route_plan& plan, const route_state& state, std::uint32_t draw, time_ns now)
      : q_(q),
        plan_(plan),
        state_(state),
        draw_(draw),
        now_(now),
        minute_(minute_of_week(now)),
        risk_minor_(plan.valued(q.ledger, q.amount_minor)) {}

  route_decision make() {
    PAYLOOM_ASSERT(plan_.channels().size() <= limits::channels_max);
    for (std::size_t i = 0; i < plan_.channels().size(); ++i) {
      seen_[i].was_asked = false;
      seen_[i].said = {};
      seen_[i].drop = eligible(plan_.channels()[i]);
    }
    if (q_.asked != 0) {
      take_named();
    } else {
      rule_ = plan_.rule_for(q_, now_);
      const bool taken = rule_ != nullptr && take_by_rule();
      if (!taken && (rule_ == nullptr || !rule_->said.only)) take_any();
    }
    return decision();
  }

 private:
  /// A channel as far as it was looked at.
  struct looked {
    drop_reason drop;
    bool was_asked;  ///< its health
    admission said;
  };
  static constexpr std::size_t nobody = SIZE_MAX;

  drop_reason eligible(const route_channel& c) const {
    using enum drop_reason;
    if (q_.asked != 0 && c.number != q_.asked) return not_asked;
    if ((c.operations & catalog::bit_of(q_.operation)) == 0) return operation;
    if (!c.moves(q_.ledger)) return ledger;
    if (q_.amount_minor < c.min_minor) return amount_small;
    if (q_.amount_minor > c.max_minor) return amount_large;
    return c.is_closed(minute_) ? closed_now : none;
  }

  /// What depends on other attempts is looked at only where the choice comes to.
  drop_reason over_limit(const route_channel& c) const {
    using enum drop_reason;
    const ledger_limit* limit = route_channel::limit_of(c.day_limits, q_.ledger);
    if (limit != nullptr && !state_.days().room_for(c.number, q_.ledger, q_.amount_minor, limit->max_minor, now_))
      return day_limit;
    limit = route_channel::limit_of(c.unknown_limits, q_.ledger);
    if (limit != nullptr && !state_.unknown().room_for(c.number, q_.ledger, q_.amount_minor, limit->max_minor))
      return unknown_limit;
    return none;
  }

  /// May the channel be taken, as its limits and its health are?
  bool admitted(std::size_t i) {
    looked& l = seen_[i];
    l.drop = over_limit(plan_.channels()[i]);
    if (l.drop != drop_reason::none) return false;
    l.said = state_.health().ask(key_of(q_, plan_.channels()[i].number), risk_minor_, draw_, now_);
    l.was_asked = true;
    if (l.said.verdict == health_verdict::refuse) l.drop = drop_reason::health;
    return l.drop == drop_reason::none;
  }

  void take(std::size_t i, route_step step, drop_reason others) {
    chosen_ = i;
    step_ = step;
    for (std::size_t k = 0; k < plan_.channels().size(); ++k)
      if (k != i && seen_[k].drop == drop_reason::none) seen_[k].drop = others;
  }

  void take_named() {
    for (std::size_t i = 0; i < plan_.channels().size(); ++i)
      if (seen_[i].drop == drop_reason::none && admitted(i)) return take(i, route_step::asked, drop_reason::behind);
  }

  bool take_by_rule() {
    const std::vector<channel_place>& list = rule_->channels;
    const std::size_t first = rule_->first_for(q_.payment);
    const route_step step =
        rule_->said.kind == route_rule_kind::priority ? route_step::priority : route_step::percentage;
    std::size_t found = nobody;
    for (std::size_t k = 0; k < list.size() && found == nobody; ++k) {
      const std::size_t i = list[(first + k) % list.size()];
      if (seen_[i].drop == drop_reason::none && admitted(i)) found = i;
    }
    if (found == nobody && !rule_->said.only) return false;
    for (std::size_t i = 0; i < plan_.channels().size(); ++i) {
      const bool named = std::ranges::find(list, static_cast<channel_place>(i)) != list.end();
      if (!named && seen_[i].drop == drop_reason::none) seen_[i].drop = drop_reason::not_in_rule;
    }
    if (found != nobody) take(found, step, drop_reason::behind);
    return found != nobody;
  }

  /// The cheapest, or the first, of those that are left; what works badly only when nothing else is left.
  void take_any() {
    const std::size_t count = plan_.channels().size();
    std::array<u128, limits::channels_max> cost;
    for (std::size_t i = 0; i < count; ++i)
      cost[i] = plan_.least_cost() ? plan_.channels()[i].cost_of(q_.ledger, q_.amount_minor) : 0;
    const route_step step = plan_.least_cost() ? route_step::least_cost : route_step::fallback;
    const drop_reason others = plan_.least_cost() ? drop_reason::dearer : drop_reason::behind;
    std::size_t spare = nobody;
    for (std::size_t asked = 0; asked < count; ++asked) {
      std::size_t best = nobody;
      for (std::size_t i = 0; i < count; ++i) {
        const bool waits = seen_[i].drop == drop_reason::none && !seen_[i].was_asked;
        if (waits && (best == nobody || cost[i] < cost[best])) best = i;
      }
      if (best == nobody) break;
      if (!admitted(best)) continue;
      if (seen_[best].said.state != health_state::degraded) return take(best, step, others);
      seen_[best].drop = drop_reason::degraded;
      if (spare == nobody) spare = best;
    }
    if (spare == nobody) return;
    seen_[spare].drop = drop_reason::none;
    take(spare, step, others);
  }

  route_decision decision() const {
    route_decision d;
    std::memset(&d, 0, sizeof(d));
    d.payment = q_.payment;
    d.amount_minor = q_.amount_minor;
    d.risk_minor = risk_minor_;
    d.at = now_;
    d.merchant = q_.merchant;
    d.tenant = q_.tenant;
    d.ledger = q_.ledger;
    d.attempt = q_.attempt;
    d.plan_version = plan_.version();
    d.draw = draw_;
    d.bank = q_.bank;
    d.asked = q_.asked;
    d.operation = q_.operation;
    d.card = q_.card;
    if (rule_ != nullptr) {
      d.rule = rule_->said.id;
      d.rule_version = rule_->said.version;
    }
    d.step = step_;
    if (chosen_ != nobody) {
      const route_channel& c = plan_.channels()[chosen_];
      const admission& a = seen_[chosen_].said;
      d.channel = c.number;
      d.cost_minor = c.cost_of(q_.ledger, q_.amount_minor);
      d.round = a.round;
      d.own_round = a.own_round;
      d.verdict = a.verdict;
      d.marked = a.marked;
      d.refusal = a.refusal;
      d.state = a.state;
    }
    d.candidates = static_cast<std::uint8_t>(plan_.channels().size());
    for (std::size_t i = 0; i < std::min<std::size_t>(d.candidates, candidates_kept); ++i)
      d.kept[i] = {plan_.channels()[i].number, seen_[i].drop, seen_[i].said.state, seen_[i].said.refusal, 0};
    return d;
  }

  const route_question& q_;
  const route_plan& plan_;
  const route_state& state_;
  const std::uint32_t draw_;
  const time_ns now_;
  const std::uint16_t minute_;
  const u128 risk_minor_;
  const route_rule* rule_ = nullptr;
  std::array<looked, limits::channels_max> seen_;  ///< filled by `make` as far as there are channels
  std::size_t chosen_ = nobody;
  route_step step_ = route_step::none;
};

}  // namespace

route_decision route(const route_question& q, const route_plan& plan, const route_state& state, std::uint32_t draw,
                     time_ns now) {
  return choice(q, plan, state, draw, now).make();
}

}  // namespace payloom::core::routing
