// Goal: every kind of mistake in the catalogue's files is reported with its place, all at once (PC-2). Method: small
// files with one mistake each, problems compared whole.
#include <gtest/gtest.h>

#include "config/catalog/posting_catalog.hpp"

namespace payloom::config {
namespace {

const posting_texts small = {R"(version: 1
roles:
  user: {code: 1, side: credit, scope: user, limited: true}
  shop: {code: 2, side: credit, scope: merchant}
  transit: {code: 3, side: credit, scope: platform, returns_to_zero: true}
  income: {code: 4, side: credit, scope: platform}
)",
                             R"(version: 1
plans:
  f: {bearer: payee, rounding: half_up, refund: keep, currencies: {EUR: {fixed_minor: 1}}}
)",
                             R"(version: 1
plans:
  s: {of: net, receivers: [{name: a, rate_millionths: 10}, {name: b, rate_millionths: 20}]}
)",
                             R"(version: 1
amounts: [cost]
forms: {sale: {events: [paid, sent], flows: [[paid, sent]]}}
rules:
  r: {form: sale, events: {paid: none, sent: none}}
)"};

std::string problems_of(const posting_texts& texts) {
  static const ledger_directory ledgers;
  std::string out;
  for (const problem& p : read_posting_catalog(texts, ledgers).problems) out += to_string(p) + "\n";
  return out;
}

std::string with_file(std::size_t number, const std::string& text) {
  posting_texts texts = small;
  texts[number] = text;
  return problems_of(texts);
}

std::string chart_with(const std::string& roles) { return with_file(0, small[0] + roles); }
std::string fees_with(const std::string& plan) { return with_file(1, "version: 1\nplans:\n" + plan); }
std::string splits_with(const std::string& plan) { return with_file(2, "version: 1\nplans:\n" + plan); }

// A rule whose event `paid` (line 6) stands in a form without flows or with one.
std::string paid(const std::string& event, const std::string& more = "", const std::string& flows = "[[paid, sent]]") {
  return with_file(3, "version: 1\namounts: [cost]\nforms: {sale: {events: [paid, sent], flows: " + flows +
                          "}}\nrules:\n  r: {" + more + "form: sale, events: {\n    paid: " + event +
                          ",\n    sent: none}}\n");
}

TEST(posting_errors, none_in_the_small_files) { EXPECT_EQ(problems_of(small), ""); }

TEST(posting_errors, files_as_a_whole) {
  EXPECT_EQ(with_file(1, ""), "fees.yaml: the file is empty: definitions are expected\n");
  EXPECT_EQ(with_file(1, "version: 2\nplans: {}\n"),
            "fees.yaml:1:10: fees.yaml: version: 2 here, but 1 in the files before: give all files of a catalogue the "
            "same\n");
  EXPECT_EQ(with_file(2, "plans: {}\nplan: {}\n"),
            "splits.yaml:1:1: splits.yaml: `version` is missing: add it\n"
            "splits.yaml:2:1: splits.yaml: unknown key `plan` (did you mean plans?)\n");
  EXPECT_EQ(with_file(0, "version: 1\n"), "chart.yaml:1:1: chart.yaml: `roles` is missing: add it\n")
      << "what a missing chart means for the rules is not told as well";
  static const ledger_directory ledgers;
  EXPECT_EQ(load_posting_catalog("no/such/folder", ledgers).problems.size(), 4u);
}

TEST(posting_errors, mistakes_of_all_files_are_told_at_once) {
  posting_texts texts = small;
  texts[0] += "  more: {code: 0, side: up, scope: all}\n";
  texts[2] += "  t: {of: net, receivers: []}\n";
  texts[3] += "  r: none\n";
  EXPECT_EQ(problems_of(texts),
            "chart.yaml:7:16: role more: code: 0 is out of bounds: 1 .. 65535\n"
            "chart.yaml:7:25: role more: side: `up` is unknown: choose one of debit, credit\n"
            "chart.yaml:7:36: role more: scope: `all` is unknown: choose one of platform, merchant, user, channel\n"
            "splits.yaml:4:3: split plan t: no receiver: add one below `receivers`\n"
            "posting_rules.yaml:6:3: rules: r stands twice: remove one\n");
}

