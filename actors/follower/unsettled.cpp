#include "actors/follower/unsettled.hpp"

#include <algorithm>

namespace payloom::follower {

unsettled_day& unsettled_account::at(day_number day) {
  // Nearly always the newest day, or one of the last.
  auto it = days_.end();
  while (it != days_.begin() && std::prev(it)->day >= day) --it;
  if (it != days_.end() && it->day == day) return *it;
  it = days_.insert(it, {day, 0, 0});
  if (days_.size() > limits::unsettled_days_max) {
    const auto place = it - days_.begin();
    days_[1].credits_minor += days_[0].credits_minor;
    days_[1].debits_minor += days_[0].debits_minor;
    days_.erase(days_.begin());
    return days_[static_cast<std::size_t>(std::max<std::ptrdiff_t>(place - 1, 0))];
  }
  return *it;
}

void unsettled_account::settle(day_number day, u128 amount_minor) {
  unsettled_day sum{day, 0, amount_minor};
  const auto later = std::ranges::find_if(days_, [&](const unsettled_day& d) { return d.day > day; });
  for (auto it = days_.begin(); it != later; ++it) {
    sum.credits_minor += it->credits_minor;
    sum.debits_minor += it->debits_minor;
  }
  const auto first = days_.erase(days_.begin(), later);
  if (sum.credits_minor != sum.debits_minor) days_.insert(first, sum);
  settled_through_ = std::max(settled_through_, day);
}

unsettled_account::net unsettled_account::net_through(day_number through) const {
  u128 credits = 0, debits = 0;
  for (const unsettled_day& d : days_) {
    if (d.day > through) break;
    credits += d.credits_minor;
    debits += d.debits_minor;
  }
  return credits >= debits ? net{credits - debits, false} : net{debits - credits, true};
}

std::size_t unsettled_table::memory_bytes() const {
  std::size_t bytes = entries_.capacity() * sizeof(entry);
  for (const entry& e : entries_) bytes += e.sums.days().capacity() * sizeof(unsettled_day);
  return bytes;
}

}  // namespace payloom::follower
