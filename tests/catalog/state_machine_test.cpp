// Goal: the compiled table says exactly what was written down, and nothing is implicit (domain PC-2). Method: the whole
// table of the small catalogue, compared cell by cell.
#include "actors/core/catalog/state_machine.hpp"

#include <gtest/gtest.h>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

TEST(state_machine, every_state_has_a_step_for_every_event) {
  const loaded<machine_catalog> all = load_machines(small_machines);
  ASSERT_TRUE(all.made) << all.problems;
  const state_machine& sale = all.made->machines(machine_kind::order)[0];
  struct row {
    std::string_view state;
    std::array<std::string_view, 6> steps;  // pay, cancel, paid, failed, ask, expire
  };
  const row rows[] = {
      {"NEW", {"PAYING", "refuse", "case", "case", "ignore", "ignore"}},
      {"PAYING", {"refuse", "refuse", "PAID", "OPEN", "PAYING", "ignore"}},
      {"OPEN", {"PAYING", "CLOSED", "case", "ignore", "ignore", "CLOSED"}},
      {"PAID", {"refuse", "refuse", "ignore", "refuse", "ignore", "ignore"}},
      {"CLOSED", {"refuse", "case", "case", "case", "ignore", "ignore"}},
  };
  const event_vocabulary& events = all.made->events(machine_kind::order);
  ASSERT_EQ(events.size(), 6u);
  ASSERT_EQ(sale.state_count(), std::size(rows));
  for (const row& r : rows) {
    for (std::size_t event = 0; event < events.size(); ++event) {
      const std::string_view name = events.name(static_cast<event_index>(event));
      EXPECT_EQ(step_of(*all.made, sale, r.state, name), r.steps[event]) << r.state << " x " << name;
    }
  }
}

TEST(state_machine, what_does_not_move_stays_in_its_state) {
  const loaded<machine_catalog> all = load_machines(small_machines);
  ASSERT_TRUE(all.made) << all.problems;
  for (const machine_kind kind : {machine_kind::order, machine_kind::payment}) {
    for (const state_machine& machine : all.made->machines(kind)) {
      for (std::size_t at = 0; at < machine.state_count(); ++at) {
        for (std::size_t event = 0; event < machine.event_count(); ++event) {
          const machine_step step = machine.next(static_cast<state_index>(at), static_cast<event_index>(event));
          if (step.what == verdict::move) continue;
          EXPECT_EQ(step.to, at) << machine.name();
        }
      }
    }
  }
}

TEST(state_machine, knows_its_states_and_timeouts) {
  const loaded<machine_catalog> all = load_machines(small_machines);
  ASSERT_TRUE(all.made) << all.problems;
  const state_machine& in = all.made->at(machine_kind::payment, *all.made->find(machine_kind::payment, "in"));
  EXPECT_EQ(in.at(in.initial()).name, "INIT");
  EXPECT_TRUE(in.has_fact_only());
  const event_vocabulary& events = all.made->events(machine_kind::payment);
  const std::optional<machine_timeout>& sent = in.at(*in.find_state("SENT")).timeout;
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->after, std::chrono::seconds(5));
  EXPECT_EQ(sent->key, 0);
  EXPECT_EQ(sent->times, 3u);
  EXPECT_EQ(events.name(sent->event), "query");
  EXPECT_EQ(events.name(sent->then), "spent");
  const std::optional<machine_timeout>& manual = in.at(*in.find_state("MANUAL")).timeout;
  ASSERT_TRUE(manual);
  EXPECT_EQ(manual->after, std::chrono::hours(2));
  EXPECT_EQ(manual->times, 0u);
  EXPECT_EQ(manual->then, manual->event);
  EXPECT_FALSE(in.at(*in.find_state("DONE")).timeout);
  EXPECT_FALSE(in.find_state("SALE"));
  EXPECT_FALSE(all.made->find(machine_kind::order, "in"));
  EXPECT_EQ(events.source(*events.find("done")), event_source::fact);
  EXPECT_FALSE(events.find("paid"));
}

}  // namespace
}  // namespace payloom::catalog_test
