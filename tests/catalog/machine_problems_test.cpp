// Goal: every kind of mistake in machines.yaml is told with its place and with what to do, all at once, and the file is
// refused (domain TC-1, PC-2). Method: one change to the small catalogue per row, all problems compared whole.
#include <gtest/gtest.h>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

struct row {
  std::string_view from, to, problems;
};

void check(std::span<const row> rows) {
  for (const row& r : rows) {
    const loaded<machine_catalog> all = load_machines(with(small_machines, r.from, r.to));
    EXPECT_EQ(all.problems, r.problems) << r.to;
  }
}

TEST(machine_problems, the_small_catalogue_has_none) { EXPECT_EQ(load_machines(small_machines).problems, ""); }

TEST(machine_problems, graph) {
  const row rows[] = {
      {"cancel: CLOSED, expire: CLOSED}\n        ignore: [failed]",
       "cancel: CLOSED, expire: CLOSED}\n        "
       "ignore: [failed]\n      LOST: {timeout: {after: soon, event: ask}, moves: {ask: OPEN}}",
       "f:17:7: machine sale, state LOST: no event leads here: add a move to it, or remove the state\n"},
      {"moves: {pay: PAYING, cancel: CLOSED, expire: CLOSED}", "moves: {expire: OPEN}",
       "f:13:7: machine sale, state OPEN: no way leads from here to a final state: add a move\n"
       "f:18:7: machine sale, state CLOSED: no event leads here: add a move to it, or remove the state\n"},
      {"{done: DONE, failed: FAILED, query: MANUAL}", "{query: MANUAL}",
       "f:28:7: machine in, state MANUAL: no way leads from here to a final state: add a move\n"},
      {"DONE: {kind: final}", "DONE: {kind: final, moves: {failed: FAILED}}",
       "f:32:35: machine in, state DONE: nothing may lead out of a final state: remove failed, or make the state "
       "waiting with a timeout\n"},
      {"failed: OPEN, ask", "failed: NEW, ask",
       "f:12:37: machine sale, state PAYING: nothing may lead back to the initial state: choose a waiting one\n"},
      {"NEW: {kind: initial, moves: {pay: PAYING}}", "NEW: {kind: initial, moves: {pay: PAYING, ask: PAYING}}",
       "f:8:49: machine sale, state NEW: an initial state never waits: no timer can raise ask\n"},
      {"PAID: {kind: final, ignore: [paid], refuse: [failed]}", "PAID: {kind: initial, moves: {pay: PAYING}}",
       "f:5:3: machine sale: 2 initial states: exactly one is needed\n"
       "f:12:23: machine sale, state PAYING: nothing may lead back to the initial state: choose a waiting one\n"},
      {"INIT: {kind: initial, moves: {start: SENT}}",
       "INIT: {timeout: {after: soon, event: query}, moves: {start: "
       "SENT, query: SENT}}",
       "f:20:3: machine in: 0 initial states: exactly one is needed\n"},
      {"FAILED: {kind: final}", "FAILED: {kind: final, fact_only: true}",
       "f:33:7: machine in, state FAILED: only a waiting state can be fact_only: remove the mark\n"},
  };
  check(rows);
}

TEST(machine_problems, nothing_unknown_ends_without_a_fact) {
  const row rows[] = {
      {"spent: MANUAL}", "spent: FAILED}",
       "f:27:58: machine in, state SENT: spent is no fact and may not end what is unknown in FAILED: let a fact lead "
       "there, or stay among fact_only states\n"},
      {"failed: OPEN, ask: PAYING}", "failed: OPEN, ask: PAYING, cancel: CLOSED}",
       "f:12:56: machine sale, state PAYING: cancel is no fact and may not end what is unknown in CLOSED: let a fact "
       "lead there, or stay among fact_only states\n"},
  };
  check(rows);
}

TEST(machine_problems, timeouts) {
  const row rows[] = {
      {"        timeout: {after: later, event: expire}\n", "",
       "f:13:7: machine sale, state OPEN: a waiting state needs a `timeout`: name a duration and a timer event\n"
       "f:14:46: machine sale, state OPEN: no timeout of this state raises expire: name it in `timeout`\n"},
      {"{after: later, event: expire}", "{after: late, event: expire}",
       "f:14:26: machine sale, state OPEN: unknown duration late (did you mean later?)\n"},
      {"{after: later, event: expire}", "{after: later, event: ask}",
       "f:14:40: machine sale, state OPEN: the timeout raises ask but no move handles it: add it to `moves`\n"
       "f:15:46: machine sale, state OPEN: no timeout of this state raises expire: name it in `timeout`\n"},
      {"{after: later, event: expire}", "{after: later, event: cancel}",
       "f:14:40: machine sale, state OPEN: cancel is no timer event: a timeout raises timers only\n"
       "f:15:46: machine sale, state OPEN: no timeout of this state raises expire: name it in `timeout`\n"},
      {"times: 3, then: spent", "times: 3",
       "f:26:39: machine in, state SENT: `times` and `then` belong together: give both, or none for a timer without "
       "end\nf:27:58: machine in, state SENT: no timeout of this state raises spent: name it in `timeout`\n"},
      {"event: expire}", "event: expire, times: 2, then: expire}",
       "f:14:40: machine sale, state OPEN: expire leaves the state, so `times` and `then` never count: remove them\n"},
      {"spent: MANUAL}", "spent: SENT}",
       "f:26:62: machine in, state SENT: spent gives up but stays: lead it elsewhere\n"},
      {"PAID: {kind: final, ", "PAID: {kind: final, timeout: {after: soon, event: ask}, ",
       "f:17:57: machine sale, state PAID: only a waiting state has a timeout: remove it\n"},
      {"later: 2h}", "later: 2h, never: 1d}", "f:1:34: no timeout uses the duration never: remove it\n"},
      {"soon: 5s", "soon: 5",
       "f:1:19: durations: soon: `5` has no known unit: durations are written like 30min (s, "
       "min, h, d)\n"},
      {"soon: 5s", "soon: 0s", "f:1:19: durations: soon: 0s is out of bounds: 1s .. 316224000s\n"},
  };
  check(rows);
}