TEST(posting_errors, chart) {
  EXPECT_EQ(chart_with("  more: {code: 2, side: debit, scope: channel}\n"),
            "chart.yaml:7:3: role more: code 2 belongs to shop already, and the accounts of both would have the same "
            "ids: give it another one\n");
  EXPECT_EQ(chart_with("  more: {code: 5, side: debit, scope: user, hot: true}\n"),
            "chart.yaml:7:3: role more: accounts of single users are never hot, the hot-account shards would carry all "
            "of them: remove `hot`\n");
  EXPECT_EQ(chart_with("  more: {code: 65536, side: debit, scope: user, hto: true}\n"),
            "chart.yaml:7:16: role more: code: 65536 is out of bounds: 1 .. 65535\n"
            "chart.yaml:7:49: role more: unknown key `hto` (did you mean hot?)\n");
}

TEST(posting_errors, fees) {
  const std::string head = "  p: {bearer: payee, rounding: half_up, refund: keep, ";
  EXPECT_EQ(fees_with(head + "currencies: {}}\n"),
            "fees.yaml:3:3: fee plan p: no currency: add one below `currencies`\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUX: {}}}\n"),
            "fees.yaml:3:68: fee plan p: unknown currency EUX: write an ISO code like EUR, or the name of a configured "
            "ledger\n");
  EXPECT_EQ(fees_with(head + "above_gross: allow, currencies: {EUR: {}}}\n"),
            "fees.yaml:3:3: fee plan p: a fee above the amount cannot come out of the amount: say `above_gross: cut`, "
            "or let the payer bear it\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUR: {floor_minor: 3, cap_minor: 2}}}\n"),
            "fees.yaml:3:68: fee plan p, ledger 978: the floor 3 is above the cap 2: swap or change them\n");
  EXPECT_EQ(
      fees_with(head + "currencies: {EUR: {rate_millionths: 1000001, fixed_minor: -1}}}\n"),
      "fees.yaml:3:91: fee plan p, EUR: rate_millionths: 1000001 is out of bounds: 0 .. 1000000\n"
      "fees.yaml:3:113: fee plan p, EUR: fixed_minor: `-1` is no amount: minor units are written as digits only\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUR: {tiers: []}}}\n"),
            "fees.yaml:3:68: fee plan p, ledger 978: no tier: write fixed_minor and rate_millionths, or tiers\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUR: {fixed_minor: 1, tiers: [{}]}}}\n"),
            "fees.yaml:3:97: fee plan p, EUR: tiers: fixed_minor and rate_millionths belong into the tiers: move them "
            "there\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUR: {tiers: [{up_to_minor: 5}, {up_to_minor: 5}, {up_to_minor: 9}]}}}\n"),
            "fees.yaml:3:68: fee plan p, ledger 978: tier 2: ends at 5, not above the tier before it: put the tiers in "
            "ascending order\n"
            "fees.yaml:3:68: fee plan p, ledger 978: tier 3: the last tier must have no end: remove its up_to_minor\n");
  EXPECT_EQ(fees_with(head + "currencies: {EUR: {tiers: [{}, {}]}}}\n"),
            "fees.yaml:3:68: fee plan p, ledger 978: tier 1: has no end, so the next tier is never reached: add "
            "up_to_minor\n");
  EXPECT_EQ(fees_with("  p: {bearer: buyer, rounding: half, currencies: {EUR: {}}}\n"),
            "fees.yaml:3:6: fee plan p: `refund` is missing: add it\n"
            "fees.yaml:3:15: fee plan p: bearer: `buyer` is unknown: choose one of payer, payee\n"
            "fees.yaml:3:32: fee plan p: rounding: `half` is unknown: choose one of half_up, half_even, down, up\n");
}

