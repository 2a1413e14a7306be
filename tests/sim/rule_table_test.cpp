// Goal: the auditor's model answers every row of the rule table, the rows cover every code a ledger command can get,
// and the auditor accepts each of these histories. Method: run each row in a sequential ledger of its own, then feed
// what it did to an auditor.
#include <gtest/gtest.h>

#include <set>

#include "tests/sim/auditor.hpp"
#include "tests/sim/sequential_ledger.hpp"
#include "tests/support/all_rules.hpp"

namespace payloom::sim {
namespace {

audit_request request_of(const rule_rows::rule_step& s) {
  audit_request q{.type = rule_rows::type_of(s), .tenant = s.tenant, .records = {}};
  for (const rule_rows::rule_record& r : s.records)
    std::visit([&](const auto& record) { q.records.emplace_back(record); }, r);
  return q;
}

// Runs a step in both; returns the results.
std::vector<result_record> run(const rule_rows::rule_step& s, sequential_ledger& ledger, auditor& judge) {
  const std::size_t before = ledger.journal().size();
  const std::uint64_t handle = judge.submitted(request_of(s), ledger.now() + 1, ledger.model().head());
  ledger.advance(time_ns{s.advance_s} * 1'000'000'000u);
  const auto results = ledger.execute(request_of(s));
  for (std::size_t i = before; i < ledger.journal().size(); ++i) judge.journaled(ledger.journal()[i]);
  judge.finished(handle, results, ledger.model().head());
  return results;
}

TEST(rule_table, every_row_gets_its_codes) {
  for (const rule_rows::rule_row& row : rule_rows::all_rule_rows()) {
    SCOPED_TRACE(row.name);
    audit_options options;
    options.accounts_max = row.accounts_max;
    sequential_ledger ledger(options);
    auditor judge(options);
    for (const rule_rows::rule_step& s : row.setup) {
      const auto results = run(s, ledger, judge);
      if (results.empty()) continue;
      EXPECT_EQ(name_of(results.back().code), name_of(s.expect)) << "in the setup";
    }
    const auto results = run(row.request, ledger, judge);
    ASSERT_EQ(results.size(), row.expected.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(name_of(results[i].code), name_of(row.expected[i].code)) << "record " << i;
      EXPECT_EQ(results[i].flags == result_flags::replayed, row.expected[i].replayed) << "record " << i;
    }
    judge.final_state(ledger.snapshot());
    EXPECT_TRUE(judge.violations().empty()) << judge.violations().front();
  }
}

TEST(rule_table, covers_every_code_of_a_ledger_command) {
  std::set<result_code> hit;
  for (const rule_rows::rule_row& row : rule_rows::all_rule_rows())
    for (const rule_rows::rule_answer& a : row.expected) hit.insert(a.code);
  for (const result_code_info& info : all_result_codes()) {
    const auto number = static_cast<std::uint16_t>(info.code);
    if (number < 30 || number > 161) continue;
    EXPECT_TRUE(hit.contains(info.code)) << number << " " << info.name;
  }
}

TEST(rule_table, names_are_unique) {
  std::set<std::string> names;
  for (const rule_rows::rule_row& row : rule_rows::all_rule_rows())
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

}  // namespace
}  // namespace payloom::sim
