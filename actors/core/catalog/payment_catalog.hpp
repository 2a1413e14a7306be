#pragma once
// One version of the whole payment catalogue, with everything that a decision needs as numbers: machines, business map,
// chart, fees, splits and posting rules, bound to each other. Immutable after `bind_payments`; any thread may read it.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "actors/core/catalog/business_map.hpp"
#include "actors/core/catalog/channel_plan.hpp"
#include "actors/core/catalog/check_plan.hpp"
#include "actors/core/catalog/machine_catalog.hpp"
#include "actors/core/catalog/payment_template.hpp"
#include "actors/core/catalog/posting_rules.hpp"
#include "actors/core/catalog/settlement_plan.hpp"
#include "actors/core/catalog/split_plan.hpp"
#include "actors/core/rules/rule_table.hpp"

namespace payloom::core::catalog {

/// The order events that the server's own decisions are about; every vocabulary has them.
struct order_event_numbers {
  event_index create = 0, pay = 0, cancel = 0, capture = 0, void_ = 0, confirm = 0, release = 0, refund = 0,
              refund_held = 0, pay_in = 0, approve = 0, reject = 0, return_due = 0, ask_refund = 0;
  event_index paid_again = 0, payment_failed = 0, rest_failed = 0, payment_returned = 0, refund_failed = 0,
              refund_failed_part = 0;
  event_index authorised = 0, auth_voided = 0, paid_in_full = 0, paid_in_part = 0, refunded_in_full = 0,
              refunded_in_part = 0, paid_with_reserve = 0;
};

/// The events of payments that the server's own decisions raise.
struct payment_event_numbers {
  event_index start = 0, submit = 0, post = 0, cancel = 0, amount_differs = 0;
  std::array<event_index, channel_outcomes> of_outcome{};  ///< by channel_outcome; `none` is not one
};

/// What arriving in a state of a payment machine means for the money; follows from the state's name (config/payments,
/// README).
enum class payment_phase : std::uint8_t { begin, success, failure, late, differs, returned, none };
inline constexpr std::size_t payment_phases = 6;

/// A row of the business map as money moves by it.
struct bound_row {
  const map_row* row = nullptr;
  std::uint16_t rule = no_name;           ///< of the posting rules; `no_name`: not possible without a channel
  std::uint16_t coupon_rule = no_name;    ///< when coupons take part; books events with the same numbers as `rule`
  std::uint16_t external_rule = no_name;  ///< when a channel takes part
  std::array<std::uint8_t, payment_phases> external_posts{};  ///< events of it by phase; no_post: nothing is booked
  std::array<std::uint8_t, limits::row_posts_max> posts{};    ///< events of the rule's form
  std::uint8_t post_count = 0;
  const fee_plan* fee = nullptr;
  const split_plan* split = nullptr;
  const split_plan* external_split = nullptr;
  const payment_template* steps = nullptr;  ///< of the payment
  tool_bits usual = 0;                      ///< the tool that pays when nobody names one
  check_bits checks = 0;                    ///< that a payment by this row waits for; pay and pay_in alone
};
inline constexpr std::uint8_t no_post = 0xff;

/// The parts, as their own checks left them.
struct payment_parts {
  machine_catalog machines;
  business_map map;
  chart accounts;
  fee_plans fees;
  split_plans splits;
  posting_rules rules;
  channel_plans channels;
  settlement_plans settlements;
  payment_templates templates;
  check_plans checks;
};

/// The payment machine `checked`: where a payment stands while checks are asked, and where it is then.
struct checked_states {
  std::optional<machine_index> form;  ///< none: the catalogue has no such machine
  state_index checking = 0, passed = 0, refused = 0, closed = 0;
};

class payment_catalog {
 public:
  std::uint32_t version() const { return parts_.map.version(); }
  const catalog_header& header() const { return parts_.map.header(); }
  const state_machine& order_machine(machine_index i) const { return parts_.machines.at(machine_kind::order, i); }
  const state_machine& payment_machine(machine_index i) const { return parts_.machines.at(machine_kind::payment, i); }
  const event_vocabulary& order_events() const { return parts_.machines.events(machine_kind::order); }
  const payment_parts& parts() const { return parts_; }
  const order_event_numbers& events() const { return events_; }

