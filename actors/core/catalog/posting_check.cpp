#include "actors/core/catalog/posting_check.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "actors/core/catalog/linear_form.hpp"
#include "actors/core/catalog/posting_sides.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {
namespace {

linear_form form_of_total(const event_rule& event) {
  linear_form sum;
  for (const posting_amount amount : event.total) sum += linear_form(amount);
  return sum;
}

// The amounts of all legs as forms. The event was checked to have at most one remainder.
std::vector<linear_form> forms_of_legs(const event_rule& event) {
  std::vector<linear_form> forms(event.legs.size());
  std::size_t rest = event.legs.size();
  for (std::size_t i = 0; i < event.legs.size(); ++i) {
    if (event.legs[i].amount.kind == amount_kind::remainder) {
      rest = i;
    } else {
      forms[i] = linear_form(event.legs[i].amount);
    }
  }
  if (rest == event.legs.size()) return forms;
  const remainder_parts parts = parts_of_remainder(event, rest);
  if (parts.of_total) forms[rest] = form_of_total(event);
  for (std::size_t i = 0; i < event.legs.size(); ++i) {
    if ((parts.plus >> i & 1) != 0) forms[rest] += forms[i];
    if ((parts.minus >> i & 1) != 0) forms[rest] -= forms[i];
  }
  return forms;
}

// Checks one event of one rule.
class event_checker {
 public:
  event_checker(const posting_definitions& all, const chart& accounts, const event_rule& event, std::string where,
                problem_list& problems)
      : all_(all), accounts_(accounts), event_(event), where_(std::move(where)), problems_(problems) {}

  // False when the event's amounts are such that nothing further can be said about sums.
  bool check() {
    for (const leg_rule& leg : event_.legs) check_leg(leg);
    if (!check_amounts() || !check_count()) return false;
    check_total();
    return true;
  }

 private:
  void complain(source_place at, const std::string& message) { problems_.add(at, where_ + message); }

  void check_leg(const leg_rule& leg) {
    for (const account_ref side : {leg.debit, leg.credit}) {
      const account_role& role = accounts_.at(side.role);
      if (!party_fits(side.party, role.scope)) {
        complain(leg.place, role.name + ": no such party has this account: name one after an @ that fits its scope");
      }
      const amount_kind kind = leg.amount.kind;
      if (side.party == posting_party::receiver && kind != amount_kind::splits && kind != amount_kind::part) {
        complain(leg.place, role.name + "@receiver: only `splits` and `split:NAME` say which receiver is meant");
      }
    }
    if (leg.debit == leg.credit) {
      complain(leg.place, accounts_.at(leg.debit.role).name + " to itself moves nothing: remove the leg");
    }
    if (leg.timing == leg_timing::deferred && !accounts_.at(leg.debit.role).returns_to_zero) {
      complain(leg.place, accounts_.at(leg.debit.role).name +
                              ": a deferred leg must take from a transit role (returns_to_zero), which a leg in real "
                              "time has filled");
    }
  }

  bool check_amounts() {
    bool splits = false, parts = false, right = true;
    for (const leg_rule& leg : event_.legs) {
      splits |= leg.amount.kind == amount_kind::splits;
      parts |= leg.amount.kind == amount_kind::part;
      if (leg.amount.kind == amount_kind::remainder && &leg != &event_.legs.back()) {
        complain(leg.place, "the remainder is what the other legs leave: one leg at most, and the last one");
        right = false;
      }
    }
    if (splits && parts) {
      complain(event_.place, "`splits` holds all parts already: use it alone, or every part by its name");
      right = false;
    }
    return right;
  }

  bool check_count() {
    std::size_t count = 0;
    for (const leg_rule& leg : event_.legs) {
      const bool each = leg.amount.kind == amount_kind::splits &&
                        (leg.debit.party == posting_party::receiver || leg.credit.party == posting_party::receiver);
      count += each ? limits::split_receivers_max : 1;
    }
    if (count <= limits::posting_legs_max) return true;
    complain(event_.place, "up to " + std::to_string(count) + " legs, at most " +
                               std::to_string(limits::posting_legs_max) + " (every receiver of a split counts)");
    return false;
  }

  void check_total() {
    const std::vector<linear_form> forms = forms_of_legs(event_);
    linear_form taken;
    bool sources = false;
    for (std::size_t i = 0; i < event_.legs.size(); ++i) {
      if (!is_source(event_, event_.legs[i].debit)) continue;
      sources = true;
      taken += forms[i];
    }
    if (!sources) {
      return complain(event_.place, "the legs go in a circle: at least one account must be debited only");
    }
    const linear_form total = form_of_total(event_);
    if (taken == total) return;
    complain(event_.place, "the legs take " + taken.text(all_.amounts) + " from their sources, but the total is " +
                               total.text(all_.amounts) + ": correct an amount, or say another `total`");
  }

