// Goal: a scenario file is read as it is written, and every mistake in it is told with its place and with what to do,
// all at once. Method: one change to a small file per row, all problems compared whole. And the law of large users.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "actors/app/bench/scenario/scenario_reader.hpp"
#include "actors/app/bench/scenario/zipf.hpp"

namespace payloom::bench {
namespace {

constexpr std::string_view small_file = R"(version: 1
seed: 7
seconds: 3
rate: 500
arrivals: poisson
connections: 2
window: 5
frame: 10
users: 40
merchants: 3
users_skew: 0.5
merchants_skew: 1
top_merchant_percent: 30
duplicates_percent: 1.25
amount: {min: 5, max: 9}
mix: {pay: 6, refund: 1, query: 2}
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text(small_file);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

std::string problems_of(const std::string& text) {
  std::string out;
  const read_scenario read = read_scenario_text("f", text);
  EXPECT_EQ(read.value.has_value(), read.problems.empty());
  for (const config::problem& p : read.problems) out += config::to_string(p) + "\n";
  return out;
}

TEST(ScenarioReader, EveryKeyIsRead) {
  const read_scenario read = read_scenario_text("f", small_file);
  ASSERT_TRUE(read.value.has_value()) << problems_of(std::string(small_file));
  const scenario& s = *read.value;
  EXPECT_EQ(s.seed, 7u);
  EXPECT_EQ(s.seconds, 3);
  EXPECT_EQ(s.rate, 500);
  EXPECT_TRUE(s.poisson);
  EXPECT_EQ(s.connections, 2u);
  EXPECT_EQ(s.window, 5u);
  EXPECT_EQ(s.frame, 10u);
  EXPECT_EQ(s.users, 40u);
  EXPECT_EQ(s.merchants, 3u);
  EXPECT_EQ(s.users_skew, 0.5);
  EXPECT_EQ(s.merchants_skew, 1);
  EXPECT_EQ(s.top_merchant_percent, 30);
  EXPECT_EQ(s.duplicates_percent, 1.25);
  EXPECT_EQ(s.amount_min, 5u);
  EXPECT_EQ(s.amount_max, 9u);
  EXPECT_EQ(s.mix, (std::array<std::uint64_t, kind_count>{6, 0, 0, 0, 1, 2, 0}));
}

TEST(ScenarioReader, MistakesAreToldWithTheirPlaces) {
  const struct {
    std::string_view from, to, problems;
  } rows[] = {
      {"version: 1", "version: 2", "f:1:10: scenario: version: 2 is out of bounds: 1 .. 1\n"},
      {"version: 1\n", "", "f:1:1: scenario: `version` is missing: add it\n"},
      {"seconds: 3", "secconds: 3", "f:3:1: scenario: unknown key `secconds` (did you mean seconds?)\n"},
      {"seconds: 3", "seconds: 0", "f:3:10: scenario: seconds: 0 is out of bounds: 1 .. 86400\n"},
      {"seed: 7", "seed: 7\nseed: 8", "f:3:1: scenario: seed stands twice: remove one\n"},
      {"rate: 500\n", "", "f:4:11: scenario: arrivals: only operations at a rate arrive: set rate\n"},
      {"poisson", "often", "f:5:11: scenario: arrivals: `often` is unknown: choose one of even, poisson\n"},
      {"connections: 2", "connections: 4097", "f:6:14: scenario: connections: 4097 is out of bounds: 1 .. 4096\n"},
      {"window: 5", "window: 0", "f:7:9: scenario: window: 0 is out of bounds: 1 .. 4096\n"},
      {"frame: 10", "frame: 8191", "f:8:8: scenario: frame: 8191 is out of bounds: 1 .. 8190\n"},
      {"users: 40", "users: 1", "f:9:8: scenario: users: 1 is out of bounds: 2 .. 1000000\n"},
      {"merchants: 3", "merchants: 0", "f:10:12: scenario: merchants: 0 is out of bounds: 1 .. 1000000\n"},
      {"users_skew: 0.5", "users_skew: 3.001",
       "f:11:13: scenario: users_skew: a number within 0 .. 3, with at most 3 decimals, is expected\n"},
      {"merchants_skew: 1", "merchants_skew: -1",
       "f:12:17: scenario: merchants_skew: a number within 0 .. 3, with at most 3 decimals, is expected\n"},
      {"30", "1e2",
       "f:13:23: scenario: top_merchant_percent: a number within 0 .. 100, with at most 3 decimals, is expected\n"},
      {"1.25", "1.2555",
       "f:14:21: scenario: duplicates_percent: a number within 0 .. 100, with at most 3 decimals, is expected\n"},
      {"1.25", "[1]",
       "f:14:21: scenario: duplicates_percent: a number within 0 .. 100, with at most 3 decimals, is expected\n"},
      {"min: 5", "min: 10", "f:15:15: scenario: amount: min: it is larger than max: exchange them\n"},
      {"min: 5, ", "", "f:15:9: scenario: amount: `min` is missing: add it\n"},
      {"max: 9", "max: 100000001", "f:15:23: scenario: amount: max: 100000001 is out of bounds: 1 .. 100000000\n"},
      {"mix: {pay: 6, refund: 1, query: 2}\n", "", "f:1:1: scenario: `mix` is missing: add it\n"},
      {"pay: 6", "pays: 6",
       "f:16:7: scenario: mix: unknown key `pays` (did you mean pay?)\n"
       "f:16:24: scenario: mix: refund: it needs orders of pay: give pay a weight\n"
       "f:16:34: scenario: mix: query: it needs orders of pay: give pay a weight\n"},
      {"{pay: 6, refund: 1, query: 2}", "{pay: 0}",
       "f:16:6: scenario: mix: at least one kind needs a weight above 0\n"},
      {"{pay: 6, refund: 1, query: 2}", "much",
       "f:16:6: scenario: mix: a map with the keys pay, transfer, escrow, pre_authorisation, refund, query, balance, "
       "recharge, withdraw is "
       "expected\n"},
  };
  for (const auto& row : rows) EXPECT_EQ(problems_of(with(row.from, row.to)), row.problems) << row.to;
}

TEST(ScenarioReader, AFileThatIsNotThereIsAProblem) {
  const read_scenario read = read_scenario_file("no/such/file.yaml");
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(config::to_string(read.problems.front()),
            "no/such/file.yaml: cannot be read: name a file that exists and may be read");
}

TEST(ScenarioReader, TheShippedScenariosAreRight) {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PAYLOOM_SCENARIOS)) {
    const read_scenario read = read_scenario_file(entry.path());
    for (const config::problem& p : read.problems) ADD_FAILURE() << config::to_string(p);
    ++seen;
  }
  EXPECT_EQ(seen, 2u);
}

TEST(Zipf, SharesFollowTheLaw) {
  std::mt19937_64 engine(5);
  constexpr std::uint64_t draws = 400'000;
  for (const double exponent : {0.0, 0.7, 1.0, 2.0}) {
    constexpr std::uint64_t n = 50;
    const zipf law(n, exponent);
    std::vector<std::uint64_t> seen(n);
    for (std::uint64_t i = 0; i < draws; ++i) ++seen.at(law.draw(engine()));
    double sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) sum += std::pow(static_cast<double>(i + 1), -exponent);
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{9}, n - 1}) {
      const double expected = draws * std::pow(static_cast<double>(i + 1), -exponent) / sum;
      EXPECT_NEAR(static_cast<double>(seen[i]), expected, 6 * std::sqrt(expected)) << "exponent " << exponent;
    }
  }
  EXPECT_EQ(zipf(1, 1).draw(~std::uint64_t{0}), 0u);
}

}  // namespace
}  // namespace payloom::bench
