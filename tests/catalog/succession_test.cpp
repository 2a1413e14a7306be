// Goal: the next version of machines.yaml cannot change numbers that stand in the journal. Method: one change per row.
#include <gtest/gtest.h>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

std::string complaints(std::string_view next) {
  const loaded<machine_catalog> before = load_machines(small_machines);
  if (!before.made) return before.problems;
  config::yaml_reader reader("f");
  problem_list found;
  check_succession(*before.made, define_machines(next), found);
  reader.take(found);
  return lines_of(reader);
}

TEST(succession, appending_is_allowed) {
  EXPECT_EQ(complaints(small_machines), "");
  const std::string more = with(small_machines, "expire: timer}", "expire: timer, late: fact}");
  EXPECT_EQ(complaints(with(more, "case: [cancel]}", "case: [cancel]}\n      GONE: {kind: final}")), "");
  EXPECT_EQ(complaints(with(small_machines, "soon: 5s", "soon: 7s")), "");
  EXPECT_EQ(complaints(with(small_machines, "paid: PAID", "paid: CLOSED")), "");
}

TEST(succession, numbers_that_are_in_use_are_kept) {
  struct row {
    std::string_view from, to, problems;
  };
  const row rows[] = {
      {"{pay: command, cancel: command,", "{cancel: command, pay: command,",
       "f:2:16: order event cancel stands where pay stood: numbers are positions and stand in the journal, so only "
       "append\nf:2:33: order event pay stands where cancel stood: numbers are positions and stand in the journal, so "
       "only append\n"},
      {", ask: timer, expire: timer}", ", ask: timer}",
       "f: 1 order events fewer than before: keep them, the journal has them\n"},
      {"paid: fact, failed: fact, ask", "paid: command, failed: fact, ask",
       "f:2:47: order event paid has another source than before: add a new event\n"},
      {"  sale:", "  sell:",
       "f:5:3: order machine sell stands where sale stood: numbers are positions and stand in the journal, so only "
       "append\n"},
      {"      OPEN:", "      OFFEN:",
       "f:13:7: machine sale: state OFFEN stands where OPEN stood: numbers are positions and stand in the journal, so "
       "only append\n"},
      {"CLOSED: {kind: final, ", "CLOSED: {kind: waiting, ",
       "f:18:7: machine sale: state CLOSED has another kind than before: add a new state\n"},
      {"      FAILED: {kind: final}\n", "",
       "f:20:3: 1 states of machine in fewer than before: keep them, the journal has them\n"},
  };
  for (const row& r : rows) EXPECT_EQ(complaints(with(small_machines, r.from, r.to)), r.problems) << r.to;
}

}  // namespace
}  // namespace payloom::catalog_test
