#pragma once
// One business operation of a scenario on its way, and an order as its client knows it. Values.
#include <cstdint>

#include "actors/app/bench/scenario/operation_kinds.hpp"
#include "protocol/types/records.hpp"

namespace payloom::bench {

/// From acknowledged results alone; amounts in minor units.
struct known_order {
  order_id id;
  std::uint32_t user = 0;
  std::uint32_t other = 0;  ///< merchant; of a transfer: the user who gets it
  std::uint64_t amount = 0;
  std::uint64_t refunded = 0;
  std::uint64_t held = 0;  ///< in escrow, or authorised
  std::uint32_t version = 1;
  std::uint8_t kind = 0;  ///< that made it
};

struct operation {
  std::uint8_t kind = 0;
  stage asks = stage::create;
  bool duplicate = false;                    ///< of a command that was acknowledged before
  order_action action = order_action::none;  ///< of `act`
  std::uint64_t amount = 0;                  ///< of `act`
  known_order order;                         ///< create: as it will be; act, timeline: as it was known
  std::uint32_t user = 0;                    ///< balances
  result_record first{};                     ///< of a duplicate: what was answered the first time
};

}  // namespace payloom::bench
