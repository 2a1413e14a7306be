#include "actors/core/routing/channel_health.hpp"

#include <algorithm>
#include <bit>

#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core::routing {

static_assert(channel_health::catch_up_max * second_ns >
              answer_timeout_bound + outcome_window::slots * outcome_window::slot_ns);

channel_health::channel_health(const health_plan& plan) : plan_(plan), banks_max_(plan.keys_max) {
  PAYLOOM_ASSERT(plan.keys_max <= keys_bound);
  own_.reserve(own_keys_max);
  banks_.reserve(banks_max_);
  index_.resize(std::bit_ceil((own_keys_max + banks_max_) * 2));
}

void channel_health::set_plan(const health_plan& plan) { plan_ = plan; }

std::size_t channel_health::first_slot(const health_key& k) const {
  const auto use = static_cast<std::uint32_t>(k.operation) << 8 | k.card;
  return mix_id(use, make_u128(k.channel, k.bank)) & (index_.size() - 1);
}

/// The place of a key among its kind.
std::uint32_t channel_health::find(const health_key& key) const {
  // Half of the index is always free: the walk ends.
  for (std::size_t at = first_slot(key); index_[at] != 0; at = (at + 1) & (index_.size() - 1)) {
    const std::uint32_t entry = index_[at] - 1;
    const bool own = (entry & 1) == 0;
    if (own != key.is_own()) continue;
    const watched_key& there = own ? static_cast<const watched_key&>(own_[entry >> 1]) : banks_[entry >> 1];
    if (there.key == key) return entry >> 1;
  }
  return no_place;
}

std::uint32_t channel_health::find_or_add(const health_key& key) {
  if (const std::uint32_t there = find(key); there != no_place) return there;
  const bool own = key.is_own();
  if (own ? own_.size() >= own_keys_max : banks_.size() >= banks_max_) return no_place;
  std::uint32_t place = 0;
  if (own) {
    place = static_cast<std::uint32_t>(own_.size());
    own_.emplace_back().key = key;
  } else {
    const std::uint32_t parent = find_or_add(key.own());
    if (parent == no_place) return no_place;
    place = static_cast<std::uint32_t>(banks_.size());
    bank_key& made = banks_.emplace_back();
    made.key = key;
    made.own = parent;
  }
  std::size_t at = first_slot(key);
  while (index_[at] != 0) at = (at + 1) & (index_.size() - 1);
  index_[at] = (place << 1 | (own ? 0u : 1u)) + 1;
  return place;
}

void channel_health::tick(time_ns now) {
  const time_ns newest = now / judge_ns * judge_ns;
  if (judged_at_ == 0) judged_at_ = newest;
  for (std::uint64_t done = 0; judged_at_ < newest && done < catch_up_max; ++done) {
    judged_at_ += judge_ns;
    judge(judged_at_);
  }
  judged_at_ = std::max(judged_at_, newest);
}

health_evidence channel_health::evidence_of(const watched_key& k, time_ns now) const {
  return {k.window.over(window_length::half_minute), k.window.over(window_length::minute),
          plan_.slow_ns == 0 ? 0 : k.latency.p95_ns(now)};
}

/// The banks first: what they answer for by themselves is no evidence about their channel.
void channel_health::judge_banks(time_ns now) {
  const auto keep_worst = [](outcome_counts& worst, const outcome_counts& c) {
    if (c.failures() > worst.failures()) worst = c;
  };
  for (bank_key& bank : banks_) {
    bank.window.advance(now);
    const health_evidence e = evidence_of(bank, now);
    if (bank.machine.judge(plan_, e, now).anew) bank.window.clear();
    if (!bank.machine.is_steady()) continue;
    own_key& own = own_[bank.own];
    own.all.half_minute += e.half_minute;
    own.all.minute += e.minute;
    keep_worst(own.worst.half_minute, e.half_minute);
    keep_worst(own.worst.minute, e.minute);
  }
}

void channel_health::judge(time_ns now) {
  for (own_key& own : own_) {
    own.window.advance(now);
    own.all = evidence_of(own, now);
    own.worst = {};
  }
  judge_banks(now);
  for (own_key& own : own_) {
    own.all.half_minute -= own.worst.half_minute;
    own.all.minute -= own.worst.minute;
    if (own.machine.judge(plan_, own.all, now).anew) anew(own);
  }
}

/// A channel that was cut, or begins again, is judged by what comes from now on, through whichever bank.
void channel_health::anew(own_key& own) {
  own.window.clear();
  const auto place = static_cast<std::uint32_t>(&own - own_.data());
  for (bank_key& bank : banks_)
    if (bank.own == place) bank.window.clear();
}

