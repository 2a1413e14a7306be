// Goal: every mistake in templates.yaml, and every row of the business map that does not fit its template, is told with
// its place and with what to do, and the catalogue is refused whole. Method: one change a row, all problems compared.
#include <gtest/gtest.h>

#include "config/catalog/payment_loader.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

std::string problems_of(const support::edited_catalog& files) {
  const auto loaded = config::read_payment_catalog(files, config::ledger_directory{}, {});
  EXPECT_EQ(loaded.value == nullptr, !loaded.problems.empty());
  std::string all;
  for (const config::problem& p : loaded.problems) all += config::to_string(p) + "\n";
  return all;
}

struct row {
  std::string_view file, from, to, problems;
};

void check(std::span<const row> rows) {
  for (const row& r : rows) {
    support::edited_catalog files;
    files.replace(std::string(r.file), r.from, r.to);
    EXPECT_EQ(problems_of(files), r.problems) << r.to;
  }
}

constexpr std::string_view yaml = "templates.yaml", map = "business_map.yaml", rules = "posting_rules.yaml",
                           machines = "machines.yaml";

TEST(template_problems, the_shipped_ones_have_none) { EXPECT_EQ(problems_of({}), ""); }

TEST(template_problems, form) {
  const row rows[] = {
      {yaml, "version: 1", "version: 2",
       "templates.yaml:7:10: templates.yaml: version: 2 here, but 1 in the files before: give all files of a catalogue "
       "the same\n"},
      {yaml, "  internal_only:\n    steps:", "  internal_only:\n    stps:",
       "templates.yaml:12:5: template internal_only: unknown key `stps` (did you mean steps?)\n"
       "templates.yaml:12:5: template internal_only: `steps` is missing: add it\n"},
      {yaml, "{execute: channel}", "{execute: channel, confirm: balance}",
       "templates.yaml:22:9: template internal_then_channel: a step: 2 entries are more than the 1 allowed\n"},
      {yaml, "{execute: channel}", "{}",
       "templates.yaml:22:9: template internal_then_channel: a step is empty: write one like {reserve: [balance]}\n"},
      {yaml, "{execute: channel}", "execute",
       "templates.yaml:22:9: template internal_then_channel: a step: a map is expected, one `name: ...` per entry\n"},
      {yaml, "{execute: channel}", "{execute: {channel: 1}}",
       "templates.yaml:22:19: template internal_then_channel, execute: a name is expected: a letter, then letters, "
       "digits or _, at most 48 in all\n"},
      {yaml, "- {reserve: [balance, coupon]}", "- {reserve: [balance, balance, coupon]}",
       "templates.yaml:13:29: template internal_only, reserve: balance stands twice: remove one\n"},
      {yaml, "  internal_only:\n", "  internal_onlx:\n",
       "templates.yaml: template internal_only is missing: business_map.yaml names it, add its steps\n"
       "templates.yaml:11:3: template internal_onlx: business_map.yaml does not name it: add it to `templates` "
       "there\n"},
  };
  check(rows);
}

TEST(template_problems, steps) {
  const row rows[] = {
      {yaml, "{execute: channel}", "{exeute: channel}",
       "templates.yaml:22:10: template internal_then_channel: unknown step exeute (did you mean execute?)\n"},
      {yaml, "{execute: channel}", "{execute: chanel}",
       "templates.yaml:22:19: template internal_then_channel, execute: unknown tool chanel (did you mean channel?)\n"},
      {yaml, "{execute: channel}", "{execute: funds}",
       "templates.yaml:22:19: template internal_then_channel, execute: unknown tool funds: choose one of balance, "
       "coupon, channel\n"},
      {yaml, "{execute: channel}", "{execute: balance}",
       "templates.yaml:22:19: template internal_then_channel, execute: balance is inside: reserve and confirm it, or "
       "give to it\n"},
      {yaml, "{execute: channel}", "{execute: []}",
       "templates.yaml:22:10: template internal_then_channel, execute: names nothing: name a tool\n"},
      {yaml, "{execute: channel}", "{execute: [channel, coupon]}",
       "templates.yaml:22:29: template internal_then_channel, execute: at most one step leaves the platform: name one "
       "tool\n"
       "templates.yaml:22:29: template internal_then_channel, execute: coupon is inside: reserve and confirm it, or "
       "give to it\n"},
      {yaml, "{execute: channel}", "{execute: channel}\n      - {execute: channel}",
       "templates.yaml:23:10: template internal_then_channel: execute stands twice: at most one step leaves the "
       "platform\n"},
      {yaml, "- {reserve: [balance, coupon]}", "- {reserve: [balance]}\n      - {reserve: [coupon]}",
       "templates.yaml:14:10: template internal_only: reserve stands twice: name all in one step, they are parallel\n"},
      {yaml, "- {reserve: [balance, coupon]}\n      - {execute: channel}",
       "- {execute: channel}\n      - {reserve: [balance, coupon]}",
       "templates.yaml:22:10: template internal_then_channel: reserve stands behind execute: first reserve, then the "
       "one step outside (execute), then confirm, then give\n"},
      {yaml, "- {reserve: [funds]}\n      - {execute: channel}", "- {reserve: [channel]}\n      - {execute: channel}",
       "templates.yaml:32:20: template payout, reserve: channel leaves the platform: it can only be executed\n"},
  };
  check(rows);
}

