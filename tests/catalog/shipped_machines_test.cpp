// Goal: the machines that ship are those of domain.md 1.2 and 1.3 (PC-1), edge cases included. Method: one row per
// path, walked by name; and rules over all of them.
#include <gtest/gtest.h>

#include <set>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

const machine_catalog& shipped() {
  static const loaded<machine_catalog> all = shipped_machines();
  EXPECT_EQ(all.problems, "");
  if (!all.made) throw std::runtime_error("config/payments/machines.yaml is refused: " + all.problems);
  return *all.made;
}

struct path {
  std::string_view machine, events, end;  // events by blanks; end: the last state, or the answer to the last event
};

void walk(machine_kind kind, std::span<const path> paths) {
  for (const path& p : paths) {
    const std::optional<machine_index> index = shipped().find(kind, p.machine);
    ASSERT_TRUE(index) << p.machine;
    const state_machine& machine = shipped().at(kind, *index);
    std::string at = machine.at(machine.initial()).name, said = at;
    for (std::string_view rest = p.events; !rest.empty();) {
      const std::string_view event = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), event.size() + 1));
      said = step_of(shipped(), machine, at, event);
      if (machine.find_state(said)) at = said;
      if (!rest.empty()) {
        ASSERT_EQ(said, at) << p.machine << ": " << p.events << ": at " << event;
      }
    }
    EXPECT_EQ(said, p.end) << p.machine << ": " << p.events;
  }
}

TEST(shipped_machines, payments_have_the_forms_of_the_table) {
  const path paths[] = {
      {"recharge", "start channel_accepted channel_succeeded", "SUCCESS"},
      {"recharge", "start channel_rejected", "FAILED"},
      {"recharge", "start cancel channel_closed", "CLOSED"},
      {"recharge", "start cancel channel_succeeded", "SUCCESS"},
      {"recharge", "start no_answer query_due channel_succeeded", "SUCCESS"},
      {"recharge", "start channel_unknown query_due query_spent remind channel_rejected", "FAILED"},
      {"recharge", "start amount_differs", "MANUAL"},
      {"recharge", "start cancel channel_closed channel_succeeded", "LATE_SUCCESS"},  // late success after closed
      {"recharge", "start channel_rejected channel_succeeded", "LATE_SUCCESS"},       // success outranks rejected
      {"recharge", "start channel_rejected late_window_over channel_succeeded", "case"},
      {"recharge", "start channel_succeeded channel_succeeded", "ignore"},
      {"recharge", "start channel_succeeded channel_rejected", "case"},   // contradictory finals
      {"recharge", "start channel_succeeded no_answer", "ignore"},        // a stale timer
      {"recharge", "start channel_rejected channel_accepted", "ignore"},  // a lower rank never overrides
      {"withdraw", "start submit channel_succeeded return_window_over", "COMPLETED"},
      {"withdraw", "start submit channel_rejected", "FAILED"},
      {"withdraw", "start cancel", "FAILED"},
      {"withdraw", "start submit cancel", "refuse"},  // sent: only a fact ends it
      {"withdraw", "start submit channel_not_sent submit", "SUBMITTED"},
      {"withdraw", "start submit no_answer submit", "refuse"},  // never sent again while unknown
      {"withdraw", "start submit no_answer query_due query_spent remind", "MANUAL"},
      {"withdraw", "start submit channel_succeeded channel_returned", "RETURNED"},
      {"withdraw", "start submit channel_succeeded return_window_over channel_returned", "case"},
      {"withdraw", "start submit channel_rejected channel_succeeded", "case"},
      {"refund", "start submit channel_succeeded return_window_over", "COMPLETED"},
      {"refund", "start post", "COMPLETED"},                    // to balance
      {"refund", "queue retry_due start submit", "SUBMITTED"},  // the merchant's balance was short
      {"refund", "queue retry_due retry_spent", "FAILED"},
      {"refund", "start submit source_closed submit", "SUBMITTED"},  // paid out instead
      {"refund", "start submit no_answer query_spent", "MANUAL"},
      {"refund", "start submit channel_rejected", "FAILED"},
      {"refund", "start submit channel_succeeded channel_returned post", "COMPLETED"},
      {"transfer", "start post", "POSTED"},
      {"transfer", "post", "POSTED"},
      {"transfer", "start void", "VOIDED"},
      {"transfer", "start hold_expired", "EXPIRED"},
      {"transfer", "start hold_expired post", "refuse"},
      {"transfer", "start post post", "ignore"},
  };
  walk(machine_kind::payment, paths);
}

