#include "actors/core/catalog/check_plan.hpp"

#include <algorithm>

namespace payloom::core::catalog {

check_plans check_plans::make(std::vector<check_plan> all, problem_list& problems) {
  check_plans made;
  for (auto one = all.begin(); one != all.end(); ++one) {
    const std::string what = "check " + one->name;
    if (std::find_if(all.begin(), one, [&](const check_plan& c) { return c.number == one->number; }) != one)
      problems.add(one->place, what + ": its number is another check's, too: give it one of its own");
    const simulated_check_settings& s = one->simulator;
    if (s.answer_ms_min > s.answer_ms_max)
      problems.add(one->place, what + ": the shortest answer_ms is above the longest: swap them");
    if (const unsigned shares = s.refused + s.silent; shares > 1000)
      problems.add(one->place, what + ": the shares of 1,000 add up to " + std::to_string(shares) + ": lower some");
    if (one->core && one->number != 0) made.core_ = static_cast<check_bits>(made.core_ | one->bit());
  }
  made.all_ = std::move(all);
  return made;
}

const check_plan* check_plans::find(std::string_view name) const {
  const auto at = std::ranges::find(all_, name, &check_plan::name);
  return at == all_.end() ? nullptr : &*at;
}

const check_plan* check_plans::find(std::uint8_t number) const {
  const auto at = std::ranges::find(all_, number, &check_plan::number);
  return at == all_.end() ? nullptr : &*at;
}

}  // namespace payloom::core::catalog