TEST(template_problems, pairs) {
  const row rows[] = {
      {yaml, "      - {confirm: [balance, coupon]}\n    combine: [[balance, coupon]]",
       "      - {confirm: [balance]}\n    combine: [[balance, coupon]]",
       "templates.yaml:11:3: template internal_only: coupon is reserved and never confirmed: confirm it\n"},
      {yaml, "- {reserve: [balance, coupon]}", "- {reserve: [balance]}",
       "templates.yaml:11:3: template internal_only: coupon is confirmed and never reserved: reserve it\n"
       "templates.yaml:15:25: template internal_only, combine: no step has coupon: choose one of balance\n"
       "templates.yaml:16:21: template internal_only, rest: no step has coupon: choose one of balance\n"},
      {yaml, "      - {confirm: [funds]}\n    rest: [channel]", "    rest: [channel]",
       "templates.yaml:30:3: template payout: funds are reserved and never confirmed: confirm them\n"},
      {yaml, "- {reserve: [funds]}\n      - {confirm: [funds]}\n      - {give: [balance]}",
       "- {reserve: [funds, balance]}\n      - {confirm: [funds, balance]}\n      - {give: [balance]}",
       "templates.yaml:52:3: template refund_to_balance: balance is reserved and given: it pays, or it takes what goes "
       "back\n"
       "templates.yaml:52:3: template refund_to_balance: funds are all of the money: reserve nothing beside them\n"},
      {yaml, "      - {give: [balance]}\n    rest: [balance]", "    rest: [balance]",
       "templates.yaml:52:3: template refund_to_balance: what is reserved goes nowhere: execute a tool, or give to "
       "one\n"
       "templates.yaml:56:12: template refund_to_balance, rest: no step has balance: there is none to choose from\n"},
      {yaml, "- {reserve: [funds]}\n      - {confirm: [funds]}\n      - {give: [balance]}", "- {give: [balance]}",
       "templates.yaml:52:3: template refund_to_balance: gives what nobody reserved: reserve funds\n"},
      {yaml, "    steps:\n      - {reserve: [balance, coupon]}\n      - {confirm: [balance, coupon]}", "    steps: []",
       "templates.yaml:11:3: template internal_only: no steps: say at least what is executed or reserved\n"},
  };
  check(rows);
}

TEST(template_problems, rest_combine_and_endings) {
  const row rows[] = {
      {yaml, "rest: [balance, coupon]", "rest: [balance]",
       "templates.yaml:11:3: template internal_only, rest: coupon is missing: all tools of the steps stand there\n"},
      {yaml, "rest: [balance, coupon]", "rest: [balance, coupon, channel]",
       "templates.yaml:16:29: template internal_only, rest: no step has channel: choose one of balance, coupon\n"},
      {yaml, "rest: [channel, balance, coupon]", "rest: [balance, channel, coupon]",
       "templates.yaml:25:21: template internal_then_channel, rest: nobody can say how much channel pays: put it "
       "first\n"},
      {yaml, "combine: [[balance, coupon]]", "combine: [[balance]]",
       "templates.yaml:15:16: template internal_only, combine: one tool pays alone anyway: name two or more\n"},
      {yaml, "combine: [[balance, coupon]]", "combine: [[balance, cupon]]",
       "templates.yaml:15:25: template internal_only, combine: no step has cupon (did you mean coupon?)\n"},
      {yaml, "    on_unknown: stop\n", "",
       "templates.yaml:19:3: template internal_then_channel: a step leaves the platform: add `on_unknown: stop`\n"},
      {yaml, "    on_rejected: cancel_in_reverse\n", "",
       "templates.yaml:19:3: template internal_then_channel: a step leaves the platform: add `on_rejected: "
       "cancel_in_reverse`\n"},
      {yaml, "on_unknown: stop", "on_unknown: fail",
       "templates.yaml:27:17: template internal_then_channel, on_unknown: unknown fail: choose one of stop\n"},
      {yaml, "rest: [balance, coupon]\n", "rest: [balance, coupon]\n    on_unknown: stop\n",
       "templates.yaml:17:17: template internal_only, on_unknown: no step leaves the platform: remove it\n"},
  };
  check(rows);
}

