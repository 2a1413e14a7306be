#pragma once
// What rules without effect would have done (domain PC-6): counted for each rule, with the newest orders that they
// would have treated otherwise. One of these for each order shard, used by that shard alone; its memory is bounded by
// the number of watched rules.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "actors/core/rules/rule_table.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::rules {

/// Of one rule.
struct shadow_counts {
  struct money {
    ledger_id ledger = 0;  ///< 0: unused
    u128 minor = 0;        ///< saturates
  };
  std::uint64_t evaluated = 0;  ///< payments that it was asked about
  std::uint64_t matched = 0;    ///< its conditions held
  std::uint64_t otherwise = 0;  ///< and it would have decided otherwise than what did
  u128 other_money = 0;         ///< of ledgers that had no room; saturates
  std::array<money, limits::shadow_ledgers_max> affected{};
  std::array<u128, limits::shadow_samples_max> orders{};  ///< a ring: order number n of `otherwise` at n % size

  /// One more payment that it would have treated otherwise.
  void add(ledger_id ledger, u128 minor, u128 order);
};

class shadow_log {
 public:
  /// Of the rules that a table only watches, in the order of `watched_at`.
  struct table_counts {
    std::uint32_t version = 0;  ///< of the catalogue
    const rule_table* table = nullptr;
    std::vector<shadow_counts> counts;
  };

  /// The counts of a table with watched rules. Allocates when it is new.
  std::vector<shadow_counts>& of(const rule_table& table, std::uint32_t version);
  const std::vector<table_counts>& all() const { return all_; }

 private:
  std::vector<table_counts> all_;
  std::size_t last_ = 0;
};

}  // namespace payloom::core::rules