admission channel_health::joined(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now) const {
  admission of_bank, of_own;
  if (!key.is_own()) {
    if (const std::uint32_t at = find(key); at != no_place) {
      const health_machine& machine = banks_[at].machine;
      of_bank = machine.ask(plan_, amount_minor, draw, now);
      if (machine.is_forced(now)) return of_bank;
    }
  }
  if (const std::uint32_t at = find(key.own()); at != no_place)
    of_own = own_[at].machine.ask(plan_, amount_minor, draw, now);
  of_own.own_round = of_own.round;
  of_own.round = 0;
  if (of_own.verdict == health_verdict::refuse) return of_own;
  if (of_bank.verdict == health_verdict::refuse) return of_bank;
  admission both = of_bank.state == health_state::normal || of_own.verdict == health_verdict::probe ? of_own : of_bank;
  if (of_bank.verdict == health_verdict::probe) both = of_bank;
  both.round = of_bank.round;
  both.own_round = of_own.own_round;
  return both;
}

admission channel_health::ask(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now) const {
  PAYLOOM_ASSERT(judged_at_ != 0 && now < judged_at_ + judge_ns);  // else it depended on when somebody ticks
  admission a = joined(key, amount_minor, draw, now);
  if (plan_.label_only && a.verdict == health_verdict::refuse && a.refusal != health_refusal::forced_open) {
    a.verdict = health_verdict::admit;
    a.round = a.own_round = 0;
  }
  return a;
}

void channel_health::began(const health_key& key, const admission& a, u128 amount_minor, time_ns now) {
  PAYLOOM_ASSERT(a.verdict != health_verdict::refuse);
  tick(now);
  if (a.round != 0) {
    const std::uint32_t at = find(key);
    PAYLOOM_ASSERT(at != no_place && !key.is_own());
    banks_[at].machine.began(plan_, a.round, amount_minor, now);
  }
  if (a.own_round != 0) {
    const std::uint32_t at = find(key.own());
    PAYLOOM_ASSERT(at != no_place);
    own_[at].machine.began(plan_, a.own_round, amount_minor, now);
  }
}

admission channel_health::allow(const health_key& key, u128 amount_minor, std::uint32_t draw, time_ns now) {
  tick(now);
  const admission a = ask(key, amount_minor, draw, now);
  if (a.verdict != health_verdict::refuse) began(key, a, amount_minor, now);
  return a;
}

void channel_health::report(const outcome_report& r, time_ns now) {
  PAYLOOM_ASSERT(static_cast<std::uint8_t>(r.outcome) < attempt_outcomes);
  tick(now);
  const std::uint32_t own_at = find_or_add(r.key.own());
  if (own_at == no_place) {
    ++unwatched_;
    return;
  }
  own_key& own = own_[own_at];
  const std::uint32_t bank_at = r.key.is_own() ? no_place : find_or_add(r.key);
  const std::uint32_t source = bank_at == no_place ? 0 : bank_at + 1;
  const health_effect of_own = own.machine.report(plan_, r.outcome, r.amount_minor, r.own_round, source, now);
  if (of_own.counts) own.latency.add(r.latency_ns, now);
  if (bank_at == no_place) {
    if (of_own.counts) own.window.add(r.outcome, now);
  } else {
    bank_key& bank = banks_[bank_at];
    // What ends late while the channel is cut says nothing new about the bank either, unless it ran at the bank's risk.
    if (of_own.counts || r.round != 0 || own.machine.is_forced(now) || bank.machine.is_forced(now)) {
      const health_effect e = bank.machine.report(plan_, r.outcome, r.amount_minor, r.round, 0, now);
      if (e.counts) bank.window.add(r.outcome, now);
      if (e.counts) bank.latency.add(r.latency_ns, now);
      if (e.anew) bank.window.clear();
    }
  }
  if (of_own.anew) anew(own);
}

override_result channel_health::force(const health_key& key, health_override kind, time_ns until, time_ns now) {
  tick(now);
  const bool takes_back = kind == health_override::none;
  if (!takes_back && (until <= now || until - now > plan_.override_max_ns)) return override_result::bad_expiry;
  const std::uint32_t at = takes_back ? find(key) : find_or_add(key);
  if (at == no_place) return takes_back ? override_result::ok : override_result::no_room;
  (key.is_own() ? own_[at].machine : banks_[at].machine).force(kind, until);
  return override_result::ok;
}

health_view channel_health::view_of(const watched_key& k, time_ns now) const {
  outcome_window window = k.window;
  window.advance(now);
  health_view v;
  v.key = k.key;
  v.state = k.machine.state(now);
  v.half_minute = window.over(window_length::half_minute);
  v.minute = window.over(window_length::minute);
  v.five_minutes = window.over(window_length::five_minutes);
  v.p95_ns = k.latency.p95_ns(now);
  v.in_flight_minor = k.machine.in_flight_minor();
  v.failed_minor = k.machine.failed_minor();
  v.ramp_step = k.machine.ramp_step();
  if (k.machine.is_forced(now)) {
    v.forced = k.machine.forced();
    v.forced_until = k.machine.forced_until();
  }
  return v;
}

}  // namespace payloom::core::routing
