#include "actors/core/channels/simulated_channel.hpp"

#include <algorithm>

namespace payloom::core {

namespace {

constexpr std::uint64_t ms = 1'000'000;

/// A number below `below` that depends on nothing but seed, attempt and use.
std::uint64_t draw(std::uint64_t seed, u128 attempt_id, std::uint32_t use, std::uint64_t below) {
  return below == 0 ? 0 : mix_id(use, attempt_id ^ make_u128(seed, ~seed)) % below;
}

}  // namespace

simulated_fate fate_of(const catalog::simulator_settings& s, u128 attempt_id, channel_operation operation,
                       u128 amount_minor) {
  using enum channel_outcome;
  simulated_fate f;
  f.amount_minor = amount_minor;
  f.answer_ns = (s.answer_ms_min + draw(s.seed, attempt_id, 2, s.answer_ms_max - s.answer_ms_min + 1)) * ms;
  f.twice = draw(s.seed, attempt_id, 3, 1000) < s.answered_twice;
  std::uint64_t at = draw(s.seed, attempt_id, 1, 1000);
  const auto falls_into = [&](std::uint16_t share) {
    const bool in = at < share;
    at = in ? 0 : at - share;
    return in;
  };
  if (falls_into(s.rejected)) {
    f.first = f.truth = rejected;
  } else if (falls_into(s.accepted)) {
    f.first = accepted;
    f.later = success;
  } else if (falls_into(s.accepted_rejected)) {
    f.first = accepted;
    f.later = f.truth = rejected;
  } else if (falls_into(s.not_sent)) {
    f.first = f.truth = not_sent;
  } else if (falls_into(s.unknown_moved)) {
    f.first = unknown;
  } else if (falls_into(s.unknown_lost)) {
    f.first = unknown;
    f.truth = rejected;
  } else if (falls_into(s.other_amount)) {
    f.amount_minor = std::max<u128>(amount_minor / 2, 1);
  } else if (falls_into(s.late_success)) {
    f.first = rejected;
    if (operation == channel_operation::pay) {
      f.later = success;
    } else {
      f.truth = rejected;
    }
  } else if (falls_into(s.returned) && operation != channel_operation::pay) {
    f.later = f.truth = returned;
  }
  return f;
}

void simulated_channel::tell(time_ns at, const channel_call& call, channel_outcome outcome, u128 amount_minor) {
  channel_answer a;
  a.call = call;
  a.outcome = outcome;
  const bool moved = outcome == channel_outcome::success || outcome == channel_outcome::returned;
  a.amount_minor = moved ? amount_minor : 0;
  a.reference = make_u128(mix_id(0x72656631, call.attempt_id ^ settings_.seed), lo64(call.attempt_id));
  due_.push({at, next_number_++, a});
}

void simulated_channel::call(const channel_call& c, time_ns now) {
  using enum channel_outcome;
  const simulated_fate f = fate_of(settings_, c.attempt_id, c.attempt_operation, c.amount_minor);
  const time_ns at = now + f.answer_ns;
  if (c.operation == channel_operation::query || c.operation == channel_operation::close) {
    const bool nothing = f.truth == rejected || f.truth == not_sent;
    const channel_outcome told = c.operation == channel_operation::close && nothing ? closed
                                 : f.truth == not_sent                              ? rejected
                                                                                    : f.truth;
    tell(at, c, told == returned ? success : told, f.amount_minor);
    return;
  }
  if (f.first != unknown) tell(at, c, f.first, f.amount_minor);
  if (f.twice && f.first != unknown) tell(at + ms, c, f.first, f.amount_minor);
  if (f.later != none) tell(at + settings_.later_ms * ms, c, f.later, f.amount_minor);
}

void simulated_channel::poll(time_ns now, std::size_t max, std::vector<channel_answer>& out) {
  for (std::size_t told = 0; told < max && !due_.empty() && due_.top().at <= now; ++told) {
    out.push_back(due_.top().answer);
    due_.pop();
  }
}

}  // namespace payloom::core
