#pragma once
// What the kinds of rules compile their actions with. At load only.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/rules/rule.hpp"
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {

/// One rule on its way: reads the keys of `then`, complains with the rule's name in front.
class action_reader {
 public:
  action_reader(const rule_definition& rule, const catalog::payment_catalog& of, problem_list& problems)
      : rule_(rule), catalog_(of), problems_(problems) {}

  const rule_definition& rule() const { return rule_; }
  const catalog::payment_catalog& catalog() const { return catalog_; }
  /// The products that the rule is about, as numbers of the catalogue.
  std::vector<catalog::product_index> products() const;

  /// Complains about keys that are none of these.
  void allow(std::vector<std::string> keys);
  /// The values of a key; nullptr when it is not there.
  const action_entry* find(std::string_view key) const;
  /// The one value of a key.
  std::optional<placed_name> word(std::string_view key);
  /// The one value of a key that must be one of `words`, as its index.
  std::optional<std::size_t> word(std::string_view key, const std::vector<std::string>& words);
  /// An amount in minor units.
  std::optional<u128> amount(std::string_view key);

  void complain(source_place at, const std::string& message);
  void complain(const std::string& message) { complain(rule_.then_at, message); }
  void complain_unknown(const placed_name& wrong, const std::string& what, std::vector<std::string> known);

 private:
  const rule_definition& rule_;
  const catalog::payment_catalog& catalog_;
  problem_list& problems_;
};

/// One kind of rules: the row of `kinds.hpp`.
struct kind_entry {
  std::string_view name;
  void (*compile)(action_reader& from, rule_action& to);
};

}  // namespace payloom::core::rules
