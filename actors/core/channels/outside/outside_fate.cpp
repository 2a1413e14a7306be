#include "actors/core/channels/outside/outside_fate.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"
#include "protocol/types/shard_map.hpp"

namespace payloom::core {

namespace {

constexpr std::uint64_t ms = 1'000'000;

/// What a number is drawn for: each use has numbers of its own.
enum class use : std::uint32_t {
  end = 0x6f757401,
  twice,
  latency_1,
  latency_2,
  latency_3,
  callback,
  early,
  late,
  callback_twice,
  contradictory,
  other_amount,
  other_ledger,
  forged,
  number_1,
  number_2,
};

std::uint64_t draw(std::uint64_t seed, u128 attempt_id, use u) {
  return mix_id(static_cast<std::uint32_t>(u), attempt_id ^ make_u128(seed, ~seed));
}

/// How an attempt ends, as far as the shares say it.
void choose_end(const outside_settings& s, std::uint64_t at, channel_operation operation, outside_fate& f) {
  using enum channel_outcome;
  const auto falls_into = [&](std::uint16_t share) {
    const bool in = at < share;
    at = in ? 1000 : at - share;  // at most one of them
    return in;
  };
  const bool pays = operation == channel_operation::pay;
  if (falls_into(s.rejected)) {
    f.first = f.before = f.end = rejected;
  } else if (falls_into(s.accepted)) {
    f.first = f.before = accepted;
  } else if (falls_into(s.accepted_rejected)) {
    f.first = f.before = accepted;
    f.end = rejected;
  } else if (falls_into(s.unknown_moved)) {
    f.first = unknown;
  } else if (falls_into(s.unknown_lost)) {
    f.first = unknown;
    f.before = f.end = rejected;
  } else if (falls_into(s.other_amount)) {
    f.amount_minor = std::max<u128>(f.amount_minor / 2, 1);
  } else if (falls_into(s.late_success)) {
    f.first = f.before = rejected;
    if (!pays) f.end = rejected;
  } else if (falls_into(s.returned)) {
    f.comes_back = !pays;
  }
}

outside_callback news_of(const outside_fate& f, ledger_id ledger) {
  outside_callback c;
  c.outcome = f.comes_back ? channel_outcome::returned : f.end;
  c.code = f.end == channel_outcome::success ? outside_code::approved : outside_code::declined;
  c.amount_minor = f.end == channel_outcome::success ? f.amount_minor : 0;
  c.ledger = ledger;
  return c;
}

}  // namespace

outside_fate fate_of(const outside_settings& s, const lognormal_delay& delay, u128 attempt_id,
                     channel_operation operation, u128 amount_minor, ledger_id ledger) {
  PAYLOOM_ASSERT(amount_minor != 0 && amount_minor <= outside_settings::amount_max);
  const auto happens = [&](use u, std::uint16_t share) { return draw(s.seed, attempt_id, u) % 1000 < share; };
  outside_fate f;
  f.amount_minor = amount_minor;
  f.answer_ns = delay.of({draw(s.seed, attempt_id, use::latency_1), draw(s.seed, attempt_id, use::latency_2),
                          draw(s.seed, attempt_id, use::latency_3)});
  choose_end(s, draw(s.seed, attempt_id, use::end) % 1000, operation, f);
  f.twice = f.first != channel_outcome::unknown && happens(use::twice, s.answered_twice);

  const bool must_tell = f.comes_back || f.before != f.end;
  const bool early = !f.comes_back && f.first != channel_outcome::unknown && happens(use::early, s.callback_early);
  const std::uint64_t late_ns = happens(use::late, s.callback_late) ? s.callback_late_ms * ms : 0;
  const std::uint64_t tell_ns = early ? f.answer_ns / 2 : f.answer_ns + s.later_ms * ms;
  if (must_tell) f.ends_ns = std::max<std::uint64_t>(tell_ns, 1);

  const outside_callback news = news_of(f, ledger);
  const auto add = [&](std::uint64_t at_ns) -> outside_callback& {
    f.callbacks.push_back(news);
    f.callbacks.back().delay_ns = at_ns;
    return f.callbacks.back();
  };
  if (must_tell || early || happens(use::callback, s.callback)) {
    const std::uint64_t at_ns = std::max(tell_ns, f.ends_ns) + (early ? 0 : late_ns);
    add(at_ns).early = early;
    if (happens(use::callback_twice, s.callback_twice)) add(at_ns + 1 * ms).duplicate = true;
  }
  if (f.end == channel_outcome::success && !f.comes_back) {
    const std::uint64_t after_ns = f.answer_ns + s.later_ms * ms + late_ns;
    if (happens(use::contradictory, s.contradictory)) {
      outside_callback& c = add(after_ns + 2 * ms);
      c.contradictory = true;
      c.outcome = channel_outcome::rejected;
      c.code = outside_code::declined;
      c.amount_minor = 0;
    }
    if (happens(use::other_amount, s.callback_amount)) {
      outside_callback& c = add(after_ns + 3 * ms);
      c.other_amount = true;
      c.amount_minor = f.amount_minor + 1;
    }
    if (happens(use::other_ledger, s.callback_ledger)) {
      outside_callback& c = add(after_ns + 4 * ms);
      c.other_ledger = true;
      c.ledger = ledger == 978 ? 840 : 978;
    }
  }
  if (happens(use::forged, s.forged)) {
    outside_callback& c = add(f.answer_ns / 2);
    c.forged = true;
    c.outcome = channel_outcome::success;
    c.code = outside_code::approved;
    c.amount_minor = amount_minor;
  }
  std::ranges::stable_sort(f.callbacks, {}, &outside_callback::delay_ns);
  PAYLOOM_ASSERT(f.callbacks.size() <= outside_callbacks_max);
  return f;
}

u128 channel_txn_of(std::uint64_t seed, u128 attempt_id, std::uint32_t part) {
  PAYLOOM_ASSERT(part <= 1);
  return make_u128(draw(seed, attempt_id, part == 0 ? use::number_1 : use::number_2), lo64(attempt_id));
}

}  // namespace payloom::core
