#pragma once
// What every account must have moved, from the operations that were answered `ok`; computed with the catalogue's fees,
// apart from the server. Not thread-safe.
#include <vector>

#include "actors/app/bench/scenario/operation.hpp"
#include "actors/app/bench/scenario/scenario_parties.hpp"
#include "actors/app/bench/setup.hpp"

namespace payloom::bench {

class scenario_books {
 public:
  explicit scenario_books(const scenario_parties& parties) : parties_(parties), moved_(parties.accounts()) {}

  /// The order was made and paid (through a channel: will be, since that channel always says yes); brings `order` to
  /// what it is now.
  void made(known_order& order);
  /// Likewise for an action of `amount` on it.
  void acted(known_order& order, order_action action, std::uint64_t amount);
  /// By account number.
  const std::vector<sums>& moved() const { return moved_; }

 private:
  void move(std::uint64_t from, std::uint64_t into, std::uint64_t amount) {
    moved_[from].debits += amount;
    moved_[into].credits += amount;
  }

  const scenario_parties& parties_;
  std::vector<sums> moved_;
};

}  // namespace payloom::bench