TEST(template_problems, tools_of_the_map) {
  const row rows[] = {
      {map, "coupon: internal", "coupon: external",
       "business_map.yaml:52:7: product instant_sale, pay: a tool leaves the platform: name its "
       "`external_posting_rule`\n"
       "business_map.yaml:52:7: product instant_sale, pay: its tools leave the platform, but the payment machine "
       "transfer has no fact_only state for an unknown outcome: choose another payment product\n"},
      {map, "refund_to_balance]", "refund_to_balance, twice]",
       "business_map.yaml:19:96: no row uses the template twice: remove it\n"},
  };
  check(rows);
}

TEST(template_problems, a_tool_that_nobody_built) {
  support::edited_catalog files;
  files.replace("business_map.yaml", "  channel: external\n", "  channel: external\n  cheque: internal\n");
  files.replace("business_map.yaml",
                "tools: [balance], limits: retail, template: internal_only,\n         posting_rule: transfer",
                "tools: [balance, cheque], limits: retail, template: internal_only,\n         posting_rule: transfer");
  EXPECT_EQ(problems_of(files),
            "business_map.yaml: tools: no such tool is built in: cheque: choose one of balance, coupon, channel\n"
            "business_map.yaml:249:7: product transfer, pay: the template internal_only has no step for the tool "
            "cheque: name another template or other tools\n");
}

TEST(template_problems, rows_and_their_tools) {
  const row rows[] = {
      {map, "tools: [balance, coupon], limits: retail, template: internal_only",
       "tools: [balance, coupon], limits: retail, template: payout",
       "templates.yaml:11:3: template internal_only: no row with it has the tool coupon: remove its steps\n"},
      {map, "tools: [balance], limits: retail, template: refund_to_balance",
       "tools: [balance], limits: retail, template: refund_to_source",
       "business_map.yaml:92:7: product segmented_sale, refund: the template refund_to_source executes channel, which "
       "is not among the tools: add it, or name a template without it\n"},
      {map, "{payment_product: channel_pay, tools: [channel], limits: retail, template: internal_then_channel",
       "{payment_product: channel_pay, tools: [channel], limits: retail, template: internal_only",
       "business_map.yaml:212:7: product recharge, pay_in: the template internal_only has no step for the tool "
       "channel: name another template or other tools\n"},
      {map, "tools: [balance, coupon, channel], limits: retail, template: refund_to_source",
       "tools: [balance, channel], limits: retail, template: refund_to_source",
       "business_map.yaml:62:7: product instant_sale, refund: none of its tools needs a `coupon_posting_rule`: add the "
       "tool, or remove the rule\n"
       "business_map.yaml:62:7: product instant_sale, refund: orders are paid with coupon, and refunds go back to it: "
       "add it to the tools\n"},
      {map, ",\n         coupon_posting_rule: instant_sale_coupon}", "}",
       "business_map.yaml:52:7: product instant_sale, pay: with coupon other accounts are booked: name a "
       "`coupon_posting_rule`\n"},
      {map, "posts: [posted]}", "posts: [posted], coupon_posting_rule: transfer}",
       "business_map.yaml:248:7: product transfer, pay: none of its tools needs a `coupon_posting_rule`: add the tool, "
       "or remove the rule\n"},
      {map, "payment_product: wallet_pay, tools: [balance, coupon]",
       "payment_product: payout, tools: [balance, coupon]",
       "business_map.yaml:52:7: product instant_sale, pay: the payment machine withdraw does not end by `start` and "
       "`post`, and the money moves at once: choose another payment product\n"},
  };
  check(rows);
}

