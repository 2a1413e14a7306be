// Goal: every kind of mistake in business_map.yaml is told with its place and with what to do, and the file is refused
// (domain OV-3, PC-2). Method: one change to a small map per row, all problems compared whole.
#include <gtest/gtest.h>

#include "tests/catalog/catalog_fixture.hpp"

namespace payloom::catalog_test {
namespace {

constexpr std::string_view small_map = R"(version: 3
tools: {wallet: internal, bank: external}
payment_products: {instant: in}
templates: [direct]
settlement_plans: [daily]
limits:
  small: {EUR: {min: 1, max: 500}}
products:
  sale:
    code: 7
    order: sale
    rows:
      pay:
        payment_product: instant
        tools: [wallet, bank]
        limits: small
        template: direct
        posting_rule: inside
        external_posting_rule: outside
        fee_plan: standard
        settlement_plan: daily
        posts: [paid]
    none: [cancel, paid, failed, ask, expire]
)";

loaded<business_map> load_map(std::string_view text, std::string_view machines = small_machines) {
  const loaded<machine_catalog> all = load_machines(machines);
  const name_set rules{{"inside", "outside"}};
  const name_set fees{{"standard"}};
  config::yaml_reader reader("f");
  return compile_map(reader, reader.parse(text), {all.made.value(), rules, fees});
}

struct row {
  std::string_view from, to, problems;
};

void check(std::span<const row> rows) {
  for (const row& r : rows) EXPECT_EQ(load_map(with(small_map, r.from, r.to)).problems, r.problems) << r.to;
}

TEST(business_problems, the_small_map_has_none) {
  const loaded<business_map> map = load_map(small_map);
  EXPECT_EQ(map.problems, "");
  ASSERT_TRUE(map.made);
  EXPECT_EQ(map.made->version(), 3u);
  EXPECT_EQ(map.made->external_tools(), 2u);
}

TEST(business_problems, posts) {
  const row rows[] = {
      {"        posts: [paid]\n", "",
       "f:13:7: product sale, pay: say in `posts` which events of the `posting_rule` it books\n"},
      {"posting_rule: inside", "posting_rule: none",
       "f:22:17: product sale, pay: `posts` are events of the `posting_rule`, and there is none\n"},
      {"posts: [paid]", "posts: [a, b, c, d]", "f:22:26: product sale, pay: at most 3 events are booked together\n"},
  };
  check(rows);
}

TEST(business_problems, references) {
  const row rows[] = {
      {"order: sale", "order: sael", "f:11:12: product sale: unknown order machine sael (did you mean sale?)\n"},
      {"{instant: in}", "{instant: inn}",
       "f:3:29: payment product instant: unknown payment machine inn (did you mean in?)\n"},
      {"payment_product: instant", "payment_product: instnat",
       "f:14:26: product sale, pay: unknown payment product instnat (did you mean instant?)\n"},
      {"[wallet, bank]", "[wallet, bnak]",
       "f:15:25: product sale, pay: unknown tool bnak (did you mean bank?)\n"
       "f:19:32: product sale, pay: no tool leaves the platform: `external_posting_rule` is none\n"},
      {"limits: small", "limits: smal",
       "f:16:17: product sale, pay: unknown set of limits smal (did you mean small?)\n"},
      {"template: direct", "template: drect",
       "f:17:19: product sale, pay: unknown template drect (did you mean direct?)\n"},
      {"posting_rule: inside", "posting_rule: insde",
       "f:18:23: product sale, pay: unknown posting rule insde (did you mean inside?)\n"},
      {"external_posting_rule: outside", "external_posting_rule: somewhere",
       "f:19:32: product sale, pay: unknown posting rule somewhere: choose one of inside, outside\n"},
      {"fee_plan: standard", "fee_plan: standrd",
       "f:20:19: product sale, pay: unknown fee plan standrd (did you mean standard?)\n"},
      {"settlement_plan: daily", "settlement_plan: dayly",
       "f:21:26: product sale, pay: unknown settlement plan dayly (did you mean daily?)\n"},
      {"{EUR: ", "{EURO: ",
       "f:7:3: limits small: no ledger is allowed: name at least one\n"
       "f:7:11: limits small: EURO is no ledger: name an ISO 4217 currency or one of `ledgers` in the configuration\n"},
      {"templates: [direct]", "templates: [direct, other]", "f:4:21: no row uses the template other: remove it\n"},
  };
  check(rows);
}

TEST(business_problems, events) {
  const row rows[] = {
      {"none: [cancel, paid,", "none: [paid,",
       "f:9:3: product sale: nothing is said about cancel: add a row, or list it in `none`\n"},
      {"none: [cancel,", "none: [cancle,",
       "f:9:3: product sale: nothing is said about cancel: add a row, or list it in `none`\n"
       "f:23:12: product sale: unknown order event cancle (did you mean cancel?)\n"},
      {"none: [cancel,", "none: [pay, cancel,", "f:23:12: product sale: pay stands twice: keep one row, or `none`\n"},
      {"none: [cancel,", "none: [cancel, cancel,", "f:23:20: product sale: none: cancel stands twice: remove one\n"},
      {"      pay:\n", "      pey:\n",
       "f:9:3: product sale: nothing is said about pay: add a row, or list it in `none`\n"
       "f:13:7: product sale: unknown order event pey (did you mean pay?)\n"},
  };
  check(rows);
}

TEST(business_problems, an_event_on_which_the_order_never_moves) {
  std::string machines = with(small_machines, "moves: {pay: PAYING, cancel: CLOSED, expire: CLOSED}",
                              "moves: {pay: PAYING, expire: CLOSED}");
  machines = with(machines, "payments:", R"(  other:
    otherwise: {command: refuse, fact: case, timer: ignore}
    states: {NEW: {kind: initial, moves: {cancel: END}}, END: {kind: final}}
payments:)");
  machines = with(machines, "case: [cancel]", "refuse: [cancel]");
  EXPECT_EQ(load_map(small_map, machines).problems,
            "f:23:12: product sale: the order machine sale never moves on cancel: remove it here, or add the move\n");
}

TEST(business_problems, tools_that_leave_need_a_form_and_a_rule) {
  const row rows[] = {
      {"[wallet, bank]", "[wallet]",
       "f:19:32: product sale, pay: no tool leaves the platform: `external_posting_rule` is "
       "none\n"},
      {"external_posting_rule: outside", "external_posting_rule: none",
       "f:13:7: product sale, pay: a tool leaves the platform: name its `external_posting_rule`\n"},
      {"tools: [wallet, bank]", "tools: []",
       "f:13:7: product sale, pay: no tools: name at least one that may pay\n"
       "f:19:32: product sale, pay: no tool leaves the platform: `external_posting_rule` is none\n"},
  };
  check(rows);
  const std::string inside = with(with(small_map, "[wallet, bank]", "[wallet]"), "external_posting_rule: outside",
                                  "external_posting_rule: none");
  EXPECT_EQ(load_map(with(inside, "  posting_rule: inside", "  posting_rule: none")).problems,
            "f:13:7: product sale, pay: name a `posting_rule`\n"
            "f:22:17: product sale, pay: `posts` are events of the `posting_rule`, and there is none\n");
  const std::string machines = with(small_machines, "payments:\n", R"(payments:
  held:
    otherwise: {command: refuse, fact: case, timer: ignore}
    states: {INIT: {kind: initial, moves: {start: END}}, END: {kind: final}}
)");
  EXPECT_EQ(load_map(with(small_map, "{instant: in}", "{instant: held}"), machines).problems,
            "f:13:7: product sale, pay: its tools leave the platform, but the payment machine held has no fact_only "
            "state for an unknown outcome: choose another payment product\n");
}

TEST(business_problems, values) {
  const row rows[] = {
      {"version: 3", "version: 0", "f:1:10: business map: version: 0 is out of bounds: 1 .. 4294967295\n"},
      {"version: 3\n", "", "f:1:1: business map: `version` is missing: add it\n"},
      {"code: 7", "code: 65536",
       "f:10:11: product sale: code: 65536 is out of bounds: 1 .. 65535\n"
       "f:10:11: product sale: a code is from 1 on: give it one\n"},
      {"min: 1, max: 500", "min: 501, max: 500",
       "f:7:11: limits small: ledger 978: min 501 is above max 500: swap or correct them\n"},
      {"min: 1, max: 500", "min: 0, max: 1.5",
       "f:7:3: limits small: no ledger is allowed: name at least one\n"
       "f:7:22: limits small, EUR: min: 0 is out of bounds: 1 .. 340282366920938463463374607431768211454\n"
       "f:7:30: limits small, EUR: max: `1.5` is no amount: minor units are written as digits only\n"},
      {"bank: external", "bank: outside",
       "f:2:33: tools: bank: `outside` is unknown: choose one of internal, external\n"
       "f:19:32: product sale, pay: no tool leaves the platform: `external_posting_rule` is none\n"},
      {"        limits: small\n", "", "f:14:9: product sale, pay: `limits` is missing: add it\n"},
      {"        fee_plan: standard\n", "", "f:14:9: product sale, pay: `fee_plan` is missing: add it\n"},
  };
  for (const row& r : rows) {
    EXPECT_EQ(load_map(with(small_map, r.from, r.to)).problems, r.problems) << r.to;
    EXPECT_FALSE(load_map(with(small_map, r.from, r.to)).made);
  }
}

TEST(business_problems, codes_are_unique) {
  const std::string two = std::string(small_map) + R"(  other:
    code: 7
    order: sale
    rows: {}
    none: [pay, cancel, paid, failed, ask, expire]
)";
  EXPECT_EQ(load_map(two).problems, "f:25:11: product other: code 7 is taken by sale: give it another one\n");
}

}  // namespace
}  // namespace payloom::catalog_test
