#include "actors/core/catalog/settlement_plan.hpp"

#include <algorithm>
#include <set>

#include "actors/core/catalog/portion.hpp"

namespace payloom::core::catalog {
namespace {

constexpr time_ns minute = 60'000'000'000;
constexpr time_ns day = 24 * 60 * minute;

void check_plan(const settlement_plan& plan, problem_list& problems) {
  const std::string what = "settlement plan " + plan.name + ": ";
  const bool weekly = plan.cycle == settlement_cycle::weekly;
  if (weekly && !plan.weekday) problems.add(plan.place, what + "a weekly cycle ends on a day: add `weekday`");
  if (!weekly && plan.weekday) problems.add(plan.place, what + "a daily cycle ends every day: remove `weekday`");
  if (plan.reserve_millionths != 0 && plan.reserve_days == 0) {
    problems.add(plan.place, what + "what is kept back is released at some time: add `reserve_days`");
  }
  if (plan.reserve_millionths == 0 && plan.reserve_days != 0) {
    problems.add(plan.place, what + "nothing is kept back: remove `reserve_days`, or add `reserve_millionths`");
  }
  std::set<ledger_id> seen;
  for (const settlement_minimum& m : plan.minimums) {
    if (seen.insert(m.ledger).second) continue;
    problems.add(m.place, what + "the minimum of ledger " + std::to_string(m.ledger) + " stands twice: remove one");
  }
}

void bind_fee(settlement_plan& plan, const fee_plans& fees, problem_list& problems) {
  if (!plan.fee) return;
  plan.fee_plan = fees.find(plan.fee->text);
  if (!plan.fee_plan) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < fees.size(); ++i) known.push_back(fees.at(i).name);
    problems.add_unknown(*plan.fee, "settlement plan " + plan.name + ": unknown fee plan", std::move(known));
  } else if (fees.at(*plan.fee_plan).bearer != fee_bearer::payee) {
    problems.add(plan.fee->at, "settlement plan " + plan.name + ": the fee plan " + plan.fee->text +
                                   " is borne by the payer, and a settlement has none: name one of the payee");
  }
}

/// The last day of a cycle that is not after `latest`.
day_number end_of_cycle(const settlement_plan& plan, day_number latest) {
  if (plan.cycle == settlement_cycle::daily || !plan.weekday) return latest;
  const unsigned back = (weekday_of(latest) + 7 - *plan.weekday) % 7;
  return plus_days(latest, -static_cast<int>(back));
}

}  // namespace

day_number settlement_plan::due_through(time_ns now) const {
  const time_ns cut = cut_minute * minute;
  const day_number cut_day = utc_day_of(now > cut ? now - cut : 0);
  return end_of_cycle(*this, plus_days(cut_day, -static_cast<int>(days_after)));
}

time_ns settlement_plan::next_change(time_ns now) const {
  const time_ns cut = cut_minute * minute;
  time_ns next = now / day * day + cut;
  if (next <= now) next += day;
  // At most a week of cut times, all but one of which change nothing.
  while (due_through(next) == due_through(now)) next += day;
  return next;
}

u128 settlement_plan::minimum_of(ledger_id ledger) const {
  const auto at = std::ranges::find(minimums, ledger, &settlement_minimum::ledger);
  return at == minimums.end() ? 1 : std::max<u128>(1, at->minor);
}

settlement_parts divide_settlement(const settlement_plan& plan, const fee_plans& fees, ledger_id ledger,
                                   u128 gross_minor) {
  settlement_parts out;
  if (plan.fee_plan) {
    const fee_result fee = compute_fee(fees.at(*plan.fee_plan), ledger, gross_minor, 0);
    out.error = fee.error;
    if (fee.error != fee_error::ok) return out;
    out.fee_minor = std::min(fee.fee_minor, gross_minor);
  }
  const u128 net = gross_minor - out.fee_minor;
  out.reserve_minor = portion(net, plan.reserve_millionths, limits::rate_whole);
  out.available_minor = net - out.reserve_minor;
  return out;
}

settlement_plans settlement_plans::make(settlement_definitions from, const name_set& named_by_map,
                                        const fee_plans& fees, problem_list& problems) {
  settlement_plans made;
  std::vector<std::string> names;
  for (settlement_plan& plan : from.plans) {
    names.push_back(plan.name);
    bind_fee(plan, fees, problems);
    if (!named_by_map.find(plan.name)) {
      problems.add(plan.place, "settlement plan " + plan.name +
                                   ": business_map.yaml does not name it: add it to `settlement_plans` there");
    }
  }
  for (const std::string& name : named_by_map.names()) {
    if (std::ranges::find(names, name) == names.end()) {
      problems.add({}, "plans: " + name + " is missing: business_map.yaml names it in `settlement_plans`");
    }
  }
  made.plans_ = {std::move(from.plans), "settlement plan", check_plan, problems};
  for (const settlement_override& each : from.merchants) {
    const std::string what = "merchant " + std::to_string(each.merchant);
    const std::optional<std::size_t> plan = made.plans_.find(each.plan.text);
    if (!plan) {
      problems.add_unknown(each.plan, what + ": unknown settlement plan", names);
    } else if (std::ranges::find(made.merchants_, each.merchant, &assigned::merchant) != made.merchants_.end()) {
      problems.add(each.place, what + " stands twice: remove one");
    } else {
      made.merchants_.push_back({each.merchant, *plan});
    }
  }
  std::ranges::sort(made.merchants_, {}, &assigned::merchant);
  return made;
}

std::optional<std::size_t> settlement_plans::plan_of(owner_number merchant) const {
  const auto at = std::ranges::lower_bound(merchants_, merchant, {}, &assigned::merchant);
  return at != merchants_.end() && at->merchant == merchant ? std::optional(at->plan) : default_;
}

}  // namespace payloom::core::catalog
