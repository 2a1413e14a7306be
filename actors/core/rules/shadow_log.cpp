#include "actors/core/rules/shadow_log.hpp"

namespace payloom::core::rules {

namespace {

void add_saturating(u128& sum, u128 more) {
  if (!checked_add(sum, more, sum)) sum = u128_max;
}

}  // namespace

void shadow_counts::add(ledger_id ledger, u128 minor, u128 order) {
  orders[otherwise % orders.size()] = order;
  ++otherwise;
  for (money& m : affected) {
    if (m.ledger != 0 && m.ledger != ledger) continue;
    m.ledger = ledger;
    return add_saturating(m.minor, minor);
  }
  add_saturating(other_money, minor);
}

std::vector<shadow_counts>& shadow_log::of(const rule_table& table, std::uint32_t version) {
  if (last_ < all_.size() && all_[last_].table == &table) return all_[last_].counts;
  for (last_ = 0; last_ < all_.size(); ++last_)
    if (all_[last_].table == &table) return all_[last_].counts;
  all_.push_back({version, &table, std::vector<shadow_counts>(table.watched())});
  return all_.back().counts;
}

}  // namespace payloom::core::rules
