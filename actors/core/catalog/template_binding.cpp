#include "actors/core/catalog/template_binding.hpp"

#include <algorithm>
#include <vector>

#include "protocol/types/settlement.hpp"

namespace payloom::core::catalog {
namespace {

/// The tools whose words the legs of an event have, in the order of the legs.
std::vector<tool_number> tools_in(const event_rule& event) {
  std::vector<tool_number> found;
  for (const leg_rule& leg : event.legs) {
    for (tool_number i = 0; i < tool_count; ++i) {
      if (leg.amount.kind != tool_list[i].amount || std::ranges::find(found, i) != found.end()) continue;
      found.push_back(i);
    }
  }
  return found;
}

class checker {
 public:
  checker(const template_question& about, const bound_row& out, problem_list& problems)
      : about_(about),
        parts_(about.catalog.parts()),
        row_(about.row),
        steps_(*out.steps),
        out_(out),
        what_(about.what + ": "),
        problems_(problems) {}

  void run() {
    check_tools();
    if (out_.checks != 0) check_checks();
    const bool from_fact = about_.catalog.order_events().source(about_.event) == event_source::fact;
    if (from_fact) return;  // money that has come already: nothing is begun
    if (row_.posting_rule != no_name) check_inside();
    if (row_.external_posting_rule != no_name && steps_.executed != 0) check_outside();
  }

 private:
  void complain(const std::string& message) { problems_.add(row_.place, what_ + message); }

  std::string tool_name(std::size_t index) const { return parts_.map.tools().names()[index]; }
  std::string step_words() const { return "the template " + steps_.name; }

  void check_tools() {
    for (std::size_t i = 0; i < parts_.map.tools().size(); ++i) {
      const unsigned bit = 1u << i;
      if ((row_.tools & ~steps_.tools() & bit) != 0)
        complain(step_words() + " has no step for the tool " + tool_name(i) + ": name another template or other tools");
      if ((steps_.executed & ~row_.tools & bit) != 0)
        complain(step_words() + " executes " + tool_name(i) +
                 ", which is not among the tools: add it, or name a template without it");
    }
  }

  /// A payment that waits for checks can be refused by them: its order must know where it is then.
  void check_checks() {
    if (!about_.catalog.checked().form) {
      complain(step_words() + " asks checks, and machines.yaml has no payment machine `checked`: add it");
      return;
    }
    const event_index failed = about_.catalog.events().payment_failed;
    const state_machine& order = about_.catalog.order_machine(about_.catalog.at(about_.product).order);
    for (std::size_t s = 0; s < order.state_count(); ++s) {
      const machine_step to = order.next(static_cast<state_index>(s), about_.event);
      if (to.what != verdict::move || order.next(to.to, failed).what == verdict::move) continue;
      complain(step_words() + " asks checks, and " + order.name() + " has no move for payment_failed in " +
               order.at(to.to).name + ": add it, or name another template");
    }
  }

  // What stays inside is over at once, and coupons and the like have legs of their own.
  void check_inside() {
    const state_machine& form = about_.catalog.payment_machine(row_.form);
    if (form.at(about_.catalog.ends_inside(row_.form)).kind != state_kind::terminal)
      complain("the payment machine " + form.name() +
               " does not end by `start` and `post`, and the money moves at once: "
               "choose another payment product");
    bool keeps = false;
    for (tool_number i = 0; i < tool_count; ++i) {
      if (!tool_list[i].keeps_record || (row_.tools & about_.catalog.bit_of_tool(i)) == 0) continue;
      keeps = true;
      if (row_.coupon_posting_rule == no_name)
        complain("with " + std::string(tool_list[i].name) + " other accounts are booked: name a `coupon_posting_rule`");
    }
    if (!keeps && row_.coupon_posting_rule != no_name)
      complain("none of its tools needs a `coupon_posting_rule`: add the tool, or remove the rule");
  }

