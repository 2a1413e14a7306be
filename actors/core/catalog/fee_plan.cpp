#include "actors/core/catalog/fee_plan.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "protocol/types/u128_text.hpp"

namespace payloom::core::catalog {
namespace {

constexpr std::uint64_t whole = limits::rate_whole;

// A sum of portions whose parts of a minor unit are kept, so that it is rounded once.
struct exact_sum {
  u128 minor = 0;
  std::uint64_t millionths = 0;  // of a minor unit, below a whole one
  bool overflow = false;

  void add(u128 amount) { overflow |= !checked_add(minor, amount, minor); }

  void add_rate(u128 amount, std::uint32_t rate) {
    const auto rest = static_cast<std::uint64_t>(amount % whole) * rate;  // below 10^12
    add(amount / whole * rate);  // at most `amount`: a rate is at most the whole
    add(rest / whole);
    millionths += rest % whole;
    add(millionths / whole);
    millionths %= whole;
  }

  void round(fee_rounding how) {
    using enum fee_rounding;
    const bool half = millionths * 2 == whole, above = millionths * 2 > whole;
    const bool up_one = (how == up && millionths != 0) || (how == half_up && (half || above)) ||
                        (how == half_even && (above || (half && (minor & 1) != 0)));
    if (up_one) add(1);
    millionths = 0;
  }
};

std::span<const fee_tier> tiers_of(const fee_schedule& s) { return std::span(s.tiers).first(s.tier_count); }

exact_sum by_one_tier(const fee_schedule& schedule, u128 chooses, u128 gross) {
  exact_sum sum;
  for (const fee_tier& tier : tiers_of(schedule)) {
    if (chooses > tier.up_to_minor) continue;
    sum.add(tier.fixed_minor);
    sum.add_rate(gross, tier.rate_millionths);
    break;
  }
  return sum;
}

exact_sum by_slices(const fee_schedule& schedule, u128 gross) {
  exact_sum sum;
  u128 below = 0;  // where this slice begins
  for (const fee_tier& tier : tiers_of(schedule)) {
    if (gross <= below) break;
    sum.add(tier.fixed_minor);
    sum.add_rate(std::min(gross, tier.up_to_minor) - below, tier.rate_millionths);
    below = tier.up_to_minor;
  }
  return sum;
}

void check_tiers(const fee_schedule& schedule, const std::string& where, problem_list& problems) {
  const std::span<const fee_tier> tiers = tiers_of(schedule);
  if (tiers.empty()) {
    problems.add(schedule.place, where + "no tier: write fixed_minor and rate_millionths, or tiers");
    return;
  }
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const std::string tier = where + "tier " + std::to_string(i + 1) + ": ";
    const bool last = i + 1 == tiers.size();
    if (tiers[i].rate_millionths > limits::rate_whole) {
      problems.add(schedule.place, tier + "a rate above 1000000 millionths is more than the whole: lower it");
    }
    if (last && tiers[i].up_to_minor != u128_max) {
      problems.add(schedule.place, tier + "the last tier must have no end: remove its up_to_minor");
    }
    if (!last && tiers[i].up_to_minor == u128_max) {
      problems.add(schedule.place, tier + "has no end, so the next tier is never reached: add up_to_minor");
    } else if (i > 0 && !last && tiers[i].up_to_minor <= tiers[i - 1].up_to_minor) {
      problems.add(schedule.place, tier + "ends at " + to_decimal(tiers[i].up_to_minor) +
                                       ", not above the tier before it: put the tiers in ascending order");
    }
  }
}

}  // namespace

fee_result compute_fee(const fee_plan& plan, ledger_id ledger, u128 gross_minor, u128 turnover_minor) {
  const auto at = std::ranges::find(plan.schedules, ledger, &fee_schedule::ledger);
  if (at == plan.schedules.end()) return {fee_error::no_schedule, 0};
  const fee_schedule& schedule = *at;
  exact_sum sum;
  switch (plan.choice) {
    case tier_choice::amount:
      sum = by_one_tier(schedule, gross_minor, gross_minor);
      break;
    case tier_choice::turnover:
      sum = by_one_tier(schedule, turnover_minor, gross_minor);
      break;
    case tier_choice::slices:
      sum = by_slices(schedule, gross_minor);
      break;
  }
  sum.round(plan.rounding);
  if (sum.overflow) return {fee_error::overflow, 0};
  u128 fee = std::clamp(sum.minor, schedule.floor_minor, schedule.cap_minor);
  if (plan.excess == fee_excess::cut) fee = std::min(fee, gross_minor);
  return {fee_error::ok, fee};
}

void check_fee_plan(const fee_plan& plan, problem_list& problems) {
  if (plan.schedules.empty()) {
    problems.add(plan.place, "fee plan " + plan.name + ": no currency: add one below `currencies`");
  }
  if (plan.excess == fee_excess::allow && plan.bearer == fee_bearer::payee) {
    problems.add(plan.place, "fee plan " + plan.name +
                                 ": a fee above the amount cannot come out of the amount: say `above_gross: cut`, "
                                 "or let the payer bear it");
  }
  std::set<ledger_id> seen;
  for (const fee_schedule& schedule : plan.schedules) {
    const std::string where = "fee plan " + plan.name + ", ledger " + std::to_string(schedule.ledger) + ": ";
    if (!seen.insert(schedule.ledger).second) {
      problems.add(schedule.place, where + "stands twice: remove one of the two");
    }
    check_tiers(schedule, where, problems);
    if (schedule.floor_minor > schedule.cap_minor) {
      problems.add(schedule.place, where + "the floor " + to_decimal(schedule.floor_minor) + " is above the cap " +
                                       to_decimal(schedule.cap_minor) + ": swap or change them");
    }
  }
}

fee_plans make_fee_plans(std::vector<fee_plan> plans, problem_list& problems) {
  return {std::move(plans), "fee plan", check_fee_plan, problems};
}

}  // namespace payloom::core::catalog
