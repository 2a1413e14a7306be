#pragma once
// What each channel was given on one day (UTC), for its daily limits (domain.md 1.4). One thread at a time.
#include "actors/core/routing/money_table.hpp"

namespace payloom::core::routing {

struct day_money {
  std::uint64_t day = 0;  ///< since 1970
  u128 minor = 0;         ///< saturates: then no limit has room
};

class day_amounts {
 public:
  /// Pairs of channel and ledger; at the bound a new pair has no room.
  static constexpr std::size_t pairs_max = 2'048;

  day_amounts() : table_(pairs_max) {}

  /// An attempt begins.
  void add(channel_number channel, ledger_id ledger, u128 amount_minor, time_ns now);
  /// It ended without moving anything. What began on an earlier day frees nothing today.
  void give_back(channel_number channel, ledger_id ledger, u128 amount_minor, time_ns began_at);
  u128 of(channel_number channel, ledger_id ledger, time_ns now) const;
  bool room_for(channel_number channel, ledger_id ledger, u128 amount_minor, u128 limit_minor, time_ns now) const;

 private:
  money_table<day_money> table_;
};

}  // namespace payloom::core::routing