  void check_outside() {
    check_machine();
    const auto booked = [&](payment_phase phase) {
      return out_.external_posts[static_cast<std::size_t>(phase)] != no_post;
    };
    const tool_bits reserved = static_cast<tool_bits>(steps_.reserved & row_.tools);
    const bool reserves = steps_.holds_funds || reserved != 0;
    const std::string name = reserves ? steps_.holds_funds ? "funds" : first_name(reserved) : "nothing";
    if (reserves && !booked(payment_phase::begin))
      complain(step_words() + " reserves " + name +
               ", but external_posts books no `begin`: say which event reserves it");
    if (!reserves && booked(payment_phase::begin))
      complain(step_words() + " reserves nothing of its tools, but external_posts books `begin`: it is none");
    if (!booked(payment_phase::success))
      complain(step_words() + " executes " + first_name(steps_.executed) +
               ", but external_posts books no `success`: say which event books what came of it");
    if (reserves && !booked(payment_phase::failure))
      complain(step_words() + " cancels what it reserved, but external_posts books no `failure`: say which event does");
    if (!reserves && booked(payment_phase::failure))
      complain(step_words() + " has nothing to cancel, but external_posts books `failure`: it is none");
    for (const payment_phase late : {payment_phase::late, payment_phase::differs}) {
      if (booked(late))
        complain("external_posts: `late` and `differs` are about money that nobody waits for: move them to paid_again");
    }
    check_words(payment_phase::begin, reserved, false);
    check_words(payment_phase::failure, reserved, true);
    check_words(payment_phase::success, reserved, false);
  }

  std::string first_name(tool_bits bits) const {
    for (std::size_t i = 0; i < parts_.map.tools().size(); ++i)
      if ((bits & (1u << i)) != 0) return tool_name(i);
    return "nothing";
  }

  void check_machine() {
    const state_machine& form = about_.catalog.payment_machine(row_.form);
    const std::string machine = "the payment machine " + form.name();
    if (!form.at(about_.catalog.begins_outside(row_.form)).fact_only)
      complain(machine + " does not come to a fact_only state by `start` and `submit`: choose another payment product");
    bool succeeds = false, fails = false;
    for (std::size_t s = 0; s < form.state_count(); ++s) {
      const payment_phase phase = about_.catalog.phase_of(row_.form, static_cast<state_index>(s));
      succeeds |= phase == payment_phase::success;
      fails |= phase == payment_phase::failure;
    }
    if (!succeeds || !fails)
      complain(machine + " has no state " + (succeeds ? "FAILED" : "SUCCESS") + ", in which its steps end: add it");
    const machine_step started = form.next(form.initial(), about_.catalog.payment_events().start);
    const bool holds = form.next(started.to, about_.catalog.payment_events().submit).what == verdict::move;
    if (holds != steps_.holds_funds)
      complain(holds ? machine + " holds money before it submits, and " + step_words() +
                           " does not reserve funds: change one of them"
                     : step_words() + " reserves funds before anything is sent, and " + machine +
                           " sends at once: change one of them");
  }

  /// The legs of a phase: the parts that the steps are about, and in their order (cancelled in reverse).
  void check_words(payment_phase phase, tool_bits reserved, bool reverse) {
    const std::uint8_t post = out_.external_posts[static_cast<std::size_t>(phase)];
    if (post == no_post) return;
    const posting_rule& rule = parts_.rules.at(out_.external_rule);
    const std::string event = rule.name + ", " + parts_.rules.form_of(out_.external_rule).events[post];
    const std::vector<tool_number> booked = tools_in(rule.events[post]);
    const auto has = [&](tool_number i) { return std::ranges::find(booked, i) != booked.end(); };
    const bool ends = phase == payment_phase::success;
    // What goes back of money in suspense never was another tool's.
    const bool whole = about_.event == about_.catalog.events().return_due;
    const tool_bits told = !ends ? steps_.reserved : steps_.tools();
    const tool_bits needed = !ends                                           ? reserved
                             : whole || (row_.tools & (row_.tools - 1)) == 0 ? tool_bits{0}
                                                                             : row_.tools;
    for (tool_number i = 0; i < tool_count; ++i) {
      const tool_bits bit = about_.catalog.bit_of_tool(i);
      const std::string word(tool_list[i].word);
      if ((needed & bit) != 0 && !has(i))
        complain(event + " books no `" + word + "`, but " + step_words() + " has a step for it: add its leg");
      if (has(i) && (told & bit) == 0)
        complain(event + " books `" + word + "`, but " + step_words() + " has no step for it there: remove its leg");
    }
    check_sequence(booked, event, reverse);
  }

