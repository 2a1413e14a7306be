// Goal: the first match by priority decides, kind by kind; watched rules change nothing and are counted rightly (PC-6).
// Method: rows, and random rules and questions against a naive reading of the same rules.
#include <random>

#include "tests/payments/rules_fixture.hpp"

namespace payloom::test {
namespace {

using namespace core::rules;

/// A payment of `amount` EUR cents by user 1 to merchant 7; start is a Monday, 14:13 UTC.
rule_question question(u128 amount, std::string_view product = "instant_sale") {
  rule_question q;
  q.product = catalogue().parts().map.find_product(product).value();
  q.facts = {amount, eur, merchant, user, catalogue().balance_tool(), start};
  q.order_minor = amount;
  q.order = 77;
  q.pays = true;
  return q;
}

std::string said(const core::catalog::payment_catalog& of, const rule_question& q) {
  const rule_answer a = judge(of.rules(), of.version(), q, nullptr);
  return a.refusal == result_code::ok ? "ok" : std::string(name_of(a.refusal)) + " " + std::to_string(a.refused_by.id);
}

TEST(rule_judge, conditions) {
  struct row {
    const char* when;
    bool holds;
  };
  const row rows[] = {
      {"{}", true},
      {"{ledger: EUR}", true},
      {"{ledger: USD}", false},
      {"{ledger: EUR, amount: {min: 1000, max: 1000}}", true},
      {"{ledger: EUR, amount: {min: 1001}}", false},
      {"{ledger: EUR, amount: {max: 999}}", false},
      {"{merchant: 7}", true},
      {"{merchant: 8}", false},
      {"{user: 1, merchant: 7}", true},
      {"{user: 2, merchant: 7}", false},
      {"{products: [escrow_sale, instant_sale]}", true},
      {"{products: [escrow_sale]}", false},
      {"{tools: [balance]}", true},
      {"{tools: [coupon, channel]}", false},
      {"{hours: \"14:13-14:14\"}", true},
      {"{hours: \"14:14-14:13\"}", false},
      {"{hours: \"22:00-14:14\"}", true},
      {"{hours: \"22:00-14:13\"}", false},
      {"{hours: \"00:00-24:00\"}", true},
      {"{weekdays: [mon]}", true},
      {"{weekdays: [tue, wed, thu, fri, sat, sun]}", false},
  };
  for (const row& r : rows) {
    const auto all = load_rules(
        {{"r", 3, 1, std::string("kind: risk, state: ACTIVE, when: ") + r.when + ", then: {decision: refuse}"}});
    ASSERT_NE(all, nullptr) << r.when;
    EXPECT_EQ(said(*all, question(1000)), r.holds ? "rule_refused 3" : "ok") << r.when;
  }
}

TEST(rule_judge, validity_and_states) {
  struct row {
    const char* rest;
    bool refuses;
  };
  const row rows[] = {
      {"state: ACTIVE, valid_from: 2026-09-21T14:13:20Z", true},
      {"state: ACTIVE, valid_from: 2026-09-22", false},
      {"state: ACTIVE, valid_to: 2026-09-21", false},
      {"state: ACTIVE, valid_to: 2026-09-22", true},
      {"state: SHADOW", false},
      {"state: DRAFT", false},
      {"state: RETIRED", false},
  };
  for (const row& r : rows) {
    const auto all = load_rules({{"r", 3, 1, std::string("kind: risk, then: {decision: refuse}, ") + r.rest}});
    EXPECT_EQ(said(*all, question(1000)), r.refuses ? "rule_refused 3" : "ok") << r.rest;
  }
}

TEST(rule_judge, the_first_match_decides_kind_by_kind) {
  const auto all = load_rules({
      {"friend", 1, 5, "kind: risk, state: ACTIVE, when: {user: 1}, then: {decision: allow}"},
      {"nobody", 2, 9, "kind: risk, state: ACTIVE, then: {decision: refuse}"},
      {"look", 3, 7, "kind: risk, state: ACTIVE, when: {user: 2}, then: {decision: review}"},
      {"small", 4, 1, "kind: limit, state: ACTIVE, when: {ledger: EUR}, then: {max: 1000}"},
      {"tools", 5, 1, "kind: tool_selection, state: ACTIVE, when: {user: 4}, then: {tools: [coupon]}"},
      {"cheap", 6, 1, "kind: fee, state: ACTIVE, when: {products: [instant_sale], user: 1}, then: {fee_plan: free}"},
  });
  rule_question q = question(1000);
  EXPECT_EQ(said(*all, q), "ok") << "a friend is asked about nothing further";
  q.facts.amount_minor = 1001;
  EXPECT_EQ(said(*all, q), "rule_refused 4");
  q.facts.user = 2;
  EXPECT_EQ(said(*all, q), "rule_refused 4") << "limit comes before risk";
  q.facts.amount_minor = 1000;
  EXPECT_EQ(said(*all, q), "rule_review 3");
  q.facts.user = 4;
  EXPECT_EQ(said(*all, q), "rule_refused 2") << "risk comes before tool_selection";
  q.pays = false;
  EXPECT_EQ(said(*all, q), "ok") << "no payment begins";

  rule_question fee = question(1000);
  fee.charges = true;
  fee.fee = &all->parts().fees.at(*all->parts().fees.find("merchant_standard"));
  const rule_answer a = judge(all->rules(), 1, fee, nullptr);
  EXPECT_EQ(a.fee->name, "free");
  EXPECT_EQ(a.rules[static_cast<std::size_t>(rule_kind::risk)].id, 1);
  EXPECT_EQ(a.rules[static_cast<std::size_t>(rule_kind::limit)].id, 4);
  EXPECT_EQ(a.rules[static_cast<std::size_t>(rule_kind::fee)].id, 6);
  EXPECT_EQ(a.rules[static_cast<std::size_t>(rule_kind::tool_selection)].id, 0);
  fee.facts.user = 3;
  EXPECT_EQ(judge(all->rules(), 1, fee, nullptr).fee, fee.fee) << "no rule: the business map's";
}

TEST(shadow_rules, change_nothing_and_are_counted) {
  const auto all = load_rules({
      {"cap", 1, 5, "kind: limit, state: ACTIVE, when: {ledger: EUR}, then: {max: 1000}"},
      {"tighter", 2, 3, "kind: limit, state: SHADOW, when: {ledger: EUR}, then: {max: 600}"},
      {"too_late", 3, 9, "kind: limit, state: SHADOW, when: {ledger: EUR}, then: {max: 1}"},
      {"fee", 4, 1, "kind: fee, state: SHADOW, when: {products: [instant_sale]}, then: {fee_plan: free}"},
  });
  shadow_log log;
  for (const unsigned amount : {500u, 700u, 900u, 1500u}) {
    rule_question q = question(amount);
    q.order = amount;
    q.charges = true;
    q.fee = &all->parts().fees.at(*all->parts().fees.find("merchant_standard"));
    const rule_answer a = judge(all->rules(), 1, q, &log);
    EXPECT_EQ(a.refusal == result_code::ok, amount <= 1000) << amount;
    EXPECT_EQ(a.fee, q.fee);
    EXPECT_EQ(a.rules[static_cast<std::size_t>(rule_kind::fee)].id, 0);
  }
  ASSERT_EQ(log.all().size(), 1u);
  ASSERT_EQ(log.all()[0].counts.size(), 3u);
  const auto counts_of = [&](std::uint16_t id) -> const shadow_counts& {
    for (std::size_t i = 0; i < 3; ++i)
      if (all->rules().watched_at(i).id == id) return log.all()[0].counts[i];
    ADD_FAILURE() << id;
    return log.all()[0].counts[0];
  };
  const shadow_counts& tighter = counts_of(2);
  EXPECT_EQ(tighter.evaluated, 4u);
  EXPECT_EQ(tighter.matched, 4u);
  EXPECT_EQ(tighter.otherwise, 2u) << "700 and 900 would be refused; 1500 is refused anyway";
  EXPECT_EQ(tighter.affected[0].ledger, eur);
  EXPECT_EQ(lo64(tighter.affected[0].minor), 1600u);
  EXPECT_EQ(lo64(tighter.orders[0]), 700u);
  EXPECT_EQ(lo64(tighter.orders[1]), 900u);
  EXPECT_EQ(counts_of(3).matched, 4u);
  EXPECT_EQ(counts_of(3).otherwise, 0u) << "another one is asked before it";
  EXPECT_EQ(counts_of(4).otherwise, 4u);
  // 25 + 1.4 %: 32, 35 (34.8), 38 (37.6), 46.
  EXPECT_EQ(lo64(counts_of(4).affected[0].minor), 32u + 35u + 38u + 46u);
}

TEST(shadow_rules, drafts_on_request_and_rings_are_bounded) {
  const std::vector<rule_text> rules = {{"d", 1, 5, "kind: risk, state: DRAFT, then: {decision: refuse}"}};
  EXPECT_EQ(load_rules(rules)->rules().watched(), 0u);
  const auto loaded = load(with_rules(rules).replace("rules.yaml", "\nrules:", "\nwatch_drafts: true\nrules:"));
  ASSERT_NE(loaded.value, nullptr);
  ASSERT_EQ(loaded.value->rules().watched(), 1u);
  shadow_log log;
  const std::size_t size = limits::shadow_samples_max;
  for (std::size_t i = 0; i < 3 * size + 1; ++i) {
    rule_question q = question(100);
    q.order = i;
    q.facts.ledger = static_cast<ledger_id>(i % (limits::shadow_ledgers_max + 2) + 1);
    EXPECT_EQ(judge(loaded.value->rules(), 1, q, &log).refusal, result_code::ok);
  }
  const shadow_counts& n = log.all()[0].counts[0];
  EXPECT_EQ(n.otherwise, 3 * size + 1);
  EXPECT_EQ(lo64(n.orders[0]), 3 * size) << "the newest replaces the oldest";
  EXPECT_EQ(lo64(n.orders[1]), 2 * size + 1);
  u128 all = n.other_money;
  for (const auto& m : n.affected) all += m.minor;
  EXPECT_EQ(lo64(all), 100 * (3 * size + 1));
  EXPECT_NE(lo64(n.other_money), 0u);
}

/// The rules as a list, read one by one.
TEST(rule_judge, random_rules_against_a_naive_reading) {
  std::mt19937_64 random(20261123);
  for (int round = 0; round < 60; ++round) {
    struct naive_rule {
      int id, priority;
      unsigned user, merchant, min, max;
      bool active;
      int decision;  // 0 allow, 1 refuse, 2 review
    };
    std::vector<naive_rule> naive;
    std::vector<rule_text> texts;
    for (int i = 0; i < 1 + static_cast<int>(random() % 8); ++i) {
      naive_rule r{i + 1,
                   static_cast<int>(random() % 4),
                   static_cast<unsigned>(random() % 3),
                   static_cast<unsigned>(random() % 3),
                   static_cast<unsigned>(random() % 50),
                   static_cast<unsigned>(50 + random() % 50),
                   random() % 3 != 0,
                   static_cast<int>(random() % 3)};
      naive.push_back(r);
      const char* decisions[] = {"allow", "refuse", "review"};
      std::string when =
          "ledger: EUR, amount: {min: " + std::to_string(r.min) + ", max: " + std::to_string(r.max) + "}";
      if (r.user != 0) when += ", user: " + std::to_string(r.user);
      if (r.merchant != 0) when += ", merchant: " + std::to_string(r.merchant);
      texts.push_back({"r" + std::to_string(r.id), r.id, r.priority,
                       std::string("kind: risk, state: ") + (r.active ? "ACTIVE" : "SHADOW") + ", when: {" + when +
                           "}, then: {decision: " + decisions[r.decision] + "}"});
    }
    const auto all = load_rules(texts);
    ASSERT_NE(all, nullptr);
    shadow_log log;
    std::map<int, std::uint64_t> otherwise;
    for (int asked = 0; asked < 200; ++asked) {
      rule_question q = question(random() % 100);
      q.facts.user = 1 + random() % 2;
      q.facts.merchant = 1 + random() % 2;
      const auto matches = [&](const naive_rule& r) {
        return (r.user == 0 || r.user == q.facts.user) && (r.merchant == 0 || r.merchant == q.facts.merchant) &&
               q.facts.amount_minor >= r.min && q.facts.amount_minor <= r.max;
      };
      const auto first = [&](const naive_rule* with) {
        const naive_rule* best = nullptr;
        for (const naive_rule& r : naive) {
          if ((!r.active && &r != with) || !matches(r)) continue;
          if (best == nullptr || std::pair(r.priority, r.id) < std::pair(best->priority, best->id)) best = &r;
        }
        return best == nullptr ? 0 : best->decision;
      };
      constexpr result_code codes[] = {result_code::ok, result_code::rule_refused, result_code::rule_review};
      ASSERT_EQ(judge(all->rules(), 1, q, &log).refusal, codes[first(nullptr)]) << "round " << round;
      for (const naive_rule& r : naive)
        if (!r.active && first(&r) != first(nullptr)) ++otherwise[r.id];
    }
    for (std::size_t i = 0; i < all->rules().watched(); ++i) {
      const std::uint64_t counted = log.all().empty() ? 0 : log.all()[0].counts[i].otherwise;
      ASSERT_EQ(counted, otherwise[all->rules().watched_at(i).id]) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace payloom::test
