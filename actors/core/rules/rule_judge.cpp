#include "actors/core/rules/rule_judge.hpp"

#include "actors/core/rules/kinds.hpp"

namespace payloom::core::rules {

namespace {

/// One kind's part of a question.
struct kind_case {
  rule_kind kind;
  rule_facts facts;
  day_time at;
  const rule_question& about;
};

bool is_asked(rule_kind kind, const rule_question& q) {
  switch (kind) {
    case rule_kind::limit:
    case rule_kind::risk:
    case rule_kind::tool_selection:
      return q.pays;
    case rule_kind::fee:
      return q.charges && q.fee != nullptr;
    case rule_kind::split:
      return q.split != nullptr;
  }
  return false;
}

/// What is done when no rule of the kind matches.
rule_effect usual(const kind_case& c) {
  rule_effect out;
  if (c.kind == rule_kind::fee) out.fee = c.about.fee;
  if (c.kind == rule_kind::split) out.split = c.about.split;
  return out;
}

/// The money that two effects treat differently; 0 with `same`: none.
u128 difference(const kind_case& c, const rule_effect& is, const rule_effect& would, bool& same) {
  same = is == would;
  if (same || c.kind != rule_kind::fee) return same ? 0 : c.facts.amount_minor;
  const catalog::fee_result a = compute_fee(*is.fee, c.facts.ledger, c.facts.amount_minor, 0);
  const catalog::fee_result b = compute_fee(*would.fee, c.facts.ledger, c.facts.amount_minor, 0);
  same = a.error == b.error && a.fee_minor == b.fee_minor;
  if (a.error != b.error) return c.facts.amount_minor;
  return a.fee_minor > b.fee_minor ? a.fee_minor - b.fee_minor : b.fee_minor - a.fee_minor;
}

/// A watched rule would decide when it is asked before the one that did, if any.
bool comes_before(const rule_table& table, const compiled_rule& rule, const compiled_rule* decided) {
  if (decided == nullptr) return true;
  const auto rank = [&](const compiled_rule& r) { return std::pair(table.definition_of(r).priority, r.id); };
  return rank(rule) < rank(*decided);
}

void watch_kind(const rule_table& table, const kind_case& c, const compiled_rule* decided, const rule_effect& is,
                std::span<const std::uint16_t> rules, std::vector<shadow_counts>& counts) {
  for (const std::uint16_t number : rules) {
    const compiled_rule& rule = table.at(number);
    shadow_counts& n = counts[rule.watched];
    ++n.evaluated;
    if (!rule.when.holds(c.facts, c.at)) continue;
    ++n.matched;
    if (!comes_before(table, rule, decided)) continue;
    bool same = true;
    const u128 money = difference(c, is, effect_of(c.kind, rule.then, c.facts), same);
    if (!same) n.add(c.facts.ledger, money, c.about.order);
  }
}

}  // namespace

rule_answer ask_rules(const rule_table& table, std::uint32_t version, const rule_question& about, shadow_log* watch) {
  rule_answer out{};
  out.fee = about.fee;
  out.split = about.split;
  kind_case c{rule_kind::limit, about.facts, day_time::of(about.facts.now), about};
  for (std::size_t k = 0; k < order_rule_kinds; ++k) {
    c.kind = static_cast<rule_kind>(k);
    if (!is_asked(c.kind, about)) continue;
    const rule_table::asked rules = table.of(about.product, c.kind);
    if (rules.active.empty() && rules.watched.empty()) continue;
    c.facts.amount_minor = c.kind == rule_kind::split ? about.order_minor : about.facts.amount_minor;
    const compiled_rule* decided = nullptr;
    for (const std::uint16_t number : rules.active) {
      const compiled_rule& rule = table.at(number);
      if (!rule.when.holds(c.facts, c.at)) continue;
      decided = &rule;
      break;
    }
    const rule_effect is = decided != nullptr ? effect_of(c.kind, decided->then, c.facts) : usual(c);
    if (watch != nullptr && !rules.watched.empty())
      watch_kind(table, c, decided, is, rules.watched, watch->of(table, version));
    if (decided != nullptr) out.rules[k] = decided->number();
    if (c.kind == rule_kind::fee) out.fee = is.fee;
    if (c.kind == rule_kind::split) out.split = is.split;
    if (is.refusal != result_code::ok && out.refusal == result_code::ok) {
      out.refusal = is.refusal;
      out.refused_by = decided->number();
    }
  }
  return out;
}

}  // namespace payloom::core::rules