  void check_sequence(const std::vector<tool_number>& booked, const std::string& event, bool reverse) {
    std::vector<tool_number> planned;
    for (const template_step& step : steps_.steps) {
      for (const name_index tool : step.tools) {
        const auto number = find_tool(parts_.map.tools().names()[tool]);
        if (!number || std::ranges::find(planned, *number) != planned.end()) continue;
        planned.push_back(*number);
      }
    }
    // Reservations come first; what they book is confirmed behind the step outside.
    std::ranges::stable_sort(
        planned, [](tool_number a, tool_number b) { return tool_list[a].executes && !tool_list[b].executes; });
    if (reverse) std::ranges::reverse(planned);
    std::erase_if(planned, [&](tool_number i) { return std::ranges::find(booked, i) == booked.end(); });
    std::vector<tool_number> legs = booked;
    std::erase_if(legs, [&](tool_number i) { return std::ranges::find(planned, i) == planned.end(); });
    if (legs == planned) return;
    std::string words;
    for (const tool_number i : planned) words += (words.empty() ? "" : ", ") + std::string(tool_list[i].word);
    complain(event + ": " + step_words() + (reverse ? " cancels in reverse: " : " has another order: ") +
             "put its legs as " + words);
  }

  const template_question& about_;
  const payment_parts& parts_;
  const map_row& row_;
  const payment_template& steps_;
  const bound_row& out_;
  const std::string what_;
  problem_list& problems_;
};

}  // namespace

void bind_template(const template_question& about, bound_row& out, problem_list& problems) {
  const payment_parts& parts = about.catalog.parts();
  out.steps = parts.templates.find(parts.map.templates().name(about.row.payment_template));
  if (out.steps == nullptr) return;  // told in templates.yaml
  for (const tool_bits bit : out.steps->rest_bits) {
    out.usual = static_cast<tool_bits>(bit & about.row.tools);
    if (out.usual != 0) break;
  }
  // Money that is paid already, or the platform's own, waits for nobody.
  const order_event_numbers& e = about.catalog.events();
  const bool pays = about.event == e.pay || about.event == e.pay_in;
  if (pays && about.catalog.at(about.product).code != settlement_product) out.checks = out.steps->checks;
  checker(about, out, problems).run();
}

void check_askers(const payment_catalog& catalog, problem_list& problems) {
  const order_event_numbers& e = catalog.events();
  const payment_templates& all = catalog.parts().templates;
  for (std::size_t t = 0; t < all.size(); ++t) {
    bool asked = all.at(t).checks == 0;
    for (std::size_t p = 0; p < catalog.parts().map.products().size(); ++p) {
      for (const event_index event : {e.pay, e.pay_in}) {
        const bound_row* row = catalog.row(static_cast<product_index>(p), event);
        asked |= row != nullptr && row->steps == &all.at(t) && row->checks != 0;
      }
    }
    if (!asked)
      problems.add({}, "templates.yaml: template " + all.at(t).name +
                           " asks checks, which only pay and pay_in wait for, and none of them names it: remove them");
  }
}

void check_ways_back(const payment_catalog& catalog, product_index product, problem_list& problems) {
  const order_event_numbers& e = catalog.events();
  unsigned paid = 0;
  for (const event_index event : {e.pay, e.pay_in}) {
    if (const bound_row* r = catalog.row(product, event)) paid |= r->row->tools;
  }
  const bound_row* due = catalog.row(product, e.return_due);
  const std::string name = "product " + catalog.at(product).name + ", ";
  unsigned plain = 0;  // what goes back by the row itself
  for (tool_number i = 0; i < tool_count; ++i)
    if (!tool_list[i].executes && !tool_list[i].keeps_record) plain |= catalog.bit_of_tool(i);
  if (due != nullptr && (paid & ~plain) != 0 && catalog.row(product, e.refund) == nullptr) {
    problems.add(due->row->place, name + std::string(catalog.order_events().name(e.return_due)) +
                                      ": what tools outside and coupons paid goes back by the row refund: add it");
  }
  for (const event_index event : {e.refund, e.refund_held}) {
    const bound_row* r = catalog.row(product, event);
    if (r == nullptr) continue;
    for (std::size_t i = 0; i < catalog.parts().map.tools().size(); ++i) {
      if ((paid & ~unsigned{r->row->tools} & (1u << i)) == 0) continue;
      problems.add(r->row->place, name + std::string(catalog.order_events().name(event)) + ": orders are paid with " +
                                      catalog.parts().map.tools().names()[i] +
                                      ", and refunds go back to it: add it to the tools");
    }
  }
}

}  // namespace payloom::core::catalog
