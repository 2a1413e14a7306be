#include "actors/core/catalog/split_plan.hpp"

#include <algorithm>
#include <set>

#include "actors/core/catalog/portion.hpp"

namespace payloom::core::catalog {

std::optional<std::uint8_t> split_plan::find(std::string_view receiver) const {
  const auto at = std::ranges::find(receivers, receiver, &split_receiver::name);
  if (at == receivers.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - receivers.begin());
}

split_result compute_split(const split_plan& plan, ledger_id ledger, u128 base_minor) {
  split_result result;
  if (plan.ledger != 0 && plan.ledger != ledger) return {split_error::other_ledger, {}, 0, 0};
  for (const split_receiver& receiver : plan.receivers) {
    u128 part = 0;
    if (receiver.remainder) {
      part = base_minor - result.sum_minor;  // what is left: every earlier part was found to fit
    } else {
      const u128 rated = portion(base_minor, receiver.rate_millionths, limits::rate_whole);
      if (!checked_add(receiver.fixed_minor, rated, part)) return {split_error::exceeds_base, {}, 0, 0};
    }
    if (part > base_minor - result.sum_minor) return {split_error::exceeds_base, {}, 0, 0};
    result.sum_minor += part;
    result.parts_minor[result.count++] = part;
  }
  return result;
}

namespace {

void check_receivers(const split_plan& plan, problem_list& problems) {
  std::set<std::string_view> seen;
  std::uint64_t rates = 0;
  bool fixed = false;
  for (const split_receiver& receiver : plan.receivers) {
    const std::string where = "split plan " + plan.name + ", receiver " + receiver.name + ": ";
    const bool last = &receiver == &plan.receivers.back();
    if (!seen.insert(receiver.name).second) {
      problems.add(receiver.place, where + "stands twice: give one of the two another name");
    }
    if (receiver.remainder && !last) {
      problems.add(receiver.place, where + "the remainder is what the others leave: put this receiver last");
    }
    if (receiver.remainder && (receiver.fixed_minor != 0 || receiver.rate_millionths != 0)) {
      problems.add(receiver.place, where + "takes the remainder: remove its amount and rate");
    }
    if (!receiver.remainder && receiver.fixed_minor == 0 && receiver.rate_millionths == 0) {
      problems.add(receiver.place, where + "gets nothing: give it fixed_minor, rate_millionths or remainder");
    }
    rates += receiver.rate_millionths;
    fixed |= receiver.fixed_minor != 0;
  }
  const std::string where = "split plan " + plan.name + ": ";
  if (rates > limits::rate_whole) {
    problems.add(plan.place, where + "the rates add up to " + std::to_string(rates) +
                                 " millionths, more than the whole: lower them");
  }
  if (rates == limits::rate_whole && !plan.receivers.back().remainder) {
    problems.add(plan.place, where +
                                 "the rates are the whole, and nobody takes what rounding leaves: give the "
                                 "last receiver `remainder: true` instead of its rate");
  }
  if (fixed && plan.ledger == 0) {
    problems.add(plan.place, where + "fixed amounts are in one currency: add `ledger`");
  }
}

}  // namespace

void check_split_plan(const split_plan& plan, problem_list& problems) {
  if (plan.receivers.empty()) {
    problems.add(plan.place, "split plan " + plan.name + ": no receiver: add one below `receivers`");
    return;
  }
  if (plan.receivers.size() > limits::split_receivers_max) {
    problems.add(plan.place, "split plan " + plan.name + ": " + std::to_string(plan.receivers.size()) +
                                 " receivers, at most " + std::to_string(limits::split_receivers_max));
  }
  check_receivers(plan, problems);
}

split_plans make_split_plans(std::vector<split_plan> plans, problem_list& problems) {
  return {std::move(plans), "split plan", check_split_plan, problems};
}

}  // namespace payloom::core::catalog
