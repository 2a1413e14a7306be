#include "actors/core/catalog/catalog_succession.hpp"

#include <algorithm>
#include <string>

namespace payloom::core::catalog {
namespace {

constexpr const char* keep = ": keep it, the journal has it";
constexpr const char* append = ": numbers are positions and stand in the journal, so only append";

}  // namespace

void check_succession(const chart& before, const chart& next, problem_list& problems) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const account_role& was = before.at(static_cast<role_index>(i));
    const std::optional<role_index> found = next.find(was.name);
    if (!found) {
      problems.add({}, "role " + was.name + " is gone" + keep);
      continue;
    }
    const account_role& is = next.at(*found);
    const bool same = is.code == was.code && is.side == was.side && is.scope == was.scope &&
                      is.limited == was.limited && is.hot == was.hot && is.returns_to_zero == was.returns_to_zero;
    if (!same) {
      problems.add(is.place, "role " + was.name + " is not what it was: accounts were opened by it, so add a new role");
    }
  }
  for (std::size_t i = 0; i < next.size(); ++i) {
    const account_role& is = next.at(static_cast<role_index>(i));
    for (std::size_t j = 0; j < before.size(); ++j) {
      const account_role& was = before.at(static_cast<role_index>(j));
      if (was.code == is.code && was.name != is.name)
        problems.add(is.place, "role " + is.name + " has the code that was " + was.name + "'s: use a new one");
    }
  }
}

void check_succession(const posting_rules& before, const posting_rules& next, problem_list& problems) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string& was = before.at(i).name;
    if (i >= next.size()) {
      problems.add({}, "posting rule " + was + " is gone" + keep);
    } else if (next.at(i).name != was) {
      problems.add(next.at(i).place, "posting rule " + next.at(i).name + " stands where " + was + " stood" + append);
    }
  }
}

void check_succession(const business_map& before, const business_map& next, problem_list& problems) {
  const auto check_positions = [&](const name_set& were, const name_set& are, const std::string& what) {
    for (std::size_t i = 0; i < were.size(); ++i) {
      const std::string& was = were.names()[i];
      if (i >= are.size()) {
        problems.add({}, what + " " + was + " is gone" + keep);
      } else if (are.names()[i] != was) {
        problems.add({}, what + " " + are.names()[i] + " stands where " + was + " stood" + append);
      }
    }
  };
  check_positions(before.tools(), next.tools(), "tool");
  for (const business_map::product& was : before.products()) {
    const auto found = next.find_product(was.code);
    if (!found) {
      problems.add({}, "product " + was.name + " (code " + std::to_string(was.code) + ") is gone" + keep);
      continue;
    }
    const business_map::product& is = next.products()[*found];
    if (is.name != was.name)
      problems.add({}, "product " + is.name + " has the code that was " + was.name + "'s: use a new one");
    if (is.order != was.order)
      problems.add({}, "product " + is.name + " has another order machine than before: add a new product");
  }
}

void check_succession(const channel_plans& before, const channel_plans& next, problem_list& problems) {
  for (const channel_plan& is : next.all()) {
    for (const channel_plan& was : before.all()) {
      if (was.number == is.number && was.name != is.name)
        problems.add(is.place, "channel " + is.name + " has the number that was " + was.name + "'s: use a new one");
      if (was.name == is.name && was.number != is.number)
        problems.add(is.place, "channel " + is.name + " had number " + std::to_string(was.number) +
                                   ": its accounts and attempts have it, so keep it");
    }
  }
}

void check_succession(const check_plans& before, const check_plans& next, problem_list& problems) {
  for (const check_plan& was : before.all()) {
    const check_plan* is = next.find(was.name);
    if (is == nullptr) {
      problems.add({}, "check " + was.name + " is gone: keep it, payments of the versions before ask it");
    } else if (is->number != was.number) {
      problems.add(is->place, "check " + is->name + " had number " + std::to_string(was.number) +
                                  ": the journal has it, so keep it");
    }
  }
}

}  // namespace payloom::core::catalog
