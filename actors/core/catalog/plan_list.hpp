#pragma once
// Plans of one kind, found by name. Immutable once made. `Plan` needs `name` and `place`.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/core/catalog/definition.hpp"

namespace payloom::core::catalog {

template <class Plan>
class plan_list {
 public:
  plan_list() = default;
  /// `check(plan, problems)` looks at each; a name that stands twice is a problem as well. `kind`: its word for people.
  template <class Check>
  plan_list(std::vector<Plan> plans, std::string_view kind, Check&& check, problem_list& problems)
      : plans_(std::move(plans)) {
    std::set<std::string_view> seen;
    for (const Plan& plan : plans_) {
      if (!seen.insert(plan.name).second) {
        problems.add(plan.place,
                     std::string(kind) + " " + plan.name + " stands twice: give one of the two another name");
      }
      check(plan, problems);
    }
  }

  std::size_t size() const { return plans_.size(); }
  const Plan& at(std::size_t index) const { return plans_[index]; }
  std::optional<std::size_t> find(std::string_view name) const {
    const auto at = std::ranges::find(plans_, name, &Plan::name);
    if (at == plans_.end()) return std::nullopt;
    return static_cast<std::size_t>(at - plans_.begin());
  }

 private:
  std::vector<Plan> plans_;
};

}  // namespace payloom::core::catalog