TEST(posting_errors, splits) {
  EXPECT_EQ(splits_with("  s: {of: all, receivers: [{name: a}]}\n"),
            "splits.yaml:3:11: split plan s: of: `all` is unknown: choose one of gross, net\n");
  EXPECT_EQ(
      splits_with("  s: {of: net, receivers: [{name: a}]}\n"),
      "splits.yaml:3:28: split plan s, receiver a: gets nothing: give it fixed_minor, rate_millionths or remainder\n");
  EXPECT_EQ(
      splits_with("  s: {of: net, receivers: [{name: a, remainder: true}, {name: a, rate_millionths: 1}]}\n"),
      "splits.yaml:3:28: split plan s, receiver a: the remainder is what the others leave: put this receiver last\n"
      "splits.yaml:3:56: split plan s, receiver a: stands twice: give one of the two another name\n");
  EXPECT_EQ(splits_with("  s: {of: net, receivers: [{name: a, remainder: true, fixed_minor: 1}]}\n"),
            "splits.yaml:3:3: split plan s: fixed amounts are in one currency: add `ledger`\n"
            "splits.yaml:3:28: split plan s, receiver a: takes the remainder: remove its amount and rate\n");
  EXPECT_EQ(
      splits_with(
          "  s: {of: net, receivers: [{name: a, rate_millionths: 600000}, {name: b, rate_millionths: 500000}]}\n"),
      "splits.yaml:3:3: split plan s: the rates add up to 1100000 millionths, more than the whole: lower them\n");
  EXPECT_EQ(
      splits_with(
          "  s: {of: net, receivers: [{name: a, rate_millionths: 600000}, {name: b, rate_millionths: 400000}]}\n"),
      "splits.yaml:3:3: split plan s: the rates are the whole, and nobody takes what rounding leaves: give the last "
      "receiver `remainder: true` instead of its rate\n");
  EXPECT_EQ(splits_with("  s: {of: net, ledger: EUX, receivers: [{name: a, remainder: true}]}\n"),
            "splits.yaml:3:24: split plan s: ledger: unknown currency EUX: write an ISO code like EUR, or the name of "
            "a configured ledger\n");
  std::string nine;
  for (int i = 0; i < 9; ++i)
    nine.append(i == 0 ? "{name: r" : ", {name: r").append(std::to_string(i)).append(", rate_millionths: 1}");
  EXPECT_EQ(splits_with("  s: {of: net, receivers: [" + nine + "]}\n"),
            "splits.yaml:3:27: split plan s: receivers: 9 entries are more than the 8 allowed\n");
}

TEST(posting_errors, names_in_rules) {
  EXPECT_EQ(paid("[{debit: usr, credit: shop, amount: gross}]"),
            "posting_rules.yaml:6:20: rule r, paid: leg 1: debit: the chart has no role usr (did you mean user?)\n");
  EXPECT_EQ(paid("[{debit: user@byer, credit: shop, amount: gros}]"),
            "posting_rules.yaml:6:20: rule r, paid: leg 1: debit: unknown party byer: choose one of platform, "
            "merchant, user, counterparty, channel, receiver\n"
            "posting_rules.yaml:6:53: rule r, paid: leg 1: amount: unknown amount `gros` (did you mean gross?)\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: 'split:a'}]"),
            "posting_rules.yaml:6:48: rule r, paid: leg 1: amount: split:a names a part, so the rule needs its "
            "`split_plan`\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop@receiver, amount: 'split:c'}]", "split_plan: s, "),
            "posting_rules.yaml:6:57: rule r, paid: leg 1: amount: split plan s has no receiver c (did you mean a?)\n");
  EXPECT_EQ(paid("none", "split_plan: ss, "),
            "posting_rules.yaml:5:19: rule r: unknown split plan ss (did you mean s?)\n");
  EXPECT_EQ(
      paid("[{debit: user, credit: shop, amount: gross, when: later}]"),
      "posting_rules.yaml:6:61: rule r, paid: leg 1: when: `later` is unknown: choose one of real_time, deferred\n");
  EXPECT_EQ(
      paid("nothing"),
      "posting_rules.yaml:6:5: rule r, paid: `none`, a list of legs, or {total: [...], legs: [...]} is expected\n");
  EXPECT_EQ(paid("[]"), "posting_rules.yaml:6:11: rule r, paid: no legs: write `none` when nothing moves\n");
  EXPECT_EQ(paid("{total: [remainder], legs: [{debit: user, credit: shop, amount: gross}]}"),
            "posting_rules.yaml:6:20: rule r, paid: total: the remainder is what is left of the total: name what the "
            "total is\n");
}

TEST(posting_errors, forms_and_events) {
  EXPECT_EQ(with_file(3,
                      "version: 1\namounts: [net]\nforms: {sale: {events: [paid], flows: [[payed]]}}\nrules:\n"
                      "  r: {form: sale, events: {paid: none, sent: none}}\n  q: {form: sail, events: {}}\n"),
            "posting_rules.yaml:2:11: amounts: net means something in every rule: choose another name\n"
            "posting_rules.yaml:3:41: form sale: flow: unknown event payed: choose one of paid\n"
            "posting_rules.yaml:5:40: rule r: form sale has no event sent: choose one of paid\n"
            "posting_rules.yaml:6:13: rule q: unknown form sail: choose one of sale\n");
  EXPECT_EQ(
      with_file(3,
                "version: 1\nforms: {sale: {events: [paid, sent]}}\nrules:\n  r: {form: sale, events: {paid: none}}\n"),
      "posting_rules.yaml:4:3: rule r: nothing is said about sent: give it legs, or `none` when nothing moves\n");
}