TEST(template_problems, rows_and_what_they_book) {
  const row rows[] = {
      {map, "{begin: reserved, success: paid, failure: unreserved}",
       "{begin: none, success: paid, failure: unreserved}",
       "business_map.yaml:57:7: product instant_sale, pay_in: the template internal_then_channel reserves balance, but "
       "external_posts books no `begin`: say which event reserves it\n"},
      {map, "{begin: reserved, success: paid, failure: unreserved}", "{begin: reserved, success: paid, failure: none}",
       "business_map.yaml:57:7: product instant_sale, pay_in: the template internal_then_channel cancels what it "
       "reserved, but external_posts books no `failure`: say which event does\n"},
      {map, "{begin: reserved, success: paid, failure: unreserved}",
       "{begin: reserved, success: none, failure: unreserved}",
       "business_map.yaml:57:7: product instant_sale, pay_in: the template internal_then_channel executes channel, but "
       "external_posts books no `success`: say which event books what came of it\n"},
      {map, "{begin: none, success: succeeded, failure: none}", "{begin: accepted, success: succeeded, failure: none}",
       "business_map.yaml:212:7: product recharge, pay_in: the template internal_then_channel reserves nothing of its "
       "tools, but external_posts books `begin`: it is none\n"},
      {map, "{begin: none, success: succeeded, failure: none}", "{begin: none, success: succeeded, failure: failed}",
       "business_map.yaml:212:7: product recharge, pay_in: the template internal_then_channel has nothing to cancel, "
       "but external_posts books `failure`: it is none\n"},
      {map, "{begin: none, success: succeeded, failure: none}",
       "{begin: none, success: succeeded, failure: none, late: late_succeeded}",
       "business_map.yaml:212:7: product recharge, pay_in: external_posts: `late` and `differs` are about money that "
       "nobody waits for: move them to paid_again\n"},
      {map, "{begin: accepted, success: succeeded, failure: failed, returned: returned}",
       "{begin: none, success: succeeded, failure: failed, returned: returned}",
       "business_map.yaml:237:7: product withdraw, pay: the template payout reserves funds, but external_posts books "
       "no `begin`: say which event reserves it\n"},
      {map, "payment_product: payout, tools: [channel], limits: payouts, template: payout",
       "payment_product: channel_pay, tools: [channel], limits: payouts, template: payout",
       "business_map.yaml:237:7: product withdraw, pay: the template payout reserves funds before anything is sent, "
       "and the payment machine recharge sends at once: change one of them\n"},
      {map, "payment_product: channel_pay, tools: [channel]", "payment_product: payout, tools: [channel]",
       "business_map.yaml:212:7: product recharge, pay_in: the payment machine withdraw holds money before it submits, "
       "and the template internal_then_channel does not reserve funds: change one of them\n"},
      {rules,
       "          - {debit: user_available, credit: payment_transit, amount: balance}\n"
       "          - {debit: user_coupon, credit: payment_transit, amount: coupon}\n",
       "          - {debit: user_coupon, credit: payment_transit, amount: coupon}\n"
       "          - {debit: user_available, credit: payment_transit, amount: balance}\n",
       "business_map.yaml:57:7: product instant_sale, pay_in: instant_sale_channel, reserved: the template "
       "internal_then_channel has another order: put its legs as balance, coupon\n"},
      {rules,
       "          - {debit: payment_transit, credit: user_coupon, amount: coupon}\n"
       "          - {debit: payment_transit, credit: user_available, amount: balance}\n",
       "          - {debit: payment_transit, credit: user_available, amount: balance}\n"
       "          - {debit: payment_transit, credit: user_coupon, amount: coupon}\n",
       "business_map.yaml:57:7: product instant_sale, pay_in: instant_sale_channel, unreserved: the template "
       "internal_then_channel cancels in reverse: put its legs as coupon, balance\n"},
      {yaml, "- {reserve: [balance, coupon]}\n      - {execute: channel}\n      - {confirm: [balance, coupon]}",
       "- {reserve: [coupon, balance]}\n      - {execute: channel}\n      - {confirm: [coupon, balance]}",
       "business_map.yaml:57:7: product instant_sale, pay_in: instant_sale_channel, reserved: the template "
       "internal_then_channel has another order: put its legs as coupon, balance\n"
       "business_map.yaml:57:7: product instant_sale, pay_in: instant_sale_channel, unreserved: the template "
       "internal_then_channel cancels in reverse: put its legs as balance, coupon\n"
       "business_map.yaml:57:7: product instant_sale, pay_in: instant_sale_channel, paid: the template "
       "internal_then_channel has another order: put its legs as external, coupon, balance\n"
       "business_map.yaml:136:7: product escrow_sale, pay_in: escrow_channel, reserved: the template "
       "internal_then_channel has another order: put its legs as coupon, balance\n"
       "business_map.yaml:136:7: product escrow_sale, pay_in: escrow_channel, unreserved: the template "
       "internal_then_channel cancels in reverse: put its legs as balance, coupon\n"
       "business_map.yaml:136:7: product escrow_sale, pay_in: escrow_channel, paid: the template internal_then_channel "
       "has another order: put its legs as external, coupon, balance\n"},
  };
  check(rows);
}

}  // namespace
}  // namespace payloom::test
