#pragma once
// What the rules of an order's catalogue say to one command that moves its money. First match by priority wins, kind by
// kind; rules without effect are judged beside, and only counted. Pure; allocates nothing (but the first time that a
// shard meets a table with watched rules).
#include <array>

#include "actors/core/rules/rule_table.hpp"
#include "actors/core/rules/shadow_log.hpp"

namespace payloom::core::rules {

struct rule_question {
  std::uint16_t product = 0;                   ///< number in the catalogue
  rule_facts facts;                            ///< its amount: what the command moves
  u128 order_minor = 0;                        ///< amount of the whole order: what rules of kind split see
  u128 order = 0;                              ///< id, for samples
  bool pays = false;                           ///< a payment begins: limit, risk and tool_selection are asked
  bool charges = false;                        ///< a fee is due: fee is asked. split is asked always
  const catalog::fee_plan* fee = nullptr;      ///< what the business map says
  const catalog::split_plan* split = nullptr;  ///< what the posting rule says
};

struct rule_answer {
  result_code refusal = result_code::ok;
  order_rule refused_by;                           ///< the rule that refuses
  const catalog::fee_plan* fee = nullptr;          ///< that is to be used, nullptr: none
  const catalog::split_plan* split = nullptr;      ///< likewise
  std::array<order_rule, order_rule_kinds> rules;  ///< that matched, by kind
  const order_rule& of(rule_kind kind) const { return rules[static_cast<std::size_t>(kind)]; }
};

/// For a product that has rules.
rule_answer ask_rules(const rule_table& table, std::uint32_t version, const rule_question& about, shadow_log* watch);

/// `watch` may be nullptr: nothing is counted. `version` of the catalogue.
inline rule_answer judge(const rule_table& table, std::uint32_t version, const rule_question& about,
                         shadow_log* watch) {
  if (table.has_rules(about.product)) return ask_rules(table, version, about, watch);
  rule_answer none{};
  none.fee = about.fee;
  none.split = about.split;
  return none;
}

}  // namespace payloom::core::rules
