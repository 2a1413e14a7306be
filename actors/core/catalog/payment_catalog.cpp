#include "actors/core/catalog/payment_catalog.hpp"

#include <algorithm>
#include <string>

#include "actors/core/catalog/template_binding.hpp"
#include "protocol/types/settlement.hpp"

namespace payloom::core::catalog {
namespace {

// Finds the numbers of the events that decisions name.
order_event_numbers number_events(const event_vocabulary& events, problem_list& problems) {
  const auto number = [&](std::string_view name) -> event_index {
    const std::optional<event_index> found = events.find(name);
    if (!found) problems.add({}, "machines.yaml: order_events lacks " + std::string(name) + ": the server raises it");
    return found.value_or(0);
  };
  order_event_numbers n;
  n.create = number("create");
  n.pay = number("pay");
  n.cancel = number("cancel");
  n.capture = number("capture");
  n.void_ = number("void");
  n.confirm = number("confirm");
  n.release = number("release");
  n.refund = number("refund");
  n.refund_held = number("refund_held");
  n.pay_in = number("pay_in");
  n.approve = number("approve");
  n.reject = number("reject");
  n.return_due = number("return_due");
  n.ask_refund = number("ask_refund");
  n.paid_again = number("paid_again");
  n.payment_failed = number("payment_failed");
  n.rest_failed = number("rest_failed");
  n.payment_returned = number("payment_returned");
  n.refund_failed = number("refund_failed");
  n.refund_failed_part = number("refund_failed_part");
  n.authorised = number("authorised");
  n.auth_voided = number("auth_voided");
  n.paid_in_full = number("paid_in_full");
  n.paid_in_part = number("paid_in_part");
  n.refunded_in_full = number("refunded_in_full");
  n.refunded_in_part = number("refunded_in_part");
  n.paid_with_reserve = number("paid_with_reserve");
  return n;
}

payment_event_numbers number_payment_events(const event_vocabulary& events, problem_list& problems) {
  const auto number = [&](std::string_view name) -> event_index {
    const std::optional<event_index> found = events.find(name);
    if (!found) problems.add({}, "machines.yaml: payment_events lacks " + std::string(name) + ": the server raises it");
    return found.value_or(0);
  };
  payment_event_numbers n;
  n.start = number("start");
  n.submit = number("submit");
  n.post = number("post");
  n.cancel = number("cancel");
  n.amount_differs = number("amount_differs");
  constexpr std::array<std::string_view, channel_outcomes> outcomes = {
      "channel_unknown", "channel_succeeded", "channel_rejected", "channel_accepted", "channel_not_sent",
      "channel_unknown", "channel_closed",    "channel_returned", "source_closed"};
  for (std::size_t i = 0; i < outcomes.size(); ++i) n.of_outcome[i] = number(outcomes[i]);
  return n;
}

payment_phase phase_of_name(std::string_view state) {
  if (state == "SUCCESS") return payment_phase::success;
  if (state == "FAILED" || state == "CLOSED") return payment_phase::failure;
  if (state == "LATE_SUCCESS") return payment_phase::late;
  if (state == "RETURNED") return payment_phase::returned;
  return payment_phase::none;
}

/// What the external rule of a row books, phase by phase.
void bind_external(const payment_parts& parts, const map_row& row, const std::string& what, bool from_fact,
                   bound_row& out, problem_list& problems) {
  constexpr std::array<std::string_view, payment_phases> phases = {"begin", "success", "failure",
                                                                   "late",  "differs", "returned"};
  out.external_posts.fill(no_post);
  out.external_rule = row.external_posting_rule;
  if (const auto split = parts.rules.at(out.external_rule).split_plan) out.external_split = &parts.splits.at(*split);
  std::array<bool, payment_phases> said{};
  for (const auto& [phase, event] : row.external_posts) {
    const auto at = std::ranges::find(phases, std::string_view(phase.text));
    if (at == phases.end()) {
      problems.add_unknown(phase, what + ": external_posts: unknown phase", {phases.begin(), phases.end()});
      continue;
    }
    const auto index = static_cast<std::size_t>(at - phases.begin());
    said[index] = true;
    if (event.text == "none") continue;
    const std::optional<std::size_t> number = parts.rules.find_event(out.external_rule, event.text);
    if (!number) {
      problems.add_unknown(
          event, what + ": external_posts: unknown event of " + parts.rules.form_of(out.external_rule).name + ":",
          parts.rules.form_of(out.external_rule).events);
    } else {
      out.external_posts[index] = static_cast<std::uint8_t>(*number);
    }
  }
  for (std::size_t i = 0; i < 3 && !from_fact; ++i) {
    if (!said[i]) {
      problems.add(row.place, what + ": external_posts: say what " + std::string(phases[i]) + " books, or none");
    }
  }
}

bound_row bind_row(const payment_parts& parts, const map_row& row, const std::string& what, bool from_fact,
                   problem_list& problems) {
  bound_row out;
  out.row = &row;
  if (row.fee_plan != no_name) out.fee = &parts.fees.at(row.fee_plan);
  for (const name_index rule : {row.posting_rule, row.coupon_posting_rule, row.external_posting_rule}) {
    if (rule == no_name || out.fee == nullptr) continue;
    if (!fee_fits(parts.rules.use_of_fee(rule), out.fee->bearer)) {
      problems.add(row.place, what + ": the fee plan " + out.fee->name + " and the posting rule " +
                                  parts.rules.at(rule).name + " do not agree on who bears the fee: change one of them");
    }
  }
  if (row.external_posting_rule != no_name) bind_external(parts, row, what, from_fact, out, problems);
  if (row.posting_rule == no_name) return out;
  if (row.coupon_posting_rule != no_name) {
    out.coupon_rule = row.coupon_posting_rule;
    if (parts.rules.at(out.coupon_rule).form != parts.rules.at(row.posting_rule).form) {
      problems.add(row.place, what + ": posting_rule and coupon_posting_rule have different forms: take one of form " +
                                  parts.rules.form_of(row.posting_rule).name);
    }
  }
  out.rule = row.posting_rule;
  if (const auto split = parts.rules.at(out.rule).split_plan) out.split = &parts.splits.at(*split);
  for (const placed_name& post : row.posts) {
    const std::optional<std::size_t> event = parts.rules.find_event(out.rule, post.text);
    if (!event) {
      problems.add_unknown(post, what + ": posts: unknown event of " + parts.rules.form_of(out.rule).name + ":",
                           parts.rules.form_of(out.rule).events);
    } else if (out.post_count < out.posts.size()) {
      out.posts[out.post_count++] = static_cast<std::uint8_t>(*event);
    }
  }
  return out;
}

/// The plan that the products settle by: there is one pending account per merchant and ledger, so there is one plan.
std::optional<std::size_t> default_settlement(const payment_parts& p, problem_list& problems) {
  std::optional<std::size_t> plan;
  for (const map_row& row : p.map.rows()) {
    if (row.settlement_plan == no_name) continue;
    const std::string& name = p.map.settlement_plans().names()[row.settlement_plan];
    const std::optional<std::size_t> named = p.settlements.find(name);
    if (plan && named != plan) {
      const std::string& before = p.settlements.at(*plan).name;
      problems.add(row.place, "settlement plan " + name + ": the rows before settle by " + before +
                                  ", and a merchant has one plan: name the same, or list the merchants in "
                                  "settlements.yaml");
    }
    if (!plan) plan = named;
  }
  return plan;
}

/// Journals and the follower know these two by their codes.
void check_settlement_codes(const payment_parts& p, problem_list& problems) {
  const auto pending = p.accounts.find("merchant_pending");
  if (pending && p.accounts.at(*pending).code != merchant_pending_code) {
    const std::string code = std::to_string(merchant_pending_code);
    problems.add({}, "chart.yaml: merchant_pending has the code " + code + " for ever");
  }
  for (const business_map::product& product : p.map.products()) {
    const bool settles = p.machines.at(machine_kind::order, product.order).name() == "settlement";
    if (settles == (product.code == settlement_product)) continue;
    problems.add({}, "product " + product.name + ": the code " + std::to_string(settlement_product) +
                         " is that of the product with the order machine `settlement`, and of no other");
  }
}

}  // namespace

void payment_catalog::bind_tools(problem_list& problems) {
  const business_map& map = parts_.map;
  known_tools_ = static_cast<tool_bits>((1u << map.tools().size()) - 1);
  std::vector<std::string> built_in;
  for (const tool_traits& t : tool_list) built_in.emplace_back(t.name);
  for (std::size_t i = 0; i < map.tools().size(); ++i) {
    const std::string& name = map.tools().names()[i];
    const std::optional<tool_number> tool = find_tool(name);
    const auto bit = static_cast<tool_bits>(1u << i);
    if (!tool) {
      problems.add_unknown({name, {}}, "tools: no such tool is built in:", built_in);
    } else if (tool_list[*tool].executes != ((map.external_tools() & bit) != 0)) {
      problems.add({}, "tools: " + name + " is " + (tool_list[*tool].executes ? "external" : "internal"));
    } else {
      tool_bits_[*tool] = bit;
    }
  }
  if (!map.tools().find("balance")) problems.add({}, "tools: `balance` is missing: payments from balances use it");
}

void payment_catalog::bind_forms() {
  const auto run = [](const state_machine& m, std::initializer_list<event_index> events, bool again) {
    state_index at = m.initial();
    for (int i = 0; i < (again ? 2 : 1); ++i) {
      for (const event_index e : events) {
        const machine_step s = m.next(at, e);
        if (s.what != verdict::move || s.to == at) continue;
        at = s.to;
        if (again) break;
      }
    }
    return at;
  };
  for (std::size_t m = 0; m < parts_.machines.machines(machine_kind::payment).size(); ++m) {
    const state_machine& machine = payment_machine(static_cast<machine_index>(m));
    std::vector<payment_phase>& phases = phases_.emplace_back();
    for (std::size_t s = 0; s < machine.state_count(); ++s) {
      phases.push_back(phase_of_name(machine.at(static_cast<state_index>(s)).name));
    }
    ends_inside_.push_back(run(machine, {payment_events_.post, payment_events_.start}, true));
    begins_outside_.push_back(run(machine, {payment_events_.start, payment_events_.submit}, false));
  }
}

/// A catalogue without checks needs no such machine.
void payment_catalog::bind_checked(problem_list& problems) {
  const auto machines = parts_.machines.machines(machine_kind::payment);
  const auto at = std::ranges::find(machines, "checked", [](const state_machine& m) { return m.name(); });
  const event_vocabulary& events = parts_.machines.events(machine_kind::payment);
  const auto check = events.find("check"), passed = events.find("checks_passed"),
             refused = events.find("checks_refused"), due = events.find("checks_due"), cancel = events.find("cancel");
  if (at == machines.end()) return;
  checked_states made;
  made.form = static_cast<machine_index>(at - machines.begin());
  const auto step = [&](state_index from, const std::optional<event_index>& event) {
    const machine_step s = event ? at->next(from, *event) : machine_step{};
    return s.what == verdict::move ? std::optional<state_index>(s.to) : std::nullopt;
  };
  const auto ends = [&](const std::optional<state_index>& state, payment_phase phase) {
    return state && at->at(*state).kind == state_kind::terminal && phase_of(*made.form, *state) == phase;
  };
  const auto checking = step(at->initial(), check);
  const bool waits = checking && at->at(*checking).timeout && due && at->at(*checking).timeout->event == *due;
  const auto passes = waits ? step(*checking, passed) : std::nullopt,
             refuses = waits ? step(*checking, refused) : passes, closes = waits ? step(*checking, cancel) : passes;
  if (!waits || !ends(passes, payment_phase::none) || !ends(refuses, payment_phase::failure) ||
      !ends(closes, payment_phase::failure)) {
    problems.add({},
                 "machines.yaml: the payment machine checked waits after `check` until `checks_due`, and ends by "
                 "`checks_passed` in a state of its own, by `checks_refused` in FAILED and by `cancel` in CLOSED");
    return;
  }
  made.checking = *checking;
  made.passed = *passes;
  made.refused = *refuses;
  made.closed = *closes;
  checked_ = made;
}

std::shared_ptr<payment_catalog> bind_payments(payment_parts parts, problem_list& problems) {
  const std::size_t before = problems.size();
  std::shared_ptr<payment_catalog> made(new payment_catalog(std::move(parts)));
  const payment_parts& p = made->parts_;
  made->events_ = number_events(made->order_events(), problems);
  made->payment_events_ = number_payment_events(p.machines.events(machine_kind::payment), problems);
  made->bind_tools(problems);
  made->bind_forms();
  made->bind_checked(problems);
  made->by_code_.assign(65536, no_name);
  const std::size_t events = made->order_events().size();
  made->rows_.resize(p.map.products().size() * events);
  for (std::size_t product = 0; product < p.map.products().size(); ++product) {
    made->by_code_[p.map.products()[product].code] = static_cast<std::uint16_t>(product);
    for (std::size_t e = 0; e < events; ++e) {
      const auto event = static_cast<event_index>(e);
      const map_row* row = p.map.find(static_cast<product_index>(product), event);
      if (row == nullptr) continue;
      const std::string what =
          "product " + p.map.products()[product].name + ", " + std::string(made->order_events().name(event));
      bound_row& bound = made->rows_[product * events + e];
      const bool from_fact = made->order_events().source(event) == event_source::fact;
      bound = bind_row(p, *row, what, from_fact, problems);
      bind_template({*made, *row, event, static_cast<product_index>(product), what}, bound, problems);
    }
    check_ways_back(*made, static_cast<product_index>(product), problems);
  }
  check_askers(*made, problems);
  made->unused_ = p.rules.find_amount("unused");
  made->reserve_ = p.rules.find_amount("reserve");
  made->parts_.settlements.set_default(default_settlement(p, problems));
  check_settlement_codes(p, problems);
  if (problems.size() != before) return nullptr;
  return made;
}

}  // namespace payloom::core::catalog
