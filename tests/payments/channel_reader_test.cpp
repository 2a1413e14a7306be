// channels.yaml: every mistake has its place and its sentence.
#include <gtest/gtest.h>

#include "config/catalog/channel_reader.hpp"

namespace payloom::test {
namespace {

constexpr const char* good =
    "{number: 1, driver: simulator, operations: [pay, query], in_flight_max: 10, case_owner: ops, "
    "simulator: {seed: 1}}";

std::string problems_of(const std::string& text) {
  static const config::ledger_directory ledgers;
  config::yaml_reader reader("channels.yaml");
  if (const auto root = reader.parse(text)) config::read_channels(reader, *root, ledgers);
  std::string out;
  for (const config::problem& p : reader.problems()) out += config::to_string(p) + "\n";
  return out;
}

std::string one(const std::string& channel) { return "version: 1\nchannels:\n  bank: " + channel + "\n"; }

TEST(channel_reader, takes_what_is_right) {
  EXPECT_EQ(problems_of(one(good)), "");
  for (const char* driver : {"http_json", "iso8583"}) {
    EXPECT_EQ(problems_of(one("{number: 1, driver: " + std::string(driver) +
                              ", operations: [pay, query], in_flight_max: 10, case_owner: ops, codes: [{code: \"00\", "
                              "outcome: success, number: 1}, {code: \"51\", outcome: rejected, number: 51}]}")),
              "");
  }
}

struct wrong {
  const char* text;
  const char* says;
};

TEST(channel_reader, says_what_is_wrong) {
  const wrong rows[] = {
      {"{driver: simulator}", "number"},
      {"{number: 0, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1}}",
       "number"},
      {"{number: 1, driver: simulatr, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1}}",
       "simulator"},
      {"{number: 1, driver: simulator, operations: [pays, query], in_flight_max: 1, case_owner: a, simulator: {seed: "
       "1}}",
       "unknown operation pays"},
      {"{number: 1, driver: simulator, operations: [pay], in_flight_max: 1, case_owner: a, simulator: {seed: 1}}",
       "add query"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 0, case_owner: a, simulator: {seed: 1}}",
       "in_flight_max"},
      {"{number: 1, driver: simulator, operations: [query], ledgers: [EURO], in_flight_max: 1, case_owner: a, "
       "simulator: {seed: 1}}",
       "unknown currency EURO"},
      {"{number: 1, driver: simulator, operations: [query], min_minor: 9, max_minor: 8, in_flight_max: 1, "
       "case_owner: a, simulator: {seed: 1}}",
       "swap them"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1, "
       "rejected: 600, accepted: 500}}",
       "add up to 1100"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1, "
       "answer_ms_min: 9}}",
       "shortest"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1}, no: "
       "1}",
       "no"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a}", "simulator"},
      {"{number: 1, driver: simulator, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1}, "
       "codes: []}",
       "has none: remove them"},
      {"{number: 1, driver: iso8583, operations: [query], in_flight_max: 1, case_owner: a}", "codes"},
      {"{number: 1, driver: iso8583, operations: [query], in_flight_max: 1, case_owner: a, simulator: {seed: 1}, "
       "codes: "
       "[]}",
       "simulator alone: remove it"},
      {"{number: 1, driver: http_json, operations: [query], in_flight_max: 1, case_owner: a, codes: [{code: \"1\", "
       "outcome: fine, number: 1}]}",
       "fine"},
      {"{number: 1, driver: http_json, operations: [query], in_flight_max: 1, case_owner: a, codes: [{code: \"1\", "
       "outcome: success, number: 0}]}",
       "number"},
      {"{number: 1, driver: http_json, operations: [query], in_flight_max: 1, case_owner: a, codes: [{code: \"1\", "
       "outcome: success, number: 1}, {code: \"1\", outcome: rejected, number: 2}]}",
       "stands there twice"},
  };
  for (const wrong& row : rows) {
    const std::string said = problems_of(one(row.text));
    EXPECT_NE(said.find(row.says), std::string::npos) << row.text << "\n" << said;
    EXPECT_NE(said.find("channels.yaml:3"), std::string::npos) << said;
  }
}

TEST(channel_reader, numbers_and_names_are_one_channels_alone) {
  const std::string two = one(good) + "  other: " + good + "\n";
  EXPECT_NE(problems_of(two).find("number is another channel's"), std::string::npos) << problems_of(two);
}

}  // namespace
}  // namespace payloom::test
