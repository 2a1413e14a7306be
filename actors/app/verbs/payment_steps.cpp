#include "actors/app/verbs/payment_steps.hpp"

#include <fmt/format.h>

#include <vector>

#include "actors/app/verbs/order_rows.hpp"
#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/core/catalog/payment_template.hpp"

namespace payloom::verbs {
namespace {

using namespace core::catalog;

struct step_view {
  step_kind kind;
  std::string tool;
  u128 amount_minor = 0;
  std::string state;
};

enum class ending : std::uint8_t { open, good, bad };

ending ending_of(const payment_catalog& all, const payment_row& p, bool outside) {
  if (!outside) return ending::good;  // over in the unit that began it
  switch (all.phase_of(p.form, p.state)) {
    case payment_phase::success:
    case payment_phase::returned:
      return ending::good;
    case payment_phase::failure:
    case payment_phase::late:
      return ending::bad;
    default:
      break;
  }
  if (all.payment_machine(p.form).at(p.state).kind != state_kind::terminal) return ending::open;
  return p.outcome == channel_outcome::success ? ending::good : ending::bad;
}

std::string state_of(step_kind kind, ending end, const payment_row& p) {
  switch (kind) {
    case step_kind::reserve:
      return end == ending::bad ? "cancelled" : "done";
    case step_kind::execute:
      if (end == ending::good) return p.outcome == channel_outcome::returned ? "came back" : "done";
      return p.outcome == channel_outcome::none ? "asked" : std::string(outcome_name(p.outcome));
    case step_kind::confirm:
    case step_kind::give:
      return end == ending::good ? "done" : end == ending::bad ? "ended" : "waits";
  }
  return "";
}

std::vector<step_view> steps_of(const payment_names& names, const order_row& order, const payment_row& p) {
  const payment_catalog& all = names.catalog();
  std::vector<step_view> out;
  const auto product = all.product(order.product);
  const bool known = product && p.row_event < all.order_events().size() &&
                     p.form < all.parts().machines.machines(machine_kind::payment).size() &&
                     p.state < all.payment_machine(p.form).state_count();
  if (all.checked().form == p.form) return out;  // no step has begun
  const bound_row* row = known ? all.row(*product, p.row_event) : nullptr;
  if (row == nullptr) return out;
  const core::tool_parts parts = core::parts_of(p);
  const ending end = ending_of(all, p, parts.outside() != 0);
  for (const template_step& step : row->steps->steps) {
    const std::string state = state_of(step.kind, end, p);
    if (step.funds) out.push_back({step.kind, "funds", p.amount_minor, state});
    for (const name_index tool : step.tools) {
      const std::string& name = all.parts().map.tools().names()[tool];
      const auto number = find_tool(name);
      if (number && parts.of[*number] != 0) out.push_back({step.kind, name, parts.of[*number], state});
    }
  }
  return out;
}

}  // namespace

json payment_steps_json(const payment_names& names, const order_row& order, const payment_row& payment) {
  json out = json::array();
  for (const step_view& s : steps_of(names, order, payment)) {
    out.push_back({{"step", std::string(to_string(s.kind))},
                   {"tool", s.tool},
                   {"amount", ledgers().format(order.ledger, s.amount_minor)},
                   {"state", s.state}});
  }
  return out;
}

std::string payment_steps_text(const payment_names& names, const order_row& order, const payment_row& payment) {
  std::string out;
  for (const step_view& s : steps_of(names, order, payment)) {
    out += fmt::format("{}{} {} {}: {}", out.empty() ? "steps: " : "; ", to_string(s.kind), s.tool,
                       money_text(order.ledger, s.amount_minor), s.state);
  }
  return out;
}

}  // namespace payloom::verbs