TEST(shipped_machines, orders_have_the_types_of_the_list) {
  const path paths[] = {
      {"instant_sale", "create pay paid_in_full settled refund_window_over", "FINISHED"},
      {"instant_sale", "create expire", "CLOSED"},
      {"instant_sale", "create cancel cancel", "ignore"},
      {"instant_sale", "create pay pay", "refuse"},  // a live attempt is never reset
      {"instant_sale", "create pay expire", "ignore"},
      {"instant_sale", "create pay_in cancel payment_failed", "CLOSED"},
      {"instant_sale", "create pay_in cancel paid_in_full", "PAID_AFTER_CLOSE"},
      {"instant_sale", "create expire paid_in_full return_due refunded_in_full", "REFUNDED"},
      {"instant_sale", "create expire paid_in_full return_due refund_failed return_due", "RETURNING"},
      {"instant_sale", "create expire late_window_over paid_in_full", "case"},
      {"instant_sale", "create pay_in paid_in_part pay paid_in_full", "PAID"},
      {"instant_sale", "create pay_in paid_in_part expire return_due", "RETURNING"},
      {"instant_sale", "create pay payment_failed pay", "PAYING"},
      {"instant_sale", "create pay paid_in_full paid_again", "PAID"},
      {"instant_sale", "create pay paid_in_full payment_failed", "ignore"},
      {"instant_sale", "create pay paid_in_full refund refunded_in_part refund refunded_in_full", "REFUNDED"},
      {"instant_sale", "create pay paid_in_full refund settled refund_failed_settled", "SETTLED"},
      {"instant_sale", "create pay paid_in_full refund refunded_in_full refund", "refuse"},
      {"escrow_sale", "create pay paid_in_full confirm settled refund_window_over", "FINISHED"},
      {"escrow_sale", "create pay paid_in_full auto_confirm", "RELEASED"},
      {"escrow_sale", "create pay paid_in_full release confirm", "ignore"},
      {"escrow_sale", "create pay paid_in_full refund_held refund_failed", "ESCROW_HELD"},
      {"escrow_sale", "create pay paid_in_full confirm refund refund_failed", "RELEASED"},
      {"pre_authorisation", "create pay authorised capture paid_in_part settled", "SETTLED"},
      {"pre_authorisation", "create pay authorised void auth_voided", "CLOSED"},
      {"pre_authorisation", "create pay authorised auth_expired paid_in_full", "PAID"},
      {"pre_authorisation", "create pay authorised capture void", "refuse"},
      {"recharge", "create pay_in paid_in_full refund refunded_in_full", "REFUNDED"},
      {"recharge", "create pay_in cancel payment_failed paid_in_full", "PAID_AFTER_CLOSE"},
      {"withdraw", "create pay paid_in_full payment_returned", "RETURNED"},
      {"withdraw", "create pay payment_failed", "CLOSED"},
      {"withdraw", "create pay cancel", "refuse"},
      {"transfer", "create pay paid_in_full", "FINISHED"},
      {"refund", "create pay paid_in_full return_window_over", "FINISHED"},
      {"refund", "create pay_in payment_failed pay paid_in_full", "REFUNDED"},  // another way when one fails
      {"refund", "create pay_in paid_in_full payment_returned", "RETURNED"},
      {"split", "create pay paid_in_full refund refunded_in_part refund refunded_in_full", "REFUNDED"},
      {"adjustment", "create approve paid_in_full", "FINISHED"},
      {"adjustment", "create reject", "CLOSED"},
      {"adjustment", "create pay", "refuse"},
  };
  walk(machine_kind::order, paths);
}

// All states that can be reached from `from` by events of the allowed sources.
std::set<std::string> reachable(const state_machine& machine, std::string_view from, std::set<event_source> sources) {
  const event_vocabulary& events = shipped().events(machine.kind());
  std::set<state_index> seen = {*machine.find_state(from)};
  for (std::size_t before = 0; before != seen.size();) {
    before = seen.size();
    for (const state_index at : std::set<state_index>(seen)) {
      for (std::size_t event = 0; event < events.size(); ++event) {
        const machine_step step = machine.next(at, static_cast<event_index>(event));
        if (sources.contains(events.source(static_cast<event_index>(event)))) seen.insert(step.to);
      }
    }
  }
  std::set<std::string> names;
  for (const state_index at : seen) names.insert(machine.at(at).name);
  return names;
}

TEST(shipped_machines, unknown_stays_unknown_without_a_fact) {
  const std::set<event_source> no_fact = {event_source::timer, event_source::command};
  std::size_t checked = 0;
  for (const state_machine& machine : shipped().machines(machine_kind::payment)) {
    for (const std::string_view state : {"UNKNOWN", "SUBMITTED", "PAYING", "CLOSING", "MANUAL"}) {
      if (!machine.find_state(state)) continue;
      ++checked;
      for (const std::string& end : reachable(machine, state, no_fact)) {
        EXPECT_TRUE(end == "UNKNOWN" || end == "MANUAL" || end == "CLOSING" || end == state)
            << machine.name() << ": from " << state << " to " << end;
      }
    }
  }
  EXPECT_EQ(checked, 10u);
}

TEST(shipped_machines, what_was_paid_after_close_is_never_paid) {
  const std::set<event_source> any = {event_source::timer, event_source::command, event_source::fact};
  std::size_t checked = 0;
  for (const state_machine& machine : shipped().machines(machine_kind::order)) {
    if (!machine.find_state("PAID_AFTER_CLOSE")) continue;
    ++checked;
    for (const std::string& end : reachable(machine, "PAID_AFTER_CLOSE", any)) {
      EXPECT_TRUE(end == "PAID_AFTER_CLOSE" || end == "RETURNING" || end == "RETURN_STUCK" || end == "REFUNDED")
          << machine.name() << ": to " << end;
    }
  }
  EXPECT_EQ(checked, 3u);
}

TEST(shipped_machines, money_that_may_be_on_its_way_does_not_close_an_order) {
  const std::set<event_source> no_fact = {event_source::timer, event_source::command};
  std::size_t checked = 0;
  for (const state_machine& machine : shipped().machines(machine_kind::order)) {
    if (!machine.find_state("PAYING")) continue;
    ++checked;
    for (const std::string& end : reachable(machine, "PAYING", no_fact)) {
      EXPECT_TRUE(end == "PAYING" || end == "CLOSING") << machine.name() << ": to " << end;
    }
  }
  EXPECT_EQ(checked, 8u);
}

}  // namespace
}  // namespace payloom::catalog_test
