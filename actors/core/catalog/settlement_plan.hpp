#pragma once
// When and how merchants' pending money becomes available (config/payments/settlements.yaml; domain 1.5 "Settlement").
// Plain data that was checked, and two pure questions: through which day is a plan due, and what becomes of an amount.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "actors/core/catalog/fee_plan.hpp"
#include "actors/core/catalog/name_set.hpp"
#include "actors/core/catalog/plan_list.hpp"
#include "protocol/types/calendar.hpp"
#include "protocol/types/order_records.hpp"

namespace payloom::core::catalog {

enum class settlement_cycle : std::uint8_t { daily, weekly };

/// The least amount that is settled in a ledger; less waits for the next batch.
struct settlement_minimum {
  ledger_id ledger = 0;
  u128 minor = 0;
  source_place place;
};

struct settlement_plan {
  std::string name;
  settlement_cycle cycle = settlement_cycle::daily;
  std::optional<std::uint8_t> weekday;   ///< weekly: the last day of a batch, 0 = Sunday
  std::uint32_t days_after = 0;          ///< a batch through day D is made on D + days_after (T+0, T+1 ...)
  std::uint32_t cut_minute = 0;          ///< ... at this minute of the day (UTC)
  std::uint32_t reserve_millionths = 0;  ///< kept back of what the fee leaves, rounded down
  std::uint32_t reserve_days = 0;        ///< and released so many days after the batch
  std::optional<placed_name> fee;        ///< a fee plan, by name; nullopt: none
  std::optional<std::size_t> fee_plan;   ///< its number, by `settlement_plans::make`
  std::vector<settlement_minimum> minimums;
  source_place place;

  /// The day through which a batch is due at `now`: all before it are due as well.
  day_number due_through(time_ns now) const;
  /// The first time after `now` at which `due_through` changes.
  time_ns next_change(time_ns now) const;
  /// 1 where the plan names no minimum.
  u128 minimum_of(ledger_id ledger) const;
};

/// What becomes of the amount of a batch: fee + reserve + available = gross.
struct settlement_parts {
  fee_error error = fee_error::ok;
  u128 fee_minor = 0;
  u128 reserve_minor = 0;
  u128 available_minor = 0;
};
settlement_parts divide_settlement(const settlement_plan& plan, const fee_plans& fees, ledger_id ledger,
                                   u128 gross_minor);

/// A merchant that has another plan than the products say.
struct settlement_override {
  owner_number merchant = 0;
  placed_name plan;
  source_place place;
};

/// settlements.yaml as it is written down.
struct settlement_definitions {
  std::vector<settlement_plan> plans;
  std::vector<settlement_override> merchants;
};

/// All plans, and who has which. Immutable after `bind_payments`; any thread may read it.
class settlement_plans {
 public:
  settlement_plans() = default;
  /// Whatever is wrong is added to `problems`: a plan that the business map does not name, or the other way round; an
  /// unknown fee plan, or one that the payer bears; a cycle without its weekday; a reserve without its days; a merchant
  /// twice, or with an unknown plan.
  static settlement_plans make(settlement_definitions from, const name_set& named_by_map, const fee_plans& fees,
                               problem_list& problems);

  std::size_t size() const { return plans_.size(); }
  const settlement_plan& at(std::size_t plan) const { return plans_.at(plan); }
  std::optional<std::size_t> find(std::string_view name) const { return plans_.find(name); }

  /// The plan of a merchant; nullopt: it is not settled, since no product names a plan.
  std::optional<std::size_t> plan_of(owner_number merchant) const;

  /// By `bind_payments`: the plan that the products name.
  void set_default(std::optional<std::size_t> plan) { default_ = plan; }

 private:
  struct assigned {
    owner_number merchant = 0;
    std::size_t plan = 0;
  };
  plan_list<settlement_plan> plans_;
  std::vector<assigned> merchants_;  ///< in order of number
  std::optional<std::size_t> default_;
};

}  // namespace payloom::core::catalog
