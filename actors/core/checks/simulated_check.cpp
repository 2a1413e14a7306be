#include "actors/core/checks/simulated_check.hpp"

namespace payloom::core {

namespace {

constexpr std::uint64_t ms = 1'000'000;

/// A number below `below` that depends on nothing but seed, payment and use.
std::uint64_t draw(std::uint64_t seed, u128 payment, std::uint32_t use, std::uint64_t below) {
  return mix_id(use + 0x63686563, payment ^ make_u128(~seed, seed)) % below;
}

}  // namespace

simulated_answer answer_of(const catalog::simulated_check_settings& s, u128 payment) {
  simulated_answer a;
  a.answer_ns = (s.answer_ms_min + draw(s.seed, payment, 1, s.answer_ms_max - s.answer_ms_min + 1)) * ms;
  const std::uint64_t at = draw(s.seed, payment, 2, 1000);
  if (at < s.refused) a.verdict = check_verdict::refuse;
  a.silent = at >= s.refused && at < std::uint64_t{s.refused} + s.silent;
  a.twice = draw(s.seed, payment, 3, 1000) < s.answered_twice;
  return a;
}

void simulated_check::ask(const check_call& c, time_ns now) {
  const simulated_answer a = answer_of(settings_, c.payment);
  if (a.silent || due_.size() >= answers_max) return;
  const check_answer said{c.payment, c.tenant, a.verdict};
  due_.push({now + a.answer_ns, next_number_++, said});
  if (a.twice) due_.push({now + a.answer_ns + ms, next_number_++, said});
}

void simulated_check::poll(time_ns now, std::size_t max, std::vector<check_answer>& out) {
  for (std::size_t told = 0; told < max && !due_.empty() && due_.top().at <= now; ++told) {
    out.push_back(due_.top().answer);
    due_.pop();
  }
}

}  // namespace payloom::core
