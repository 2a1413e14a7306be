#pragma once
// Reads what stands in one leg of a posting rule: accounts, amounts, and when it is posted.
#include <optional>
#include <string>

#include "actors/core/catalog/posting_rule.hpp"
#include "actors/core/catalog/split_plan.hpp"
#include "config/catalog/yaml_map.hpp"
#include "config/catalog/yaml_reader.hpp"

namespace payloom::config {

/// What a leg may name. One for each rule, since parts are those of its split plan.
class leg_reader {
 public:
  /// `split` is the rule's split plan, nullptr when it has none. All must outlive the reader of legs.
  leg_reader(yaml_reader& reader, const core::catalog::chart& accounts, const std::vector<std::string>& given,
             const core::catalog::split_plan* split)
      : reader_(reader), accounts_(accounts), given_(given), split_(split) {}

  /// {debit: role, credit: role@party, amount: net, when: deferred}; nullopt with a problem when anything is wrong.
  std::optional<core::catalog::leg_rule> leg(const YAML::Node& node, const std::string& what);

  /// gross, fee, net, splits, split:NAME, remainder, or a given amount's name.
  std::optional<core::catalog::posting_amount> amount(const YAML::Node& node, const std::string& what);

 private:
  std::optional<core::catalog::account_ref> account(const YAML::Node& node, const std::string& what);

  yaml_reader& reader_;
  const core::catalog::chart& accounts_;
  const std::vector<std::string>& given_;
  const core::catalog::split_plan* split_;
};

/// True for the words that amounts of every rule have: a given amount may not be called so.
bool is_amount_word(std::string_view text);

}  // namespace payloom::config
