#pragma once
// How a simulated channel behaves, for the simulators of every wire. Shares are per mille of the attempts; what becomes
// of one follows from seed and attempt id alone. Source of the rules: domain.md 1.3 (exceptions) and GW, simulators.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/types/u128.hpp"

namespace payloom::core {

struct outside_settings {
  std::uint64_t seed = 1;
  std::uint64_t channel = 1;  ///< number of the channel, as its statements say it

  // How an attempt ends: at most one of these, so together at most 1,000; the rest succeeds at once.
  std::uint16_t rejected = 0;
  std::uint16_t accepted = 0;           ///< taken first, successful later
  std::uint16_t accepted_rejected = 0;  ///< taken first, rejected later
  std::uint16_t unknown_moved = 0;      ///< no answer, but the money moved
  std::uint16_t unknown_lost = 0;       ///< no answer, and nothing moved
  std::uint16_t other_amount = 0;       ///< half of what was asked for moved
  std::uint16_t late_success = 0;       ///< rejected first, successful after all (pay only; the others stay rejected)
  std::uint16_t returned = 0;           ///< successful, and then sent back (payout and refund only)

  // What is told, each drawn by itself, 0 to 1,000.
  std::uint16_t answered_twice = 0;
  std::uint16_t callback = 0;          ///< a callback tells the end although nothing else would have to be told
  std::uint16_t callback_early = 0;    ///< it comes before the response
  std::uint16_t callback_late = 0;     ///< it comes callback_late_ms later than it should
  std::uint16_t callback_twice = 0;    ///< it comes again
  std::uint16_t contradictory = 0;     ///< after a success a callback says: rejected
  std::uint16_t callback_amount = 0;   ///< a callback names another amount than moved
  std::uint16_t callback_ledger = 0;   ///< a callback names another currency than moved
  std::uint16_t forged = 0;            ///< somebody without the key says: success
  std::uint16_t fee_basis_points = 0;  ///< of what moves, 0 to 10,000

  std::uint32_t latency_mean_ms = 0;       ///< of the answers, lognormal
  std::uint32_t latency_sigma_ms = 0;      ///< their standard deviation, at most 10 times the mean
  std::uint32_t latency_max_ms = 60'000;   ///< longer ones are cut to this
  std::uint32_t later_ms = 500;            ///< how long after the answer the later news come
  std::uint32_t callback_late_ms = 5'000;  ///< added to the delay of a late callback

  std::size_t entries_max = 1u << 20;  ///< attempts remembered; further ones are `busy`
  bool sources_checked = true;         ///< a refund needs a payment that brought as much

  static constexpr std::size_t entries_limit = 1u << 27;
  /// An attempt may move at most this, so that no sum over entries_limit attempts overflows.
  static constexpr u128 amount_max = static_cast<u128>(1) << 96;

  /// What is wrong with them; empty: nothing.
  std::string_view problem() const;
};

}  // namespace payloom::core
