#pragma once
// What a payment costs whom. A plan has one schedule per currency; a fee is computed once, exactly, in integers.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "actors/core/catalog/plan_list.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

/// Who pays the fee: the payer on top of the amount, or the payee out of it.
enum class fee_bearer : std::uint8_t { payer, payee };

/// What happens to parts of a minor unit.
enum class fee_rounding : std::uint8_t { half_up, half_even, down, up };

/// What chooses the tier: the amount itself; each slice of the amount on its own (as income tax does); or what the
/// payee has turned over in the period before this payment.
enum class tier_choice : std::uint8_t { amount, slices, turnover };

/// A fee above the amount: cut down to the amount, or allowed.
enum class fee_excess : std::uint8_t { cut, allow };

/// What a refund does with the fee: the platform keeps it, or returns it in proportion (`return_book`).
enum class fee_refund : std::uint8_t { keep, proportional };

struct fee_tier {
  u128 up_to_minor = u128_max;        ///< the last amount (or turnover) of the tier; u128_max in the last tier
  u128 fixed_minor = 0;               ///< once; with `slices` once for every slice that the amount reaches
  std::uint32_t rate_millionths = 0;  ///< of the amount, or of the slice; at most rate_whole
};

/// The fees in one currency.
struct fee_schedule {
  ledger_id ledger = 0;
  std::array<fee_tier, limits::fee_tiers_max> tiers{};  ///< ascending; the first tier_count of them
  std::uint8_t tier_count = 0;
  u128 floor_minor = 0;       ///< the least fee
  u128 cap_minor = u128_max;  ///< the largest fee
  source_place place;
};

struct fee_plan {
  std::string name;
  fee_bearer bearer = fee_bearer::payee;
  fee_rounding rounding = fee_rounding::half_up;
  tier_choice choice = tier_choice::amount;
  fee_excess excess = fee_excess::cut;
  fee_refund refund = fee_refund::keep;
  std::vector<fee_schedule> schedules;
  source_place place;
};

enum class fee_error : std::uint8_t {
  ok,
  no_schedule,  ///< the plan says nothing about this currency
  overflow,     ///< a sum passes 2^128 - 1
};

struct fee_result {
  fee_error error = fee_error::ok;
  u128 fee_minor = 0;
};

/// The fee of a payment of `gross_minor`. `turnover_minor` matters to plans with tiers by turnover alone.
fee_result compute_fee(const fee_plan& plan, ledger_id ledger, u128 gross_minor, u128 turnover_minor);

/// Adds what is wrong with a plan: no schedule, a currency twice, tiers that do not ascend or do not end, a rate above
/// the whole, a floor above the cap, a plan that lets nothing through.
void check_fee_plan(const fee_plan& plan, problem_list& problems);

using fee_plans = plan_list<fee_plan>;

/// All fee plans; whatever is wrong with them is added to `problems`.
fee_plans make_fee_plans(std::vector<fee_plan> plans, problem_list& problems);

}  // namespace payloom::core::catalog