TEST(machine_problems, names) {
  const row rows[] = {
      {"paid: PAID, failed", "paid: PIAD, failed",
       "f:12:23: machine sale, state PAYING: unknown state PIAD (did you mean PAID?)\n"},
      {"paid: PAID, failed", "piad: PAID, failed",
       "f:12:17: machine sale, state PAYING: unknown event piad (did you mean paid?)\n"},
      {"ignore: [paid]", "ignore: [paid, paid]",
       "f:17:42: machine sale, state PAID: ignore: paid stands twice: remove one\n"},
      {"refuse: [failed]}", "refuse: [failed, paid]}",
       "f:17:60: machine sale, state PAID: paid stands twice: keep one\n"},
      {"ignore: [failed]", "ignore: [cancel]", "f:16:18: machine sale, state OPEN: cancel stands twice: keep one\n"},
      {"FAILED: {kind: final}", "DONE: {kind: final}",
       "f:27:37: machine in, state SENT: unknown state FAILED: choose one of INIT, SENT, MANUAL, DONE\n"
       "f:31:37: machine in, state MANUAL: unknown state FAILED: choose one of INIT, SENT, MANUAL, DONE\n"
       "f:33:7: machine in: states: DONE stands twice: remove one\n"},
      {"otherwise: {command: refuse, fact: case, timer: ignore}\n    states:\n      NEW",
       "otherwise: {command: refus, fact: case}\n    states:\n      NEW",
       "f:6:16: machine sale: otherwise: `timer` is missing: add it\n"
       "f:6:26: machine sale: otherwise: command: `refus` is unknown (did you mean refuse?)\n"},
      {"cancel: command", "cancel: comand",
       "f:2:38: order_events: cancel: `comand` is unknown (did you mean command?)\n"},
      {"failed: fact, query: timer, spent: timer", "failed: fact, query: timer, spent: timer, gone: fact",
       "f:3:88: no payment moves on the event gone: remove it\n"},
      {"CLOSED: {kind: final, case: [cancel]}", "CLOSED: {kind: final, cases: [cancel]}",
       "f:18:29: machine sale, state CLOSED: unknown key `cases` (did you mean case?)\n"},
  };
  check(rows);
}

TEST(machine_problems, all_are_told_at_once) {
  std::string text = with(small_machines, "failed: OPEN", "failed: OPNE");
  text = with(text, "event: query}", "event: quer}");
  text = with(text, "soon: 5s", "soon: 5x");
  EXPECT_EQ(load_machines(text).problems,
            "f:1:19: durations: soon: `5x` has no known unit: durations are written like 30min (s, min, h, d)\n"
            "f:12:37: machine sale, state PAYING: unknown state OPNE (did you mean OPEN?)\n"
            "f:30:40: machine in, state MANUAL: unknown event quer (did you mean query?)\n"
            "f:31:45: machine in, state MANUAL: no timeout of this state raises query: name it in `timeout`\n");
  EXPECT_FALSE(load_machines(text).made);
}

std::string numbered(const char* prefix, int number) { return std::string(prefix).append(std::to_string(number)); }

TEST(machine_problems, bounds) {
  std::string states, events;
  for (int i = 0; i < 33; ++i) states.append(numbered("      S", i)).append(": {kind: final}\n");
  for (int i = 0; i < 65; ++i) events.append(numbered(", e", i)).append(": fact");
  EXPECT_NE(load_machines(std::string(small_machines) + states)
                .problems.find("f:23:7: machine in: states: 38 entries are more than the 32 allowed\n"),
            std::string::npos);
  EXPECT_NE(load_machines(with(small_machines, "spent: timer", "spent: timer" + events))
                .problems.find("f:3:17: payment_events: 70 entries are more than the 64 allowed\n"),
            std::string::npos);
  machines_definition pure = define_machines(small_machines);
  for (int i = 0; i < 65; ++i) pure.events[1].push_back({{numbered("e", i), {}}, event_source::fact});
  for (int i = 0; i < 33; ++i) {
    state_definition state;
    state.name.text = numbered("S", i);
    pure.machines[0][0].states.push_back(state);
  }
  problem_list found;
  EXPECT_FALSE(compile_machines(pure, found));
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found.all()[0].message, "machine sale: 38 states are more than the 32 allowed: split the machine");
  EXPECT_EQ(found.all()[1].message, "event e59 is one more than the 64 allowed: join some");
}

}  // namespace
}  // namespace payloom::catalog_test
