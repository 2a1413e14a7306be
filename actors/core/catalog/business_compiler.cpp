// Checks the business map as it was written down and compiles it (declared in business_map.hpp; domain OV-3, PC-2).
#include <algorithm>

#include "actors/core/catalog/business_map.hpp"
#include "protocol/types/limits.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::core::catalog {
namespace {

// The names of one section, and which of them were used.
class section {
 public:
  section(std::string what, std::size_t max, problem_list& problems)
      : what_(std::move(what)), max_(max), problems_(problems) {}

  // Takes a definition; false, with a problem, when its name stands there already or there are too many.
  bool define(const placed_name& name) {
    if (names_.size() == max_) {
      problems_.add(name.at, what_ + " " + name.text + " is one more than the " + std::to_string(max_) + " allowed");
      return false;
    }
    if (std::ranges::find(names_, name.text) != names_.end()) {
      problems_.add(name.at, what_ + " " + name.text + " stands twice: remove one");
      return false;
    }
    names_.push_back(name.text);
    places_.push_back(name.at);
    used_.push_back(false);
    return true;
  }

  // The number of what `name` refers to, `no_name` with a problem when there is none.
  name_index use(const placed_name& name, const std::string& user) {
    const auto at = std::ranges::find(names_, name.text);
    if (at == names_.end()) {
      problems_.add_unknown(name, user + ": unknown " + what_, names_);
      return no_name;
    }
    const std::size_t index = static_cast<std::size_t>(at - names_.begin());
    used_[index] = true;
    return static_cast<name_index>(index);
  }

  void check_all_used() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!used_[i]) problems_.add(places_[i], "no row uses the " + what_ + " " + names_[i] + ": remove it");
    }
  }

  name_set take() { return name_set(std::move(names_)); }

 private:
  std::string what_;
  std::size_t max_;
  problem_list& problems_;
  std::vector<std::string> names_;
  std::vector<source_place> places_;
  std::vector<bool> used_;
};

class compiler {
 public:
  compiler(const business_map_definition& from, const map_references& others, problem_list& problems)
      : from_(from), others_(others), problems_(problems), events_(others.machines.events(machine_kind::order)) {}

  std::optional<business_map> run() {
    const std::size_t before = problems_.size();
    if (from_.version == 0) problems_.add({}, "version 0: count from 1, one more per change");
    if (from_.products.empty()) problems_.add({}, "no products: define at least one");
    define_sections();
    lay_limits();
    made_.version = from_.version;
    made_.header = from_.header;
    made_.events = events_.size();
    for (const product_definition& product : from_.products) lay_product(product);
    if (problems_.size() == before) {
      // A settlement plan may be one that only some merchants have (settlements.yaml).
      for (section* s : {&tools_, &payment_products_, &templates_, &limit_sets_}) s->check_all_used();
    }
    if (problems_.size() != before) return std::nullopt;
    made_.tools = tools_.take();
    made_.payment_products = payment_products_.take();
    made_.templates = templates_.take();
    made_.settlement_plans = settlement_plans_.take();
    made_.limit_sets = limit_sets_.take();
    return business_map(std::move(made_));
  }

 private:
  void define_sections() {
    for (const tool_definition& tool : from_.tools) {
      if (!tools_.define(tool.name)) continue;
      if (tool.external) made_.external_tools = static_cast<tool_bits>(made_.external_tools | (1u << tool_count_));
      ++tool_count_;
    }
    for (const payment_product_definition& product : from_.payment_products) {
      if (!payment_products_.define(product.name)) continue;
      const std::optional<machine_index> form = others_.machines.find(machine_kind::payment, product.form.text);
      if (!form) {
        problems_.add_unknown(product.form, "payment product " + product.name.text + ": unknown payment machine",
                              others_.machines.names(machine_kind::payment));
      }
      forms_.push_back(form);
    }
    for (const placed_name& name : from_.templates) templates_.define(name);
    for (const placed_name& name : from_.settlement_plans) settlement_plans_.define(name);
  }

