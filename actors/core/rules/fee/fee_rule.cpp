#include "actors/core/rules/fee/fee_rule.hpp"

#include "actors/core/rules/action_reader.hpp"

namespace payloom::core::rules::fee {

namespace {

/// A refund looks at the business map's plan to know whether fees come back, so the other plan has to say the same.
void check_fit(action_reader& from, const catalog::fee_plan& plan) {
  const catalog::payment_catalog& all = from.catalog();
  bool fits_any = false;
  for (const catalog::product_index product : from.products()) {
    for (std::size_t event = 0; event < all.order_events().size(); ++event) {
      const catalog::bound_row* row = all.row(product, static_cast<catalog::event_index>(event));
      if (row == nullptr || row->fee == nullptr) continue;
      fits_any = true;
      const std::string what = "fee plan " + plan.name + " and " + row->fee->name + " of product " +
                               all.at(product).name + " do not agree on ";
      if (plan.bearer != row->fee->bearer) return from.complain(what + "who bears the fee: name other products");
      if (plan.refund != row->fee->refund) return from.complain(what + "what refunds return: name other products");
    }
  }
  if (!fits_any) from.complain("none of its products takes a fee");
}

}  // namespace

void compile(action_reader& from, rule_action& to) {
  from.allow({"fee_plan"});
  const auto name = from.word("fee_plan");
  if (!name) return;
  const catalog::fee_plans& plans = from.catalog().parts().fees;
  const auto index = plans.find(name->text);
  if (!index) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < plans.size(); ++i) known.push_back(plans.at(i).name);
    return from.complain_unknown(*name, "unknown fee plan", std::move(known));
  }
  to.fee = &plans.at(*index);
  check_fit(from, *to.fee);
}

}  // namespace payloom::core::rules::fee
