#pragma once
// Who shares in a payment beside its payee. A plan is evaluated once per payment, exactly, in integers.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "actors/core/catalog/plan_list.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

/// What is shared: the whole amount, or what the fee leaves of it.
enum class split_base : std::uint8_t { gross, net };

/// One receiver takes a fixed amount, a rate, both, or (the last one only) everything that the others leave.
struct split_receiver {
  std::string name;  ///< unique in its plan; posting rules may name it
  u128 fixed_minor = 0;
  std::uint32_t rate_millionths = 0;  ///< of the base, rounded down; at most rate_whole
  bool remainder = false;
  std::uint64_t owner = 0;  ///< the merchant who gets it; 0: the rule books it to an account of the platform
  source_place place;
};

struct split_plan {
  std::string name;
  split_base base = split_base::gross;
  ledger_id ledger = 0;  ///< the currency of the fixed amounts; 0 = any, when there are none
  std::vector<split_receiver> receivers;
  source_place place;

  std::optional<std::uint8_t> find(std::string_view receiver) const;
};

enum class split_error : std::uint8_t {
  ok,
  other_ledger,  ///< the plan is for another currency
  exceeds_base,  ///< the receivers would get more than there is
};

/// What every receiver gets, in the order of the plan.
struct split_result {
  split_error error = split_error::ok;
  std::array<u128, limits::split_receivers_max> parts_minor{};
  std::uint8_t count = 0;
  u128 sum_minor = 0;  ///< never more than the base; the rest stays with the payee
};

split_result compute_split(const split_plan& plan, ledger_id ledger, u128 base_minor);

/// Adds what is wrong with a plan: no or too many receivers, names twice, a remainder that is not last, rates above the
/// whole, rates of exactly the whole without somebody who takes what rounding leaves, fixed amounts without a currency.
void check_split_plan(const split_plan& plan, problem_list& problems);

using split_plans = plan_list<split_plan>;

/// All split plans; whatever is wrong with them is added to `problems`.
split_plans make_split_plans(std::vector<split_plan> plans, problem_list& problems);

}  // namespace payloom::core::catalog
