#include "actors/app/verbs/payment_names.hpp"

#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "protocol/types/frame.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

using core::catalog::machine_kind;
constexpr std::uint8_t none = 0xff;
constexpr std::uint16_t no_rule = 0xffff;

std::string state_of(const payment_catalog& catalog, machine_kind kind, std::uint8_t machine, std::uint8_t state) {
  const auto machines = catalog.parts().machines.machines(kind);
  if (machine >= machines.size() || state >= machines[machine].state_count()) return fmt::format("state {}", state);
  return machines[machine].at(state).name;
}

}  // namespace

std::string_view scope_name(core::catalog::owner_scope scope) {
  switch (scope) {
    case core::catalog::owner_scope::platform:
      return "platform";
    case core::catalog::owner_scope::merchant:
      return "merchant";
    case core::catalog::owner_scope::user:
      return "user";
    case core::catalog::owner_scope::channel:
      return "channel";
  }
  return "?";
}

std::string payment_names::product(std::uint16_t code) const {
  const auto found = catalog_->product(code);
  return found ? catalog_->at(*found).name : fmt::format("product {}", code);
}

std::string payment_names::state(std::uint8_t machine, std::uint8_t state) const {
  return state_of(*catalog_, machine_kind::order, machine, state);
}

std::string payment_names::event(std::uint8_t event) const {
  if (event == none) return {};
  const auto& events = catalog_->order_events();
  return event < events.size() ? std::string(events.name(event)) : fmt::format("event {}", event);
}

std::string payment_names::form(std::uint8_t machine) const {
  if (machine == none) return {};
  const auto machines = catalog_->parts().machines.machines(machine_kind::payment);
  return machine < machines.size() ? machines[machine].name() : fmt::format("form {}", machine);
}

std::string payment_names::payment_state(std::uint8_t machine, std::uint8_t state) const {
  return machine == none ? std::string() : state_of(*catalog_, machine_kind::payment, machine, state);
}

std::string payment_names::rule(std::uint16_t rule) const {
  if (rule == no_rule) return {};
  const auto& rules = catalog_->parts().rules;
  return rule < rules.size() ? rules.at(rule).name : fmt::format("rule {}", rule);
}

std::string payment_names::tools(std::uint16_t bits) const {
  const auto& tools = catalog_->parts().map.tools();
  std::string text;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += bit < tools.size() ? std::string(tools.name(static_cast<core::catalog::name_index>(bit)))
                               : fmt::format("tool {}", bit);
  }
  return text;
}

std::string payment_names::account(account_id id) const {
  const auto& accounts = catalog_->parts().accounts;
  const auto parts = accounts.explain(id);
  if (!parts) return to_hex(id.value);
  const core::catalog::account_role& role = accounts.at(parts->role);
  if (parts->owner == 0) return role.name;
  return fmt::format("{} of {} {}", role.name, scope_name(role.scope), parts->owner);
}

std::string payment_names::channel(owner_number number) const {
  const auto* plan = catalog_->parts().channels.find(number);
  return plan != nullptr ? plan->name : fmt::format("channel {}", number);
}

std::string_view outcome_name(channel_outcome outcome) {
  constexpr std::string_view names[] = {"",        "success", "rejected", "accepted",     "not_sent",
                                        "unknown", "closed",  "returned", "source_closed"};
  const auto i = static_cast<std::size_t>(outcome);
  return i < std::size(names) ? names[i] : "?";
}

std::string_view operation_name(channel_operation operation) {
  constexpr std::string_view names[] = {"", "pay", "payout", "refund", "query", "close", "check"};
  const auto i = static_cast<std::size_t>(operation);
  return i < std::size(names) ? names[i] : "?";
}

std::string_view reason_name(case_reason reason) {
  constexpr std::string_view names[] = {
      "", "outcome_unknown", "amount_differs", "contradiction", "late_success", "money_came_back", "not_booked"};
  const auto i = static_cast<std::size_t>(reason);
  return i < std::size(names) ? names[i] : "?";
}

std::string payment_names::happened(const order_event& e) const {
  std::string text = event(e.event);
  if (e.event == none) {
    order_action_record action;
    std::memcpy(&action, e.request, sizeof action);
    if (action.action == order_action::channel_fact) {
      channel_fact_record fact;
      std::memcpy(&fact, e.request, sizeof fact);
      text = fmt::format("{}: {}", channel(fact.channel), outcome_name(fact.outcome));
    } else if (action.action == order_action::check_fact) {
      text = "checks answered";
    } else {
      text = action.action == order_action::timer ? "payment timer" : "case resolved";
    }
  }
  // An order that was paid as it was created says of itself what was asked last.
  const bool creation = e.request_type == static_cast<std::uint16_t>(frame_type::create_orders);
  const std::string create = event(catalog_->events().create);
  if (creation && text != create) text = create + ", " + text;
  if (e.fact != none) text += ", " + event(e.fact);
  return text;
}

}  // namespace payloom::verbs
