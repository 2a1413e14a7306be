#include "actors/core/catalog/channel_plan.hpp"

#include <algorithm>

namespace payloom::core::catalog {

channel_plans channel_plans::make(std::vector<channel_plan> all, problem_list& problems) {
  for (auto one = all.begin(); one != all.end(); ++one) {
    const std::string what = "channel " + one->name;
    const auto again = [&](auto member, const std::string& name) {
      if (std::find_if(all.begin(), one, [&](const channel_plan& c) { return c.*member == (*one).*member; }) != one)
        problems.add(one->place, what + ": its " + name + " is another channel's, too: give it one of its own");
    };
    again(&channel_plan::name, "name");
    again(&channel_plan::number, "number");
    if (one->min_minor > one->max_minor) problems.add(one->place, what + ": min_minor is above max_minor: swap them");
    for (auto code = one->codes.begin(); code != one->codes.end(); ++code) {
      if (std::find_if(one->codes.begin(), code, [&](const channel_code& c) { return c.text == code->text; }) != code)
        problems.add(one->place, what + ": code " + code->text + " stands there twice: leave one");
    }
    const simulator_settings& s = one->simulator;
    if (s.answer_ms_min > s.answer_ms_max) {
      problems.add(one->place, what + ": the shortest answer_ms is above the longest: swap them");
    }
    const unsigned shares = s.rejected + s.accepted + s.accepted_rejected + s.not_sent + s.unknown_moved +
                            s.unknown_lost + s.other_amount + s.late_success + s.returned;
    if (shares > 1000) {
      problems.add(one->place, what + ": the shares of 1,000 add up to " + std::to_string(shares) + ": lower some");
    }
    // What became of an attempt must be found out somehow.
    const operation_bits moving =
        bit_of(channel_operation::pay) | bit_of(channel_operation::payout) | bit_of(channel_operation::refund);
    if ((one->operations & moving) != 0 && (one->operations & bit_of(channel_operation::query)) == 0) {
      problems.add(one->place, what + ": money moves through it, so it must answer queries: add query");
    }
  }
  channel_plans made;
  made.all_ = std::move(all);
  return made;
}

const channel_plan* channel_plans::find(owner_id number) const {
  const auto at = std::ranges::find(all_, number, &channel_plan::number);
  return at == all_.end() ? nullptr : &*at;
}

const channel_plan* channel_plans::choose(owner_id asked, channel_operation operation, ledger_id ledger,
                                          u128 amount_minor) const {
  for (const channel_plan& c : all_) {
    if (asked != 0 && c.number != asked) continue;
    const bool moves = c.ledgers.empty() || std::ranges::find(c.ledgers, ledger) != c.ledgers.end();
    if ((c.operations & bit_of(operation)) != 0 && moves && amount_minor >= c.min_minor && amount_minor <= c.max_minor)
      return &c;
  }
  return nullptr;
}

}  // namespace payloom::core::catalog
