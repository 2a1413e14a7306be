#pragma once
// What is written down about channels: number, driver, what they can do, their bounds. Immutable after load; any thread
// may read it. Drivers and their settings are explained in config/payments/channels.yaml.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/chart.hpp"
#include "actors/core/catalog/definition.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::core::catalog {

/// One bit per channel_operation.
using operation_bits = std::uint8_t;
constexpr operation_bits bit_of(channel_operation operation) {
  return static_cast<operation_bits>(1u << static_cast<unsigned>(operation));
}

/// How the simulator inside the process behaves; the shares are of 1,000 attempts, the rest succeeds. What becomes of
/// an attempt follows from seed and attempt id alone, so a query after a restart tells the same.
struct simulator_settings {
  std::uint64_t seed = 1;
  std::uint32_t answer_ms_min = 0;
  std::uint32_t answer_ms_max = 0;
  std::uint32_t later_ms = 0;           ///< how long after the answer the news of an accepted attempt come
  std::uint16_t rejected = 0;           ///< per mille
  std::uint16_t accepted = 0;           ///< taken first, successful later
  std::uint16_t accepted_rejected = 0;  ///< taken first, rejected later
  std::uint16_t not_sent = 0;
  std::uint16_t unknown_moved = 0;   ///< no answer, but the money moved
  std::uint16_t unknown_lost = 0;    ///< no answer, and nothing moved
  std::uint16_t other_amount = 0;    ///< another amount moved
  std::uint16_t late_success = 0;    ///< rejected first, successful after all
  std::uint16_t returned = 0;        ///< successful, and then sent back (payouts, refunds)
  std::uint16_t answered_twice = 0;  ///< of the answers: told a second time
};

enum class channel_driver_kind : std::uint8_t {
  simulator,  ///< inside the process, without an outside
  http_json,  ///< JSON over HTTPS, signed
  iso8583     ///< ISO 8583 over a TCP line that stays open
};

/// What a channel's own code means. A code that is in no list means that nothing is known (GW-7): `unknown`, never
/// `rejected`, and it is counted for somebody to look at.
struct channel_code {
  std::string text;  ///< as the channel writes it
  channel_outcome outcome = channel_outcome::unknown;
  std::uint16_t number = 0;  ///< ours; stands in the order's event
  bool reversed = false;     ///< as the answer to a reversal: nothing moved, or it moved back
};

struct channel_plan {
  std::string name;
  source_place place;
  owner_id number = 0;  ///< owner of its accounts; stands in the journal
  channel_driver_kind driver = channel_driver_kind::simulator;
  operation_bits operations = 0;
  std::vector<ledger_id> ledgers;                ///< that it moves; empty: all
  u128 min_minor = 1, max_minor = u128_max - 1;  ///< one attempt
  std::uint32_t in_flight_max = 0;               ///< calls without an answer; more: not_sent
  std::string case_owner;                        ///< who looks at its open cases
  simulator_settings simulator;                  ///< of the driver `simulator`
  std::vector<channel_code> codes;               ///< of the others; no text twice
};

/// All channels, in the order of the file.
class channel_plans {
 public:
  channel_plans() = default;
  /// Whatever is wrong is added to `problems`, and then they must not be used.
  static channel_plans make(std::vector<channel_plan> all, problem_list& problems);

  std::span<const channel_plan> all() const { return all_; }
  const channel_plan* find(owner_id number) const;
  /// The channel for an attempt: the one asked for, or (0) the first that can; nullptr when none can.
  const channel_plan* choose(owner_id asked, channel_operation operation, ledger_id ledger, u128 amount_minor) const;

 private:
  std::vector<channel_plan> all_;
};

}  // namespace payloom::core::catalog
