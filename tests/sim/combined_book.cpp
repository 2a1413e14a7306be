#include "tests/sim/combined_book.hpp"

#include <algorithm>

#include "tests/sim/order_rules.hpp"

namespace payloom::sim {

void combined_stats::add(const combined_stats& o) {
  for (auto counter : {&combined_stats::begun, &combined_stats::orders, &combined_stats::moved_whole,
                       &combined_stats::moved_other, &combined_stats::told_apart})
    this->*counter += o.*counter;
}

std::string combined_book::begun(tenant_id t, const payment_row& p) {
  const bool first = p.combined_member == 0;
  if (first != (open_ == nullptr)) return "the orders of a combined payment do not stand one behind the other";
  if (first && p.combined != p.payment) return "a combined payment is not known by its first one's id";
  const auto [at, fresh] = all_.try_emplace({t, p.combined});
  if (fresh != first) return "a combined payment begins twice";
  one_payment& whole = at->second;
  if (first) {
    whole.total = p.combined_minor;
    whole.count = p.combined_count;
    open_ = &whole;
    numbers_[{t, attempt_id_of(t, p.combined, 1)}] = &whole;
    ++stats_.begun;
  }
  ++stats_.orders;
  const u128 before = first ? 0 : whole.members.back().before + whole.members.back().part;
  const u128 part = p.amount_minor - p.balance_minor - p.coupon_minor;
  const bool fits = open_ == &whole && p.combined_minor == whole.total && p.combined_count == whole.count &&
                    p.combined_member == whole.members.size() && p.combined_before_minor == before;
  place_of_[{t, p.payment}] = {&whole, whole.members.size()};
  whole.members.push_back({p.payment, before, part});
  const bool last = whole.members.size() == whole.count;
  if (last) open_ = nullptr;
  if (!fits || whole.count < 2) return "an order has a wrong place in its combined payment";
  if (last && before + part != whole.total) return "the parts of a combined payment are not its sum";
  return {};
}

/// All have been told of money: the parts are those of one sum, and each knows whether it is the one asked for.
std::string combined_book::compare(one_payment& p) {
  u128 sum = 0;
  for (const member& m : p.members) {
    if (!m.has_moved) return {};
    sum += m.moved;
  }
  (sum == p.total ? stats_.moved_whole : stats_.moved_other) += 1;
  for (const member& m : p.members) {
    if (m.moved != part_of_moved(sum, m.before, m.part, p.total)) return "an order was told another part of what moved";
    if (m.differs != (sum != p.total)) return "an order was not told whether the whole sum moved";
  }
  return {};
}

std::string combined_book::told(tenant_id t, const channel_fact_record& f) {
  const auto at = place_of_.find({t, f.payment});
  if (at == place_of_.end()) return {};  // for one order
  auto& [whole, place] = at->second;
  member& m = whole->members.at(place);
  m.was_told = true;
  if (f.outcome != channel_outcome::success) return {};
  const bool differs = f.differs != 0;
  if (m.has_moved) return m.moved != f.amount_minor || m.differs != differs ? "an order was told two sums" : "";
  m.has_moved = true;
  m.moved = f.amount_minor;
  m.differs = differs;
  return compare(*whole);
}

void combined_book::restarted() {
  for (auto& [key, p] : all_) {
    const auto told = std::count_if(p.members.begin(), p.members.end(), [](const member& m) { return m.was_told; });
    if (p.told_apart || told == 0 || static_cast<std::size_t>(told) == p.members.size()) continue;
    p.told_apart = true;
    ++stats_.told_apart;
  }
}

}  // namespace payloom::sim
