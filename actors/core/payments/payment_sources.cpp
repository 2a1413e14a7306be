#include "actors/core/payments/payment_sources.hpp"

#include <algorithm>
#include <iterator>

#include "protocol/types/assert.hpp"

namespace payloom::core {

namespace {

/// Nobody's money stands there, or it was nobody's and went back.
bool is_free(const payment_source& s, u128 on_its_way) {
  if (s.attempt_id == 0) return true;
  return s.kind == source_kind::suspense && left_of(s) == 0 && s.attempt_id != on_its_way;
}

}  // namespace

std::size_t free_sources(const payment_row& p, u128 on_its_way) {
  return static_cast<std::size_t>(std::count_if(std::begin(p.sources), std::end(p.sources),
                                                [&](const payment_source& s) { return is_free(s, on_its_way); }));
}

payment_source* find_source(payment_row& p, u128 attempt_id, source_kind kind) {
  for (payment_source& s : p.sources)
    if (s.attempt_id == attempt_id && s.kind == kind && attempt_id != 0) return &s;
  return nullptr;
}

bool add_to_source(payment_row& p, const brought_money& money, std::size_t kept, u128 on_its_way) {
  PAYLOOM_ASSERT(money.attempt_id != 0);
  if (money.amount_minor == 0) return true;
  if (payment_source* s = find_source(p, money.attempt_id, money.kind); s != nullptr) {
    PAYLOOM_ASSERT(s->channel == money.channel);
    u128 sum = 0;
    if (!checked_add(s->paid_minor, money.amount_minor, sum)) return false;
    s->paid_minor = sum;
    return true;
  }
  if (free_sources(p, on_its_way) <= kept) return false;
  payment_source* place = nullptr;
  for (payment_source& s : p.sources) {  // an empty one if there is one
    const bool better = place == nullptr || (place->attempt_id != 0 && s.attempt_id == 0);
    if (better && is_free(s, on_its_way)) place = &s;
  }
  *place = {money.attempt_id, money.channel, money.kind, {}, money.amount_minor, 0};
  return true;
}

payment_source* newest_source(payment_row& p, source_kind kind, u128 amount_minor) {
  PAYLOOM_ASSERT(amount_minor != 0);
  payment_source* newest = nullptr;
  for (payment_source& s : p.sources)
    if (s.attempt_id != 0 && s.kind == kind && left_of(s) >= amount_minor) newest = &s;
  return newest;
}

payment_source* source_at(payment_row& p, std::uint32_t number, source_kind kind) {
  if (number == 0 || number > limits::payment_sources_max) return nullptr;
  payment_source& s = p.sources[number - 1];
  return s.attempt_id != 0 && s.kind == kind ? &s : nullptr;
}

bool sources_add_up(const payment_row& p) {
  u128 paid = 0, refunded = 0, suspense = 0;
  bool sound = true;
  for (const payment_source& s : p.sources) {
    sound &= s.refunded_minor <= s.paid_minor && (s.attempt_id != 0 || s.paid_minor == 0);
    if (s.kind == source_kind::suspense) {
      sound &= checked_add(suspense, left_of(s), suspense);
    } else {
      sound &= checked_add(paid, s.paid_minor, paid) && checked_add(refunded, s.refunded_minor, refunded);
    }
  }
  return sound && paid == p.external_paid_minor && refunded == p.external_refunded_minor &&
         suspense <= p.suspense_minor;
}

}  // namespace payloom::core
