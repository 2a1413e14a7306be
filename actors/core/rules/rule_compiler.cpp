#include "actors/core/rules/rule_compiler.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "actors/core/rules/kinds.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::rules {

using catalog::payment_catalog;
using catalog::product_index;

class rule_compiler {
 public:
  rule_compiler(rules_definition from, const payment_catalog& of, problem_list& problems)
      : from_(std::move(from)), catalog_(of), problems_(problems) {}

  rule_table run() {
    check_numbers();
    made_.definitions_ = from_.rules;
    for (std::size_t i = 0; i < made_.definitions_.size(); ++i) compile(i);
    lay_products();
    return std::move(made_);
  }

 private:
  void check_numbers() {
    std::map<std::uint16_t, const rule_definition*> seen;
    for (const rule_definition& r : from_.rules) {
      const auto [at, fresh] = seen.emplace(r.id, &r);
      if (!fresh)
        problems_.add(r.name.at, "rule " + r.name.text + " has the id of rule " + at->second->name.text +
                                     ": use one that was never used");
      if (r.valid_from >= r.valid_to)
        problems_.add(r.name.at, "rule " + r.name.text + ": valid_to is not after valid_from");
      if (r.when.amount_min > r.when.amount_max)
        problems_.add(r.when.at, "rule " + r.name.text + ": when: amount: min is above max: it would never hold");
    }
  }

  void compile(std::size_t index) {
    const rule_definition& r = made_.definitions_[index];
    action_reader reader(r, catalog_, problems_);
    compiled_rule rule;
    kinds[static_cast<std::size_t>(r.kind)].compile(reader, rule.then);
    const condition_definition& w = r.when;
    rule.when = {w.amount_min, w.amount_max, r.valid_from,  r.valid_to,  w.merchant, w.user,
                 w.ledger,     tools_of(r),  w.minute_from, w.minute_to, w.weekdays};
    rule.id = r.id;
    rule.version = r.version;
    rule.definition = static_cast<std::uint16_t>(index);
    check_products(r);
    const bool watched = r.state == rule_state::shadow || (r.state == rule_state::draft && from_.watch_drafts);
    if (!watched && r.state != rule_state::active) return;
    if (watched) {
      rule.watched = static_cast<std::uint16_t>(made_.watched_.size());
      made_.watched_.push_back(static_cast<std::uint16_t>(made_.rules_.size()));
    }
    made_.rules_.push_back(rule);
    about_.push_back(reader.products());
  }

  std::uint16_t tools_of(const rule_definition& r) {
    unsigned bits = 0;
    const catalog::name_set& tools = catalog_.parts().map.tools();
    for (const placed_name& tool : r.when.tools) {
      const auto index = tools.find(tool.text);
      if (index) {
        bits |= 1u << *index;
      } else {
        problems_.add_unknown(tool, "rule " + r.name.text + ": when: unknown tool", tools.names());
      }
    }
    return static_cast<std::uint16_t>(bits);
  }

  void check_products(const rule_definition& r) {
    for (const placed_name& product : r.when.products) {
      if (catalog_.parts().map.find_product(product.text)) continue;
      std::vector<std::string> known;
      for (const auto& p : catalog_.parts().map.products()) known.push_back(p.name);
      problems_.add_unknown(product, "rule " + r.name.text + ": when: unknown product", std::move(known));
    }
  }

  /// For every product and kind the rules in the order in which they are asked; of the same priority: by id.
  void lay_products() {
    std::vector<std::uint16_t> sorted(made_.rules_.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = static_cast<std::uint16_t>(i);
    std::ranges::sort(sorted, {}, [&](std::uint16_t i) {
      const compiled_rule& r = made_.rules_[i];
      const rule_definition& d = made_.definition_of(r);
      return std::tuple(d.kind, r.watched != no_slot, d.priority, r.id);
    });
    made_.products_.resize(catalog_.parts().map.products().size());
    for (std::size_t p = 0; p < made_.products_.size(); ++p) {
      rule_table::product_rules& rules = made_.products_[p];
      for (std::size_t k = 0; k < order_rule_kinds; ++k) {
        rule_table::place& place = rules.kinds[k];
        place.first = static_cast<std::uint32_t>(made_.order_.size());
        for (const std::uint16_t i : sorted) {
          const compiled_rule& r = made_.rules_[i];
          if (static_cast<std::size_t>(made_.definition_of(r).kind) != k) continue;
          if (std::ranges::find(about_[i], static_cast<product_index>(p)) == about_[i].end()) continue;
          made_.order_.push_back(i);
          ++(r.watched == no_slot ? place.active : place.watched);
          rules.any = true;
        }
      }
    }
  }

  rules_definition from_;
  const payment_catalog& catalog_;
  problem_list& problems_;
  rule_table made_;
  std::vector<std::vector<product_index>> about_;  ///< by rule that is asked
};

rule_table compile_rules(rules_definition from, const payment_catalog& of, problem_list& problems) {
  return rule_compiler(std::move(from), of, problems).run();
}

namespace {

bool same_names(const std::vector<placed_name>& a, const std::vector<placed_name>& b) {
  return std::ranges::equal(a, b, {}, &placed_name::text, &placed_name::text);
}

bool says_the_same(const rule_definition& a, const rule_definition& b) {
  const condition_definition &x = a.when, &y = b.when;
  const auto terms = [](const rule_definition& r) { return std::tuple(r.kind, r.priority, r.valid_from, r.valid_to); };
  const auto numbers = [](const condition_definition& w) {
    return std::tuple(w.ledger, w.amount_min, w.amount_max, w.merchant, w.user, w.minute_from, w.minute_to, w.weekdays);
  };
  const auto same_entry = [](const action_entry& p, const action_entry& q) {
    return p.key.text == q.key.text && same_names(p.values, q.values);
  };
  return terms(a) == terms(b) && numbers(x) == numbers(y) && same_names(x.products, y.products) &&
         same_names(x.tools, y.tools) && std::ranges::equal(a.then, b.then, same_entry);
}

}  // namespace

void check_succession(const rule_table& before, const rules_definition& next, problem_list& problems) {
  for (const rule_definition& was : before.definitions()) {
    const auto at = std::ranges::find(next.rules, was.id, &rule_definition::id);
    const std::string id = "id " + std::to_string(was.id);
    if (at == next.rules.end()) {
      problems.add({}, "rule " + was.name.text + " (" + id + ") is gone: keep it as RETIRED, the journal has its id");
    } else if (at->kind != was.kind) {
      problems.add(at->name.at,
                   "rule " + at->name.text + " has the " + id + " of a rule of another kind: use a new id");
    } else if (at->version < was.version) {
      problems.add(at->name.at, "rule " + at->name.text + " has a smaller version than before: count on");
    } else if (at->version == was.version && !says_the_same(was, *at)) {
      problems.add(at->name.at, "rule " + at->name.text + " says something else than before: raise its `version`");
    }
  }
}

std::string_view to_string(rule_kind kind) { return kinds[static_cast<std::size_t>(kind)].name; }

std::string_view to_string(rule_state state) {
  constexpr std::string_view names[] = {"DRAFT", "SHADOW", "ACTIVE", "RETIRED"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace payloom::core::rules
