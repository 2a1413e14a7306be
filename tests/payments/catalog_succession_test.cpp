// Goal: the next version of a catalogue cannot change what stands in the journal or in accounts' ids, and says with its
// place what is wrong. Method: one change a row, against the shipped files.
#include <gmock/gmock.h>

#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

std::string problems_of(const support::edited_catalog& next, const core::catalog::payment_catalog* before) {
  const auto loaded = config::read_payment_catalog(next, config::ledger_directory{}, {"next/", before});
  EXPECT_EQ(loaded.value == nullptr, !loaded.problems.empty());
  std::string all;
  for (const config::problem& p : loaded.problems) all += config::to_string(p) + "\n";
  return all;
}

TEST(catalog_succession, prices_and_limits_may_change) {
  support::edited_catalog next;
  next.version(2)
      .replace("fees.yaml", "rate_millionths: 14000", "rate_millionths: 9000")
      .replace("business_map.yaml", "EUR: {min: 1, max: 1000000000}", "EUR: {min: 5, max: 70000}");
  EXPECT_EQ(problems_of(next, &catalogue()), "");
}

TEST(catalog_succession, what_the_journal_holds_is_kept) {
  struct row {
    const char *file, *from, *to, *problem;
  };
  const row rows[] = {
      {"machines.yaml", "  instant_sale:\n", "  sale_at_once:\n", "next/machines.yaml:"},
      {"business_map.yaml", "  balance: internal\n  coupon: internal\n", "  coupon: internal\n  balance: internal\n",
       "next/business_map.yaml: tool coupon stands where balance stood"},
      {"business_map.yaml", "code: 101\n", "code: 199\n", "product instant_sale (code 101) is gone: keep it"},
      {"chart.yaml", "fee_income: {code: ", "fee_income: {code: 9", "role fee_income is not what it was"},
      {"chart.yaml", "  fee_income:", "  fee_earned:", "role fee_income is gone"},
      {"channels.yaml", "  simulated_card:\n", "  another_card:\n",
       "channel another_card has the number that was simulated_card's"},
      {"channels.yaml", "number: 2\n", "number: 3\n", "channel simulated_card had number 2: its accounts"},
  };
  for (const row& r : rows) {
    support::edited_catalog next;
    next.version(2).replace(r.file, r.from, r.to);
    EXPECT_THAT(problems_of(next, &catalogue()), testing::HasSubstr(r.problem)) << r.to;
  }
}

TEST(catalog_succession, all_files_are_told_at_once) {
  support::edited_catalog next;
  next.version(2)
      .replace("fees.yaml", "bearer: payee", "bearer: nobody")
      .replace("machines.yaml", "durations:", "durationes:")
      .replace("business_map.yaml", "settlement_plans:", "settlement_plan:");
  const std::string all = problems_of(next, nullptr);
  for (const char* file : {"next/fees.yaml:", "next/machines.yaml:", "next/business_map.yaml:"})
    EXPECT_THAT(all, testing::HasSubstr(file));
}

TEST(catalog_header, problems) {
  struct row {
    const char *line, *problem;
  };
  const row rows[] = {
      {"effective_from: tomorrow", "effective_from: `tomorrow` is no time: write 2026-12-01"},
      {"effective_from: 2026-02-30", "`2026-02-30` is no time"},
      {"effective_from: 2026-12-01T25:00:00Z", "is no time"},
      {"effective_from: 2026-12-01 10:00:00", "is no time"},
      {"effectiv_from: 2026-12-01", "unknown key `effectiv_from` (did you mean effective_from?)"},
      {"maker: [a, b]", "maker: a single value is expected"},
      {"checker: \"\"", "checker: a text of one line, 1 .. 31 bytes"},
      {"note: \"01234567890123456789012345678901234567890123456789\"", "note: a text of one line, 1 .. 47 bytes"},
  };
  for (const row& r : rows) {
    support::edited_catalog next;
    next.header(r.line);
    EXPECT_THAT(problems_of(next, nullptr), testing::HasSubstr(r.problem)) << r.line;
  }
  support::edited_catalog right;
  right.header("effective_from: 2026-12-01T10:20:30Z\nmaker: anna\nchecker: Bela B.\nnote: \"cheaper: sales\"");
  const auto loaded = config::read_payment_catalog(right, config::ledger_directory{});
  ASSERT_NE(loaded.value, nullptr);
  EXPECT_EQ(loaded.value->header().effective_from, 1'796'120'430 * second);
  EXPECT_EQ(loaded.value->header().checker, "Bela B.");
}

}  // namespace
}  // namespace payloom::test
