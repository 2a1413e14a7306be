// Goal: whatever is wrong with a rule is said at its place, and the next version cannot change what stands in the
// journal. Method: one mistake a row.
#include <gmock/gmock.h>

#include "tests/payments/rules_fixture.hpp"

namespace payloom::test {
namespace {

std::string problems_of(const support::edited_catalog& files, const core::catalog::payment_catalog* before = nullptr) {
  std::string all;
  for (const config::problem& p : load(files, before).problems) all += config::to_string(p) + "\n";
  return all;
}

TEST(rules, problems_of_one_rule) {
  struct row {
    const char *rest, *problem;
  };
  const row rows[] = {
      {"kind: limits, state: ACTIVE, then: {max: 5}", "rule r: kind: `limits` is unknown (did you mean limit?)"},
      {"kind: limit, state: active, then: {max: 5}", "rule r: state: `active` is unknown"},
      {"kind: limit, state: ACTIVE", "rule r: `then` is missing"},
      {"kind: limit, state: ACTIVE, then: {}", "rule r: say `min` and `max`"},
      {"kind: limit, state: ACTIVE, then: {max: 5, refuse: true}", "rule r: say `min` and `max`"},
      {"kind: limit, state: ACTIVE, then: {max: 5, min: 6}", "rule r: min is above max"},
      {"kind: limit, state: ACTIVE, then: {max: -5}", "rule r: max: minor units are written as digits"},
      {"kind: limit, state: ACTIVE, then: {most: 5}", "rule r: then: unknown key most"},
      {"kind: limit, state: ACTIVE, then: {refuse: false}", "rule r: then: refuse: unknown false"},
      {"kind: risk, state: SHADOW, then: {decision: maybe}", "rule r: then: decision: unknown maybe"},
      {"kind: risk, state: SHADOW, then: {decision: [allow, refuse]}", "decision: a single value is expected"},
      {"kind: tool_selection, state: ACTIVE, then: {tools: [balanse]}",
       "rule r: then: unknown tool balanse (did you mean balance?)"},
      {"kind: tool_selection, state: ACTIVE, then: {}", "rule r: `tools` is missing"},
      {"kind: fee, state: ACTIVE, then: {fee_plan: fre}", "rule r: then: unknown fee plan fre (did you mean free?)"},
      {"kind: fee, state: ACTIVE, when: {products: [instant_sale]}, then: {fee_plan: merchant_returnable}",
       "do not agree on what refunds return"},
      {"kind: fee, state: ACTIVE, when: {products: [instant_sale]}, then: {fee_plan: withdraw_standard}",
       "do not agree on who bears the fee"},
      {"kind: split, state: ACTIVE, then: {split_plan: nobody}", "rule r: then: unknown split plan nobody"},
      {"kind: split, state: ACTIVE, when: {hours: \"22:00-06:00\"}, then: {split_plan: delivery}",
       "may change between payment and refund"},
      {"kind: risk, state: ACTIVE, when: {amount: {min: 5}}, then: {decision: refuse}", "an amount needs the `ledger`"},
      {"kind: risk, state: ACTIVE, when: {ledger: EUR, amount: {min: 5, max: 4}}, then: {decision: refuse}",
       "min is above max: it would never hold"},
      {"kind: risk, state: ACTIVE, when: {ledger: EURO}, then: {decision: refuse}", "EURO is no ledger"},
      {"kind: risk, state: ACTIVE, when: {products: [instant_sail]}, then: {decision: refuse}",
       "rule r: when: unknown product instant_sail (did you mean instant_sale?)"},
      {"kind: risk, state: ACTIVE, when: {tools: [cheque]}, then: {decision: refuse}", "when: unknown tool cheque"},
      {"kind: risk, state: ACTIVE, when: {merchant: 0}, then: {decision: refuse}", "merchant: 0 is out of bounds"},
      {"kind: risk, state: ACTIVE, when: {hours: 22-06}, then: {decision: refuse}", "is no time of the day"},
      {"kind: risk, state: ACTIVE, when: {hours: \"10:00-10:00\"}, then: {decision: refuse}", "is no time of the day"},
      {"kind: risk, state: ACTIVE, when: {hours: \"10:00-24:01\"}, then: {decision: refuse}", "is no time of the day"},
      {"kind: risk, state: ACTIVE, when: {weekdays: [sunday]}, then: {decision: refuse}", "`sunday` is unknown"},
      {"kind: risk, state: ACTIVE, when: {wekdays: [sun]}, then: {decision: refuse}", "unknown key `wekdays`"},
      {"kind: risk, state: ACTIVE, valid_from: 2026-12-02, valid_to: 2026-12-01, then: {decision: refuse}",
       "valid_to is not after valid_from"},
      {"kind: risk, state: ACTIVE, valid_from: soon, then: {decision: refuse}", "valid_from: `soon` is no time"},
  };
  for (const row& r : rows) {
    const std::string all = problems_of(with_rules({{"r", 1, 1, r.rest}}));
    EXPECT_THAT(all, testing::HasSubstr("rules.yaml:")) << r.rest;
    EXPECT_THAT(all, testing::HasSubstr(r.problem)) << r.rest;
  }
}

TEST(rules, problems_of_the_file) {
  const char* refuse = "kind: risk, state: ACTIVE, then: {decision: refuse}";
  EXPECT_THAT(problems_of(with_rules({{"a", 7, 1, refuse}, {"b", 7, 2, refuse}})),
              testing::HasSubstr("rule b has the id of rule a: use one that was never used"));
  EXPECT_THAT(problems_of(with_rules({{"a", 0, 1, refuse}})), testing::HasSubstr("id: 0 is out of bounds"));
  EXPECT_THAT(problems_of(support::edited_catalog{}.replace("rules.yaml", "\nversion: 1", "\nversion: 2")),
              testing::HasSubstr("rules.yaml"));
}

TEST(rules, what_the_next_version_may_change) {
  const std::string limit = "kind: limit, when: {ledger: EUR}, then: {max: 500}, state: ";
  const auto before = load_rules({{"a", 7, 1, limit + "SHADOW"}});
  const auto next = [&](const std::vector<rule_text>& rules, int version) {
    return problems_of(with_rules(rules, 2, version), before.get());
  };
  EXPECT_EQ(next({{"a", 7, 1, limit + "ACTIVE"}}, 1), "") << "its state may change";
  EXPECT_EQ(next({{"renamed", 7, 1, limit + "RETIRED"}}, 1), "");
  EXPECT_EQ(next({{"a", 7, 5, limit + "SHADOW"}}, 2), "");
  EXPECT_THAT(next({{"a", 7, 5, limit + "SHADOW"}}, 1), testing::HasSubstr("raise its `version`"));
  EXPECT_THAT(next({{"a", 8, 1, limit + "SHADOW"}}, 1),
              testing::HasSubstr("rule a (id 7) is gone: keep it as RETIRED"));
  EXPECT_THAT(next({{"a", 7, 1, "kind: risk, state: ACTIVE, then: {decision: refuse}"}}, 2),
              testing::HasSubstr("the id 7 of a rule of another kind"));
}

}  // namespace
}  // namespace payloom::test