  const posting_definitions& all_;
  const chart& accounts_;
  const event_rule& event_;
  const std::string where_;
  problem_list& problems_;
};

// What a role that returns to zero has, after some events.
struct transit_sum {
  account_ref account;
  linear_form sum;
};

void add_to(std::vector<transit_sum>& sums, const chart& accounts, account_ref account, const linear_form& amount,
            bool credit) {
  if (!accounts.at(account.role).returns_to_zero) return;
  auto at = std::ranges::find(sums, account, &transit_sum::account);
  if (at == sums.end()) at = sums.insert(at, transit_sum{account, {}});
  if (credit) {
    at->sum += amount;
  } else {
    at->sum -= amount;
  }
}

void add_event(std::vector<transit_sum>& sums, const chart& accounts, const event_rule& event) {
  const std::vector<linear_form> forms = forms_of_legs(event);
  for (std::size_t i = 0; i < event.legs.size(); ++i) {
    add_to(sums, accounts, event.legs[i].debit, forms[i], false);
    add_to(sums, accounts, event.legs[i].credit, forms[i], true);
  }
}

std::string text_of_flow(const posting_form& form, const std::vector<std::uint8_t>& flow) {
  std::string out;
  for (const std::uint8_t event : flow) out += (out.empty() ? "" : ", ") + form.events[event];
  return out;
}

void check_flows(const posting_definitions& all, const posting_rule& rule, const chart& accounts,
                 problem_list& problems) {
  const posting_form& form = all.forms[rule.form];
  std::vector<bool> flows_through(form.events.size(), false);
  for (const std::vector<std::uint8_t>& flow : form.flows) {
    std::vector<transit_sum> sums;
    for (const std::uint8_t event : flow) {
      flows_through[event] = true;
      add_event(sums, accounts, rule.events[event]);
    }
    for (const transit_sum& left : sums) {
      if (left.sum.is_zero()) continue;
      problems.add(rule.place, "rule " + rule.name + ": after " + text_of_flow(form, flow) + " " +
                                   accounts.at(left.account.role).name + " still has " + left.sum.text(all.amounts) +
                                   ": it must return to zero, so add the leg that takes it out");
    }
  }
  for (std::size_t e = 0; e < form.events.size(); ++e) {
    std::vector<transit_sum> sums;
    add_event(sums, accounts, rule.events[e]);
    if (sums.empty() || flows_through[e]) continue;
    problems.add(rule.events[e].place, "rule " + rule.name + ", " + form.events[e] + ": moves " +
                                           accounts.at(sums[0].account.role).name + ", but is in no flow of form " +
                                           form.name + ": add a flow that ends at zero");
  }
}

void check_rule(const posting_definitions& all, const posting_rule& rule, const chart& accounts,
                problem_list& problems) {
  const posting_form& form = all.forms[rule.form];
  bool sums_known = true;
  for (std::size_t e = 0; e < form.events.size(); ++e) {
    const event_rule& event = rule.events[e];
    if (!event.said) {
      problems.add(rule.place, "rule " + rule.name + ": nothing is said about " + form.events[e] +
                                   ": give it legs, or `none` when nothing moves");
      sums_known = false;
    } else if (!event.legs.empty()) {
      const std::string where = "rule " + rule.name + ", " + form.events[e] + ": ";
      sums_known &= event_checker(all, accounts, event, where, problems).check();
    }
  }
  if (sums_known) check_flows(all, rule, accounts, problems);
}

}  // namespace

bool party_fits(posting_party party, owner_scope scope) {
  switch (party) {
    case posting_party::platform:
      return scope == owner_scope::platform;
    case posting_party::merchant:
    case posting_party::receiver:
      return scope == owner_scope::merchant;
    case posting_party::user:
    case posting_party::counterparty:
      return scope == owner_scope::user;
    case posting_party::channel:
      return scope == owner_scope::channel;
  }
  return false;
}

void check_postings(const posting_definitions& all, const chart& accounts, problem_list& problems) {
  std::set<std::string_view> seen;
  for (const posting_rule& rule : all.rules) {
    if (!seen.insert(rule.name).second) {
      problems.add(rule.place, "rule " + rule.name + " stands twice: give one of the two another name");
    }
    check_rule(all, rule, accounts, problems);
  }
}

}  // namespace payloom::core::catalog