  void lay_limits() {
    for (const limit_set_definition& set : from_.limit_sets) {
      const std::string what = "limits " + set.name.text + ": ";
      if (!limit_sets_.define(set.name)) continue;
      if (set.limits.empty()) problems_.add(set.name.at, what + "no ledger is allowed: name at least one");
      if (set.limits.size() > limits::limit_ledgers_max) {
        problems_.add(set.name.at,
                      what + "more than " + std::to_string(limits::limit_ledgers_max) + " ledgers: split it");
      }
      std::vector<amount_limit> all;
      for (const limit_definition& l : set.limits) {
        const bool again = std::ranges::find(all, l.limit.ledger, &amount_limit::ledger) != all.end();
        const std::string ledger = what + "ledger " + std::to_string(l.limit.ledger);
        if (again) problems_.add(l.at, ledger + " stands twice: remove one");
        if (l.limit.min == 0) problems_.add(l.at, ledger + ": a payment moves at least 1: raise min");
        if (l.limit.min > l.limit.max) {
          problems_.add(l.at, ledger + ": min " + to_decimal(l.limit.min) + " is above max " + to_decimal(l.limit.max) +
                                  ": swap or correct them");
        }
        all.push_back(l.limit);
      }
      made_.limits.push_back(std::move(all));
    }
  }

  void lay_product(const product_definition& product) {
    const std::string what = "product " + product.name.text;
    if (!products_.define(product.name)) return;
    if (product.code == 0) problems_.add(product.code_at, what + ": a code is from 1 on: give it one");
    for (const business_map::product& other : made_.products) {
      if (other.code != product.code) continue;
      problems_.add(product.code_at, what + ": code " + std::to_string(product.code) + " is taken by " + other.name +
                                         ": give it another one");
    }
    const std::optional<machine_index> order = others_.machines.find(machine_kind::order, product.order.text);
    if (!order) {
      problems_.add_unknown(product.order, what + ": unknown order machine",
                            others_.machines.names(machine_kind::order));
    }
    const std::size_t first = made_.row_of.size();
    made_.products.push_back({product.name.text, product.code, order.value_or(0)});
    made_.row_of.resize(first + events_.size(), no_name);
    const state_machine* machine = order ? &others_.machines.at(machine_kind::order, *order) : nullptr;
    std::vector<bool> said(events_.size());
    for (const map_row_definition& row : product.rows) {
      const std::string label = what + ", " + row.event.text;
      const std::optional<event_index> event = lay_event(row.event, what, machine, said);
      const map_row made = make_row(row, label);
      if (event) made_.row_of[first + *event] = static_cast<name_index>(made_.rows.size());
      made_.rows.push_back(made);
    }
    for (const placed_name& name : product.none) lay_event(name, what, machine, said);
    if (machine != nullptr) check_complete(product, *machine, said);
  }

  // The number of an event that a product says something about; nullopt with a problem when it may not.
  std::optional<event_index> lay_event(const placed_name& name, const std::string& what, const state_machine* machine,
                                       std::vector<bool>& said) {
    const std::optional<event_index> event = events_.find(name.text);
    if (!event) {
      problems_.add_unknown(name, what + ": unknown order event", events_.names());
    } else if (said[*event]) {
      problems_.add(name.at, what + ": " + name.text + " stands twice: keep one row, or `none`");
    } else if (machine != nullptr && !machine->moves_on(*event)) {
      problems_.add(name.at, what + ": the order machine " + machine->name() + " never moves on " + name.text +
                                 ": remove it here, or add the move");
    } else {
      said[*event] = true;
      return event;
    }
    return std::nullopt;
  }

