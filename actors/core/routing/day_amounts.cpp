#include "actors/core/routing/day_amounts.hpp"

namespace payloom::core::routing {

namespace {

std::uint64_t day_of(time_ns at) { return at / 86'400'000'000'000; }

}  // namespace

void day_amounts::add(channel_number channel, ledger_id ledger, u128 amount_minor, time_ns now) {
  day_money* there = table_.find_or_add(channel, ledger);
  if (there == nullptr) return;
  if (there->day < day_of(now)) *there = {day_of(now), 0};
  if (!checked_add(there->minor, amount_minor, there->minor)) there->minor = u128_max;
}

void day_amounts::give_back(channel_number channel, ledger_id ledger, u128 amount_minor, time_ns began_at) {
  day_money* there = table_.find(channel, ledger);
  if (there == nullptr || there->day != day_of(began_at) || there->minor == u128_max) return;
  there->minor -= std::min(there->minor, amount_minor);
}

u128 day_amounts::of(channel_number channel, ledger_id ledger, time_ns now) const {
  const day_money* there = table_.find(channel, ledger);
  return there == nullptr || there->day < day_of(now) ? 0 : there->minor;
}

bool day_amounts::room_for(channel_number channel, ledger_id ledger, u128 amount_minor, u128 limit_minor,
                           time_ns now) const {
  if (table_.is_full() && table_.find(channel, ledger) == nullptr) return false;
  u128 sum = 0;
  return checked_add(of(channel, ledger, now), amount_minor, sum) && sum <= limit_minor;
}

}  // namespace payloom::core::routing