  /// The product with this code; nullopt when there is none. One table look-up.
  std::optional<product_index> product(std::uint16_t code) const {
    const std::uint16_t found = by_code_[code];
    return found == no_name ? std::nullopt : std::optional<product_index>(found);
  }
  const business_map::product& at(product_index product) const { return parts_.map.products()[product]; }

  /// How money inside the platform moves when an order of `product` meets `event`; nullptr: it does not move.
  const bound_row* row(product_index product, event_index event) const {
    const bound_row& r = rows_[std::size_t{product} * order_events().size() + event];
    return r.row == nullptr ? nullptr : &r;
  }

  const core::rules::rule_table& rules() const { return rules_; }
  /// Once, before anybody else sees it: the rules, which are checked against everything else.
  void set_rules(core::rules::rule_table rules) { rules_ = std::move(rules); }

  /// The bit that the business map has for a tool of the list; 0: it does not know it.
  tool_bits bit_of_tool(tool_number tool) const { return tool_bits_[tool]; }
  tool_bits balance_tool() const { return tool_bits_[0]; }
  tool_bits external_tools() const { return parts_.map.external_tools(); }
  tool_bits known_tools() const { return known_tools_; }
  std::optional<std::uint8_t> unused_amount() const { return unused_; }
  const payment_event_numbers& payment_events() const { return payment_events_; }
  payment_phase phase_of(machine_index form, state_index state) const { return phases_[form][state]; }
  /// Where a payment inside is when it is over: its machine by `post` and `start`, at once.
  state_index ends_inside(machine_index form) const { return ends_inside_[form]; }
  /// Where a payment outside is when its call is due: by `start` and `submit`.
  state_index begins_outside(machine_index form) const { return begins_outside_[form]; }
  const checked_states& checked() const { return checked_; }
  /// The given amount "reserve" of the posting rules: what settlement keeps back.
  std::optional<std::uint8_t> reserve_amount() const { return reserve_; }
  /// The settlement plan of a merchant; nullptr: it is not settled.
  const settlement_plan* settlement_plan_of(owner_number merchant) const {
    const auto plan = parts_.settlements.plan_of(merchant);
    return plan ? &parts_.settlements.at(*plan) : nullptr;
  }

 private:
  friend std::shared_ptr<payment_catalog> bind_payments(payment_parts parts, problem_list& problems);
  explicit payment_catalog(payment_parts parts) : parts_(std::move(parts)) {}
  void bind_tools(problem_list& problems);
  void bind_forms();
  void bind_checked(problem_list& problems);

  payment_parts parts_;
  order_event_numbers events_;
  std::vector<std::uint16_t> by_code_;
  std::vector<bound_row> rows_;  ///< products x order events
  core::rules::rule_table rules_;
  std::array<tool_bits, tool_count> tool_bits_{};  ///< by place in the list of tools
  tool_bits known_tools_ = 0;
  std::optional<std::uint8_t> unused_, reserve_;
  checked_states checked_;
  payment_event_numbers payment_events_;
  std::vector<std::vector<payment_phase>> phases_;         ///< by payment machine and state
  std::vector<state_index> ends_inside_, begins_outside_;  ///< by payment machine
};

/// Binds the parts to each other; nullptr with at least one problem (placed in the business map) when something does
/// not fit: an event that is missing, `posts` that a rule does not have, a fee that a rule does not book.
std::shared_ptr<payment_catalog> bind_payments(payment_parts parts, problem_list& problems);

}  // namespace payloom::core::catalog