TEST(posting_errors, sums_that_do_not_add_up) {
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: net}]"),
            "posting_rules.yaml:6:5: rule r, paid: the legs take gross - fee from their sources, but the total is "
            "gross: correct an amount, or say another `total`\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: gross}, {debit: user, credit: income, amount: fee}]"),
            "posting_rules.yaml:6:5: rule r, paid: the legs take gross + fee from their sources, but the total is "
            "gross: correct an amount, or say another `total`\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: gross}, {debit: user, credit: income, amount: cost}, {debit: "
                 "user, credit: income, amount: cost}]"),
            "posting_rules.yaml:6:5: rule r, paid: the legs take gross + 2 cost from their sources, but the total is "
            "gross: correct an amount, or say another `total`\n");
  EXPECT_EQ(paid("{total: [gross, fee], legs: [{debit: user, credit: shop, amount: gross}]}"),
            "posting_rules.yaml:6:5: rule r, paid: the legs take gross from their sources, but the total is gross + "
            "fee: correct an amount, or say another `total`\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop@receiver, amount: 'split:a'}, {debit: user, credit: shop@receiver, "
                 "amount: 'split:b'}]",
                 "split_plan: s, "),
            "posting_rules.yaml:6:5: rule r, paid: the legs take split 1 + split 2 from their sources, but the total "
            "is gross: correct an amount, or say another `total`\n");
  EXPECT_EQ(
      paid("[{debit: user, credit: shop, amount: gross}, {debit: shop, credit: user, amount: gross}]"),
      "posting_rules.yaml:6:5: rule r, paid: the legs go in a circle: at least one account must be debited only\n");
}

TEST(posting_errors, transit_that_does_not_return_to_zero) {
  EXPECT_EQ(paid("[{debit: user, credit: transit, amount: gross}]"),
            "posting_rules.yaml:5:3: rule r: after paid, sent transit still has gross: it must return to zero, so add "
            "the leg that takes it out\n");
  EXPECT_EQ(paid("[{debit: user, credit: transit, amount: gross}, {debit: transit, credit: shop, amount: net}]"),
            "posting_rules.yaml:5:3: rule r: after paid, sent transit still has fee: it must return to zero, so add "
            "the leg that takes it out\n");
  EXPECT_EQ(paid("[{debit: transit, credit: shop, amount: gross}]"),
            "posting_rules.yaml:5:3: rule r: after paid, sent transit still has -gross: it must return to zero, so add "
            "the leg that takes it out\n");
  EXPECT_EQ(paid("[{debit: user, credit: transit, amount: gross}]", "", "[]"),
            "posting_rules.yaml:6:5: rule r, paid: moves transit, but is in no flow of form sale: add a flow that ends "
            "at zero\n");
}

TEST(posting_errors, legs_that_cannot_be) {
  EXPECT_EQ(paid("[{debit: user@merchant, credit: shop, amount: gross}]"),
            "posting_rules.yaml:6:12: rule r, paid: user: no such party has this account: name one after an @ that "
            "fits its scope\n");
  EXPECT_EQ(paid("[{debit: user, credit: user, amount: gross}]"),
            "posting_rules.yaml:6:5: rule r, paid: the legs go in a circle: at least one account must be debited only\n"
            "posting_rules.yaml:6:12: rule r, paid: user to itself moves nothing: remove the leg\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: gross, when: deferred}]"),
            "posting_rules.yaml:6:12: rule r, paid: user: a deferred leg must take from a transit role "
            "(returns_to_zero), which a leg in real time has filled\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop@receiver, amount: gross}]"),
            "posting_rules.yaml:6:12: rule r, paid: shop@receiver: only `splits` and `split:NAME` say which receiver "
            "is meant\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop, amount: remainder}, {debit: user, credit: income, amount: fee}]"),
            "posting_rules.yaml:6:12: rule r, paid: the remainder is what the other legs leave: one leg at most, and "
            "the last one\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop@receiver, amount: splits}, {debit: user, credit: income, amount: "
                 "'split:a'}, {debit: user, credit: shop, amount: remainder}]",
                 "split_plan: s, "),
            "posting_rules.yaml:6:5: rule r, paid: `splits` holds all parts already: use it alone, or every part by "
            "its name\n");
  EXPECT_EQ(paid("[{debit: user, credit: shop@receiver, amount: splits}, {debit: user, credit: shop@receiver, amount: "
                 "splits}, {debit: user, credit: shop, amount: remainder}]"),
            "posting_rules.yaml:6:5: rule r, paid: up to 17 legs, at most 16 (every receiver of a split counts)\n");
}

}  // namespace
}  // namespace payloom::config
