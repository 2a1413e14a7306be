#include "actors/core/rules/split/split_rule.hpp"

#include <algorithm>

#include "actors/core/rules/action_reader.hpp"

namespace payloom::core::rules::split {

namespace {

void check_conditions(action_reader& from) {
  const rule_definition& rule = from.rule();
  const condition_definition& when = rule.when;
  const bool lasts = when.minute_from == 0 && when.minute_to == minutes_of_day && when.weekdays == all_weekdays &&
                     when.tools.empty() && rule.valid_from == 0 && rule.valid_to == UINT64_MAX;
  if (!lasts)
    from.complain(when.at, "hours, weekdays, tools and validity may change between payment and refund: leave them out");
}

void check_fit(action_reader& from, const catalog::split_plan& plan) {
  const catalog::payment_catalog& all = from.catalog();
  bool fits_any = false;
  for (const catalog::product_index product : from.products()) {
    for (std::size_t event = 0; event < all.order_events().size(); ++event) {
      const catalog::bound_row* row = all.row(product, static_cast<catalog::event_index>(event));
      if (row == nullptr) continue;
      for (const catalog::split_plan* usual : {row->split, row->external_split}) {
        if (usual == nullptr) continue;
        fits_any = true;
        const bool same = std::ranges::equal(plan.receivers, usual->receivers, {}, &catalog::split_receiver::name,
                                             &catalog::split_receiver::name);
        if (!same)
          return from.complain("split plan " + plan.name + " has other receivers than " + usual->name + " of product " +
                               all.at(product).name + ": name other products");
      }
    }
  }
  if (!fits_any) from.complain("none of its products is split");
}

}  // namespace

void compile(action_reader& from, rule_action& to) {
  from.allow({"split_plan"});
  check_conditions(from);
  const auto name = from.word("split_plan");
  if (!name) return;
  const catalog::split_plans& plans = from.catalog().parts().splits;
  const auto index = plans.find(name->text);
  if (!index) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < plans.size(); ++i) known.push_back(plans.at(i).name);
    return from.complain_unknown(*name, "unknown split plan", std::move(known));
  }
  to.split = &plans.at(*index);
  check_fit(from, *to.split);
}

}  // namespace payloom::core::rules::split