  void check_complete(const product_definition& product, const state_machine& machine, const std::vector<bool>& said) {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const event_index event = static_cast<event_index>(i);
      if (said[i] || !machine.moves_on(event)) continue;
      problems_.add(product.name.at, "product " + product.name.text + ": nothing is said about " +
                                         std::string(events_.name(event)) + ": add a row, or list it in `none`");
    }
  }

  map_row make_row(const map_row_definition& row, const std::string& what) {
    map_row made;
    made.place = row.event.at;
    made.posts = row.posts;
    made.payment_product = payment_products_.use(row.payment_product, what);
    made.limits = limit_sets_.use(row.limits, what);
    made.payment_template = templates_.use(row.payment_template, what);
    if (row.posting_rule) made.posting_rule = refer(*row.posting_rule, others_.posting_rules, "posting rule", what);
    if (row.external_posting_rule) {
      made.external_posting_rule = refer(*row.external_posting_rule, others_.posting_rules, "posting rule", what);
    }
    if (row.coupon_posting_rule) {
      made.coupon_posting_rule = refer(*row.coupon_posting_rule, others_.posting_rules, "posting rule", what);
    }
    made.external_posts = row.external_posts;
    if (row.fee_plan) made.fee_plan = refer(*row.fee_plan, others_.fee_plans, "fee plan", what);
    if (row.settlement_plan) made.settlement_plan = settlement_plans_.use(*row.settlement_plan, what);
    if (row.tools.empty()) problems_.add(row.event.at, what + ": no tools: name at least one that may pay");
    for (const placed_name& tool : row.tools) {
      const name_index index = tools_.use(tool, what);
      if (index != no_name) made.tools = static_cast<tool_bits>(made.tools | (1u << index));
    }
    check_rules(row, (made.tools & made_.external_tools) != 0, what);
    if (made.payment_product == no_name || !forms_[made.payment_product]) return made;
    made.form = *forms_[made.payment_product];
    const state_machine& form = others_.machines.at(machine_kind::payment, made.form);
    if ((made.tools & made_.external_tools) != 0 && !form.has_fact_only()) {
      problems_.add(row.event.at, what + ": its tools leave the platform, but the payment machine " + form.name() +
                                      " has no fact_only state for an unknown outcome: choose another payment product");
    }
    return made;
  }

  // Tools that leave need a rule of their own, and only they; without them the inner rule is all there is.
  void check_rules(const map_row_definition& row, bool external, const std::string& what) {
    if (external && !row.external_posting_rule) {
      problems_.add(row.event.at, what + ": a tool leaves the platform: name its `external_posting_rule`");
    }
    if (!external && row.external_posting_rule) {
      problems_.add(row.external_posting_rule->at,
                    what + ": no tool leaves the platform: `external_posting_rule` is none");
    }
    if (!external && !row.external_posts.empty()) {
      problems_.add(row.external_posts.front().first.at,
                    what + ": no tool leaves the platform: remove `external_posts`");
    }
    if (row.coupon_posting_rule && !row.posting_rule) {
      problems_.add(row.coupon_posting_rule->at, what + ": `coupon_posting_rule` needs a `posting_rule` beside it");
    }
    if (!external && !row.posting_rule) problems_.add(row.event.at, what + ": name a `posting_rule`");
    if (row.posting_rule && row.posts.empty()) {
      problems_.add(row.event.at, what + ": say in `posts` which events of the `posting_rule` it books");
    }
    if (!row.posting_rule && !row.posts.empty()) {
      problems_.add(row.posts.front().at, what + ": `posts` are events of the `posting_rule`, and there is none");
    }
    if (row.posts.size() > limits::row_posts_max) {
      problems_.add(row.posts[limits::row_posts_max].at,
                    what + ": at most " + std::to_string(limits::row_posts_max) + " events are booked together");
    }
  }

  name_index refer(const placed_name& name, const name_set& known, const std::string& kind, const std::string& what) {
    const std::optional<name_index> index = known.find(name.text);
    if (!index) problems_.add_unknown(name, what + ": unknown " + kind, known.names());
    return index.value_or(no_name);
  }

  const business_map_definition& from_;
  const map_references& others_;
  problem_list& problems_;
  const event_vocabulary& events_;
  section tools_{"tool", limits::payment_tools_max, problems_};
  section payment_products_{"payment product", limits::products_max, problems_};
  section templates_{"template", limits::plan_names_max, problems_};
  section settlement_plans_{"settlement plan", limits::plan_names_max, problems_};
  section limit_sets_{"set of limits", limits::limit_sets_max, problems_};
  section products_{"product", limits::products_max, problems_};
  std::size_t tool_count_ = 0;
  std::vector<std::optional<machine_index>> forms_;  // by payment product
  business_map::parts made_;
};

}  // namespace

std::optional<business_map> compile_business_map(const business_map_definition& from, const map_references& others,
                                                 problem_list& problems) {
  static_assert(limits::products_max * limits::machine_events_max < no_name, "a row's number fits");
  static_assert(limits::payment_tools_max <= 16, "tool_bits has 16");
  return compiler(from, others, problems).run();
}

}  // namespace payloom::core::catalog
