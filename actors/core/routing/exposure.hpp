#pragma once
// Unknown money by channel and ledger: what was sent and nobody knows the end of (domain.md N3). Over its limit a
// channel gets no new attempts until some of it is settled. One thread at a time.
#include <cstdint>

#include "actors/core/routing/money_table.hpp"

namespace payloom::core::routing {

struct unknown_money {
  u128 minor = 0;
  std::uint64_t attempts = 0;
};

class exposure {
 public:
  /// Pairs of channel and ledger. At the bound, or when a sum would overflow, an attempt is counted apart
  /// (`uncounted`), and while there are such, no limited channel has room.
  static constexpr std::size_t pairs_max = 2'048;

  exposure() : table_(pairs_max) {}

  /// An attempt's outcome is unknown now; once for each attempt.
  void opened(channel_number channel, ledger_id ledger, u128 amount_minor);
  /// It is known what became of it, whatever it was. False when no such money is open: nothing changes.
  bool settled(channel_number channel, ledger_id ledger, u128 amount_minor);
  /// Sum of the unknown attempts.
  unknown_money of(channel_number channel, ledger_id ledger) const;
  /// May one more attempt be sent, which would all be unknown at worst?
  bool room_for(channel_number channel, ledger_id ledger, u128 amount_minor, u128 limit_minor) const;
  std::uint64_t uncounted() const { return uncounted_; }
  /// In the order in which they came; settled pairs stay with nothing in them.
  const std::vector<money_table<unknown_money>::entry>& all() const { return table_.all(); }

 private:
  money_table<unknown_money> table_;
  std::uint64_t uncounted_ = 0;
};

}  // namespace payloom::core::routing
