#include "actors/core/routing/exposure.hpp"

namespace payloom::core::routing {

void exposure::opened(channel_number channel, ledger_id ledger, u128 amount_minor) {
  unknown_money* there = table_.find_or_add(channel, ledger);
  u128 sum = 0;
  if (there == nullptr || !checked_add(there->minor, amount_minor, sum)) {
    ++uncounted_;
    return;
  }
  there->minor = sum;
  ++there->attempts;
}

bool exposure::settled(channel_number channel, ledger_id ledger, u128 amount_minor) {
  unknown_money* there = table_.find(channel, ledger);
  if (there != nullptr && there->attempts != 0 && there->minor >= amount_minor) {
    there->minor -= amount_minor;
    --there->attempts;
    return true;
  }
  if (uncounted_ == 0) return false;
  --uncounted_;
  return true;
}

unknown_money exposure::of(channel_number channel, ledger_id ledger) const {
  const unknown_money* there = table_.find(channel, ledger);
  return there == nullptr ? unknown_money{} : *there;
}

bool exposure::room_for(channel_number channel, ledger_id ledger, u128 amount_minor, u128 limit_minor) const {
  if (uncounted_ != 0) return false;
  u128 sum = 0;
  return checked_add(of(channel, ledger).minor, amount_minor, sum) && sum <= limit_minor;
}

}  // namespace payloom::core::routing
