#pragma once
// All rules of one version of the catalogue, compiled to flat tables: for each product and kind, the rules that are
// asked, in the order in which they are asked. Immutable after `compile_rules`; any thread may read it; look-ups
// allocate nothing.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "actors/core/rules/rule.hpp"
#include "actors/core/rules/rule_action.hpp"

namespace payloom::core::rules {

inline constexpr std::uint16_t no_slot = UINT16_MAX;

/// When a payment is, as conditions see it; UTC.
struct day_time {
  std::uint16_t minute = 0;
  std::uint8_t weekday_bit = 0;
  static day_time of(time_ns now) {
    constexpr std::uint64_t minute_ns = 60'000'000'000;
    const std::uint64_t minutes = now / minute_ns;
    const auto days = static_cast<std::uint32_t>(minutes / minutes_of_day);
    // 1970-01-01 was a Thursday.
    return {static_cast<std::uint16_t>(minutes % minutes_of_day), static_cast<std::uint8_t>(1u << (days + 3) % 7)};
  }
};

struct rule_condition {
  u128 amount_min = 0;
  u128 amount_max = u128_max;
  time_ns valid_from = 0;
  time_ns valid_to = UINT64_MAX;
  owner_number merchant = 0;
  owner_number user = 0;
  ledger_id ledger = 0;
  std::uint16_t tools = 0;  ///< one of these; 0: any
  std::uint16_t minute_from = 0;
  std::uint16_t minute_to = minutes_of_day;
  std::uint8_t weekdays = all_weekdays;

  bool holds(const rule_facts& f, const day_time& at) const {
    const bool in_hours = minute_from <= minute_to ? at.minute >= minute_from && at.minute < minute_to
                                                   : at.minute >= minute_from || at.minute < minute_to;
    return (ledger == 0 || ledger == f.ledger) && (merchant == 0 || merchant == f.merchant) &&
           (user == 0 || user == f.user) && f.amount_minor >= amount_min && f.amount_minor <= amount_max &&
           (tools == 0 || (tools & f.tools) != 0) && f.now >= valid_from && f.now < valid_to && in_hours &&
           (weekdays & at.weekday_bit) != 0;
  }
};

struct compiled_rule {
  rule_condition when;
  rule_action then;
  std::uint16_t id = 0;
  std::uint16_t version = 0;
  std::uint16_t watched = no_slot;  ///< its place among those that are judged without effect; no_slot: it decides
  std::uint16_t definition = 0;     ///< its place in `definitions`
  order_rule number() const { return {id, version}; }
};

class rule_table {
 public:
  rule_table() = default;

  /// The rules of a product, by kind: first those that decide, then those that are only watched; both by priority.
  struct asked {
    std::span<const std::uint16_t> active, watched;
  };
  bool has_rules(std::uint16_t product) const { return product < products_.size() && products_[product].any; }
  asked of(std::uint16_t product, rule_kind kind) const {
    const place& p = products_[product].kinds[static_cast<std::size_t>(kind)];
    const std::span<const std::uint16_t> all(order_);
    return {all.subspan(p.first, p.active), all.subspan(p.first + p.active, p.watched)};
  }
  const compiled_rule& at(std::uint16_t rule) const { return rules_[rule]; }
  /// How many rules are only watched.
  std::size_t watched() const { return watched_.size(); }
  /// The rule of a place among them.
  const compiled_rule& watched_at(std::size_t slot) const { return rules_[watched_[slot]]; }
  /// As they were written down, for people and for the next version.
  const std::vector<rule_definition>& definitions() const { return definitions_; }
  const rule_definition& definition_of(const compiled_rule& rule) const { return definitions_[rule.definition]; }

 private:
  friend class rule_compiler;
  struct place {
    std::uint32_t first = 0;
    std::uint16_t active = 0, watched = 0;
  };
  struct product_rules {
    bool any = false;
    std::array<place, order_rule_kinds> kinds{};
  };
  std::vector<rule_definition> definitions_;
  std::vector<compiled_rule> rules_;    ///< that are asked
  std::vector<std::uint16_t> order_;    ///< of rules_
  std::vector<std::uint16_t> watched_;  ///< of rules_
  std::vector<product_rules> products_;
};

}  // namespace payloom::core::rules
