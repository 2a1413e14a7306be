#pragma once
// What is written down about checks: what others are asked before a payment begins. Immutable after load; any thread
// may read it. The keys are explained in config/payments/checks.yaml.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

/// One bit per check: its number - 1.
using check_bits = std::uint8_t;
constexpr check_bits bit_of_check(std::uint8_t number) { return static_cast<check_bits>(1u << (number - 1)); }

/// How the simulator inside the process answers; the shares are of 1,000 questions. What it answers follows from seed
/// and payment alone, so asked again after a restart it says the same.
struct simulated_check_settings {
  std::uint64_t seed = 1;
  std::uint32_t answer_ms_min = 0;
  std::uint32_t answer_ms_max = 0;
  std::uint16_t refused = 0;         ///< per mille
  std::uint16_t silent = 0;          ///< never answered
  std::uint16_t answered_twice = 0;  ///< of the answers: told a second time
};

enum class check_driver_kind : std::uint8_t { simulator };

struct check_plan {
  std::string name;
  source_place place;
  std::uint8_t number = 0;  ///< 1 .. limits::checks_max; stands in the journal
  check_driver_kind driver = check_driver_kind::simulator;
  bool core = true;                 ///< without its answer no payment begins
  std::uint32_t in_flight_max = 0;  ///< questions without an answer; more are not asked
  simulated_check_settings simulator;

  check_bits bit() const { return bit_of_check(number); }
};

/// All checks, in the order of the file.
class check_plans {
 public:
  check_plans() = default;
  /// Whatever is wrong is added to `problems`, and then they must not be used.
  static check_plans make(std::vector<check_plan> all, problem_list& problems);

  std::span<const check_plan> all() const { return all_; }
  const check_plan* find(std::string_view name) const;
  const check_plan* find(std::uint8_t number) const;
  /// Those without whose answer no payment begins.
  check_bits core() const { return core_; }

 private:
  std::vector<check_plan> all_;
  check_bits core_ = 0;
};

}  // namespace payloom::core::catalog
