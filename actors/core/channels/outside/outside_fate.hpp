#pragma once
// What becomes of an attempt at a simulated channel, and what is told of it: from seed and attempt id alone, so that a
// second simulator with the same seed does the same. Pure; any thread.
#include <cstdint>
#include <vector>

#include "actors/core/channels/outside/lognormal_delay.hpp"
#include "actors/core/channels/outside/outside_settings.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/payment_records.hpp"

namespace payloom::core {

/// Why the outside answers as it does. Each wire has its own texts for these.
enum class outside_code : std::uint8_t {
  approved = 0,
  declined = 1,
  processing = 2,        ///< taken, the end comes later
  busy = 3,              ///< the book is full: nothing was done (not_sent)
  conflict = 4,          ///< the attempt's id is known with another content; says nothing of the attempt (unknown)
  attempt_closed = 5,    ///< it was closed or reversed, maybe before it came
  no_source = 6,         ///< refund: no payment under this number brought money of this currency
  source_spent = 7,      ///< refund: more than is left of the payment
  not_found = 8,         ///< query: no such attempt came
  invalid = 9,           ///< amount or operation that no channel takes
  already_refunded = 10  ///< reverse: a part went back already
};
inline constexpr std::uint8_t outside_codes = 11;

/// News that the outside sends by itself.
struct outside_callback {
  std::uint64_t delay_ns = 0;  ///< from when the attempt came
  channel_outcome outcome = channel_outcome::none;
  outside_code code = outside_code::approved;
  u128 amount_minor = 0;  ///< as the callback says
  ledger_id ledger = 0;   ///< as the callback says
  bool duplicate = false;
  bool forged = false;         ///< to be sent with a signature that is wrong
  bool contradictory = false;  ///< says the contrary of what is true
  bool other_amount = false;
  bool other_ledger = false;
  bool early = false;  ///< before the response
  /// Whether the channel means it; the others are faults.
  bool honest() const { return !forged && !contradictory && !other_amount && !other_ledger; }
};
inline constexpr std::size_t outside_callbacks_max = 7;  ///< of one attempt

struct outside_fate {
  channel_outcome first = channel_outcome::success;   ///< the answer; `unknown`: there is none
  channel_outcome before = channel_outcome::success;  ///< what a query tells until `ends_ns`
  channel_outcome end = channel_outcome::success;     ///< what is true in the end: success or rejected
  bool comes_back = false;                            ///< at `ends_ns` the money comes back (end is success)
  u128 amount_minor = 0;                              ///< what moves, if anything does
  std::uint64_t answer_ns = 0;                        ///< when the answer is told
  std::uint64_t ends_ns = 0;                          ///< when the end is there; 0: at once
  bool twice = false;                                 ///< the answer is told a second time
  std::vector<outside_callback> callbacks;            ///< by time; at most outside_callbacks_max
};

/// `settings` must have no problem; `delay` is made from it.
outside_fate fate_of(const outside_settings& settings, const lognormal_delay& delay, u128 attempt_id,
                     channel_operation operation, u128 amount_minor, ledger_id ledger);

/// The outside's own number of a movement; `part` 0: the attempt's, 1: of what went back later.
u128 channel_txn_of(std::uint64_t seed, u128 attempt_id, std::uint32_t part);

}  // namespace payloom::core
