// Goal: every mistake in checks.yaml, and in what templates say of checks, is told with its place and with what to do,
// and the catalogue is refused whole (domain.md 1.6). Method: one change a row, all problems compared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/catalog/payment_loader.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

std::string problems_of(const support::edited_catalog& files, const core::catalog::payment_catalog* before = nullptr) {
  const auto loaded = config::read_payment_catalog(files, config::ledger_directory{}, {"", before});
  EXPECT_EQ(loaded.value == nullptr, !loaded.problems.empty());
  std::string all;
  for (const config::problem& p : loaded.problems) all += config::to_string(p) + "\n";
  return all;
}

constexpr const char *yaml = "checks.yaml", *templates = "templates.yaml", *machines = "machines.yaml";
constexpr const char* payout = "  payout:\n    steps:";

struct row {
  const char *file, *from, *to, *problem;
};

void expect_told(const support::edited_catalog& base, const row& r) {
  support::edited_catalog files = base;
  files.replace(r.file, r.from, r.to);
  EXPECT_THAT(problems_of(files), testing::HasSubstr(r.problem)) << r.to;
}

TEST(check_reader, says_what_is_wrong) {
  const row rows[] = {
      {yaml, "version: 1", "version: 2", "checks.yaml: version: all files of a catalogue have the same"},
      {yaml, "    number: 1\n", "", "check risk_score: `number` is missing: add it"},
      {yaml, "number: 1\n", "number: 9\n", "check risk_score: number: 9 is out of bounds: 1 .. 8"},
      {yaml, "number: 2\n", "number: 1\n",
       "check sanctions: its number is another check's, too: give it one of its own"},
      {yaml, "  sanctions:", "  risk_score:", "risk_score stands twice"},
      {yaml, "driver: simulator", "driver: simulatr",
       "check risk_score: driver: `simulatr` is unknown (did you mean simulator?)"},
      {yaml, "core: true", "core: maybe", "check risk_score: core"},
      {yaml, "    core: true\n", "", "check risk_score: `core` is missing: add it"},
      {yaml, "in_flight_max: 100000", "in_flight_max: 0", "check risk_score: in_flight_max"},
      {yaml, "seed: 1, ", "", "check risk_score: simulator: `seed` is missing: add it"},
      {yaml, "answer_ms_min: 5, ", "answer_ms_min: 61, ",
       "check risk_score: the shortest answer_ms is above the longest"},
      {yaml, "refused: 10}", "refused: 600, silent: 500}", "check risk_score: the shares of 1,000 add up to 1100"},
      {yaml, "refused: 10}", "refused: 10, loud: 1}", "check risk_score: simulator: unknown key `loud`"},
      {yaml, "    core: true\n", "    core: true\n    cost: 1\n", "check risk_score: unknown key `cost`"},
  };
  for (const row& r : rows) {
    expect_told({}, r);
    if (std::string_view(r.problem).starts_with("check ")) {
      support::edited_catalog files;
      files.replace(r.file, r.from, r.to);
      EXPECT_THAT(problems_of(files), testing::HasSubstr("checks.yaml:")) << r.to;
    }
  }
}

TEST(check_reader, more_than_eight_checks_are_refused) {
  support::edited_catalog files;
  std::string more;
  for (int i = 0; i < 6; ++i)
    more += "  extra_" + std::to_string(i) +
            ": {number: 4, driver: simulator, core: true, in_flight_max: 1, simulator: {seed: 1}}\n";
  files.replace(yaml, "checks:\n", "checks:\n" + more);
  EXPECT_THAT(problems_of(files), testing::HasSubstr("9 entries are more than the 8 allowed"));
}

TEST(check_reader, templates_say_what_is_wrong) {
  const row rows[] = {
      {templates, payout, "  payout:\n    checks: [sanctionz]\n    check_deadline_ms: 300\n    steps:",
       "template payout, checks: checks.yaml has no sanctionz (did you mean sanctions?)"},
      {templates, payout, "  payout:\n    checks: [sanctions]\n    steps:",
       "template payout: add `check_deadline_ms`: how long a payment waits for its checks"},
      {templates, payout, "  payout:\n    check_deadline_ms: 300\n    steps:",
       "template payout: check_deadline_ms without checks: name some, or remove it"},
      {templates, payout, "  payout:\n    checks: [sanctions]\n    check_deadline_ms: 60001\n    steps:",
       "template payout: check_deadline_ms: 60001 is out of bounds: 1 .. 60000"},
      {templates, payout,
       "  payout:\n    checks: [sanctions, sanctions]\n    check_deadline_ms: 9\n    steps:", "sanctions stands twice"},
      {templates, "  refund_to_source:\n", "  refund_to_source:\n    checks: [sanctions]\n    check_deadline_ms: 9\n",
       "template refund_to_source asks checks, which only pay and pay_in wait for, and none of them names it"},
  };
  for (const row& r : rows) expect_told({}, r);
  support::edited_catalog right;
  right.replace(templates, payout,
                "  payout:\n    checks: [sanctions, risk_score]\n    check_deadline_ms: 300\n    steps:");
  EXPECT_EQ(problems_of(right), "");
}

TEST(check_reader, machines_must_know_what_checks_do) {
  support::edited_catalog checked;
  checked.replace(templates, payout, "  payout:\n    checks: [sanctions]\n    check_deadline_ms: 300\n    steps:");
  const row rows[] = {
      {machines, "\n  checked:\n", "\n  checked_before:\n",
       "asks checks, and machines.yaml has no payment machine `checked`: add it"},
      {machines, "        moves: {checks_passed: PASSED, checks_refused: FAILED, checks_due: CHECKING, cancel: CLOSED}",
       "        moves: {checks_passed: FAILED, checks_refused: PASSED, checks_due: CHECKING, cancel: CLOSED}",
       "the payment machine checked waits after"},
  };
  for (const row& r : rows) expect_told(checked, r);
  // A refused payment must leave its order somewhere.
  checked.replace(machines, "moves: {pay: PAYING, cancel: CLOSED, expire: CLOSED}",
                  "moves: {pay: PAYING, cancel: CLOSED, expire: CLOSED, payment_failed: CLOSED}");
  expect_told(checked, {machines, "moves: {paid_in_full: PAID, payment_failed: CLOSED, ask_payment: PAYING}",
                        "moves: {paid_in_full: PAID, ask_payment: PAYING}",
                        "product withdraw, pay: the template payout asks checks, and withdraw has no move for "
                        "payment_failed in PAYING: add it, or name another template"});
}

TEST(check_reader, the_next_version_keeps_checks_and_their_numbers) {
  const auto before = config::read_payment_catalog(support::edited_catalog{}, config::ledger_directory{});
  ASSERT_NE(before.value, nullptr);
  const row rows[] = {
      {yaml, "  sanctions:\n", "  sanction_list:\n", "check sanctions is gone: keep it"},
      {yaml, "number: 3\n", "number: 4\n", "check member_service had number 3: the journal has it, so keep it"},
  };
  for (const row& r : rows) {
    support::edited_catalog next;
    next.version(2).replace(r.file, r.from, r.to);
    EXPECT_THAT(problems_of(next, before.value.get()), testing::HasSubstr(r.problem)) << r.to;
  }
  support::edited_catalog next;
  next.version(2).replace(yaml, "core: false", "core: true").replace(yaml, "refused: 10", "refused: 20");
  EXPECT_EQ(problems_of(next, before.value.get()), "");
}

}  // namespace
}  // namespace payloom::test
