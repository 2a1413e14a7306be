#include "actors/core/checks/check_desk.hpp"

#include <algorithm>

#include "actors/core/checks/simulated_check.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::core {

using catalog::check_bits;

namespace {

constexpr check_bits bit(std::size_t check) { return static_cast<check_bits>(1u << check); }
constexpr void mark(check_bits& bits, std::size_t check) { bits = static_cast<check_bits>(bits | bit(check)); }
constexpr void unmark(check_bits& bits, std::size_t check) { bits = static_cast<check_bits>(bits & ~bit(check)); }

}  // namespace

std::unique_ptr<check_driver> check_desk::make_driver(const catalog::check_plan& plan) {
  switch (plan.driver) {
    case catalog::check_driver_kind::simulator:
      return std::make_unique<simulated_check>(plan.simulator);
  }
  PAYLOOM_ASSERT(!"the reader lets no other driver through");
  return nullptr;
}

check_desk::check_desk(driver_maker make) : make_(std::move(make)) {}

void check_desk::serve(const catalog::check_plans& plans) {
  for (const catalog::check_plan& plan : plans.all()) {
    one_check& c = checks_[plan.number - 1u];
    if (c.driver == nullptr) c.driver = make_(plan);
    c.in_flight_max = plan.in_flight_max;
  }
}

void check_desk::ask(const check_call& call, time_ns now, check_facts& out) {
  const auto [at, is_new] = open_.try_emplace({call.payment, call.tenant});
  if (!is_new) return;
  payment_wait& w = at->second;
  w.call = call;
  w.began = now;
  w.answers.wanted = call.wanted;
  w.answers.core = call.core;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    if ((call.wanted & bit(i)) == 0) continue;
    one_check& c = checks_[i];
    if (c.driver == nullptr || c.counts.in_flight >= c.in_flight_max || now >= call.deadline_at) {
      mark(w.answers.missed, i);
      ++c.counts.missed;
      continue;
    }
    c.driver->ask(call, now);
    mark(w.asked, i);
    ++c.counts.asked;
    ++c.counts.in_flight;
  }
  deadlines_.emplace(call.deadline_at, at->first);
  began_.emplace(now, at->first);
  settle(at, now, out);
}

void check_desk::hear(std::size_t check, const check_answer& answer, time_ns now, check_facts& out) {
  check_counts& counts = checks_[check].counts;
  const auto at = open_.find({answer.payment, answer.tenant});
  if (at == open_.end() || (at->second.asked & bit(check)) == 0) {
    ++counts.late;
    return;
  }
  payment_wait& w = at->second;
  unmark(w.asked, check);
  --counts.in_flight;
  const bool passes = answer.verdict == check_verdict::pass;
  ++(passes ? counts.passed : counts.refused);
  mark(passes ? w.answers.passed : w.answers.refused, check);
  w.took_ms[check] = static_cast<std::uint16_t>(std::min<time_ns>((now - std::min(now, w.began)) / 1'000'000, 0xffff));
  settle(at, now, out);
}

void check_desk::settle(waits::iterator at, time_ns now, check_facts& out) {
  payment_wait& w = at->second;
  if (join(w.answers) == join_verdict::open) return;
  check_fact_record f{};
  f.id = check_fact_id_of(w.call.tenant, w.call.payment, now);
  f.order = w.call.order;
  f.payment = w.call.payment;
  f.action = order_action::check_fact;
  f.passed = w.answers.passed;
  f.refused = w.answers.refused;
  f.missed = w.answers.missed;
  std::copy(w.took_ms.begin(), w.took_ms.end(), f.took_ms);
  out.facts.push_back(f);
  out.tenants.push_back(w.call.tenant);
  for (std::size_t i = 0; i < checks_.size(); ++i)
    if ((w.asked & bit(i)) != 0) --checks_[i].counts.in_flight;
  deadlines_.erase({w.call.deadline_at, at->first});
  began_.erase({w.began, at->first});
  open_.erase(at);
}

void check_desk::poll(time_ns now, check_facts& out) {
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    if (checks_[i].driver == nullptr) continue;
    answers_.clear();
    checks_[i].driver->poll(now, facts_per_turn, answers_);
    for (const check_answer& a : answers_) hear(i, a, now, out);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto at = open_.find(deadlines_.begin()->second);
    PAYLOOM_ASSERT(at != open_.end());
    payment_wait& w = at->second;
    for (std::size_t i = 0; i < checks_.size(); ++i) {
      if ((w.asked & bit(i)) == 0) continue;
      ++checks_[i].counts.missed;
      mark(w.answers.missed, i);
      unmark(w.asked, i);
      --checks_[i].counts.in_flight;
    }
    settle(at, now, out);
  }
}

time_ns check_desk::next_at() const {
  time_ns next = deadlines_.empty() ? 0 : deadlines_.begin()->first;
  for (const one_check& c : checks_) {
    const time_ns at = c.driver == nullptr ? 0 : c.driver->next_at();
    if (at != 0 && (next == 0 || at < next)) next = at;
  }
  return next;
}

}  // namespace payloom::core
