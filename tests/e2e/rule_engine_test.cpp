// Goal: rules decide about live payments, stand in the events, and those without effect are reported (PC-6). Method:
// the real server on a folder that the test edits.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "protocol/types/u128_text.hpp"
#include "tests/e2e/rules_fixture.hpp"

namespace payloom::e2e {

using json = nlohmann::json;
using testing::HasSubstr;

class rule_engine : public rules_fixture {
 protected:
  /// Version `number` with these rules, one a line.
  void write_rules(std::uint32_t number, const std::vector<std::string>& rules) const {
    std::string text = "\nrules:\n";
    for (const std::string& r : rules) text += "  " + r + "\n";
    with_rate(number, "14000").replace("rules.yaml", "\nrules: {}\n", text).write(folder());
  }
  result_record send_order(client::blocking_connection& to, const order_record& r) {
    return send(to, frame_type::create_orders, std::vector{r}).front();
  }
};

constexpr const char* cap =
    "cap: {id: 7, version: 2, kind: limit, priority: 1, state: ACTIVE, when: {ledger: EUR, merchant: 7}, then: {max: "
    "5000}}";
constexpr const char* free_small =
    "free_small: {id: 9, version: 1, kind: fee, priority: 1, state: ACTIVE, "
    "when: {ledger: EUR, amount: {max: 1000}, products: [instant_sale]}, then: {fee_plan: free}}";
constexpr const char* look =
    "look: {id: 8, version: 1, kind: risk, priority: 1, state: ACTIVE, when: {user: 2}, then: {decision: review}}";

TEST_F(rule_engine, rules_decide_and_stand_in_the_events) {
  write_rules(1, {cap, free_small, look});
  serve();
  auto to = connect();
  open_chart(to, 2, 1'000'000);
  const order_record small = order(1, 1'000, instant_sale, order_flags::pay_now);
  ASSERT_EQ(create(to, small), "ok");
  const order_event paid = last(to, small).event;
  EXPECT_EQ(lo64(paid.fee_minor), 0u);
  EXPECT_EQ(paid.fee_rule, (order_rule{9, 1}));
  EXPECT_EQ(paid.limit_rule, (order_rule{7, 2}));
  EXPECT_EQ(paid.risk_rule, order_rule{});
  EXPECT_THAT(verb({"order", "show", to_hex(small.id.value)}).out, HasSubstr("fee rule 9 (version 1)"));

  const result_record above = send_order(to, order(1, 5'001, instant_sale, order_flags::pay_now));
  EXPECT_EQ(name_of(above.code), "rule_refused");
  EXPECT_EQ(above.rule, 7u);
  EXPECT_EQ(above.rule_version, 2u);
  const order_record large = order(1, 6'000);
  ASSERT_EQ(create(to, large), "ok") << "an order is no payment";
  const order_action_record pay = action(large, order_action::pay);
  EXPECT_EQ(act(to, pay), "rule_refused");
  EXPECT_EQ(act(to, pay), "rule_refused") << "remembered";
  EXPECT_EQ(name_of(send_order(to, order(2, 500, instant_sale, order_flags::pay_now)).code), "rule_review");

  // The next version lifts the limit: not for the order that began before.
  write_rules(2, {std::string(cap).replace(std::string(cap).find("ACTIVE"), 6, "RETIRED"), free_small, look});
  ASSERT_EQ(verb({"rules", "reload"}).exit_code, 0) << verb({"rules", "reload"}).out;
  EXPECT_EQ(act(to, action(large, order_action::pay)), "rule_refused");
  EXPECT_EQ(create(to, order(1, 6'000, instant_sale, order_flags::pay_now)), "ok");
  const json stats = json::parse(verb({"stats", "--interval", "0", "--json"}).out, nullptr, false);
  EXPECT_EQ(stats["refusals"].value("rule_refused", 0), 2)
      << "of payments; a creation is refused whole: " << stats["refusals"];
  expect_verified();
}

TEST_F(rule_engine, what_shadow_rules_would_have_done) {
  const auto shadow = [](std::string rule) { return rule.replace(rule.find("ACTIVE"), 6, "SHADOW"); };
  write_rules(1, {shadow(cap), shadow(free_small)});
  serve({"topology.order_shards=3"});
  auto to = connect();
  open_chart(to, 1, 10'000'000);
  std::vector<order_record> orders;
  for (int i = 0; i < 40; ++i) orders.push_back(order(1, i < 10 ? 6'000 : 1'000, instant_sale, order_flags::pay_now));
  for (const result_record& r : send(to, frame_type::create_orders, orders)) ASSERT_EQ(name_of(r.code), "ok");
  EXPECT_EQ(lo64(last(to, orders[39]).event.fee_minor), 39u) << "no effect";
  EXPECT_EQ(last(to, orders[39]).event.fee_rule, order_rule{});

  const auto said = verb({"rules", "diff", "--json"});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  const json rows = json::parse(said.out, nullptr, false)["rules"];
  ASSERT_EQ(rows.size(), 2u) << said.out;
  const json& limit = rows[0]["id"] == 7 ? rows[0] : rows[1];
  const json& fee = rows[0]["id"] == 7 ? rows[1] : rows[0];
  EXPECT_EQ(limit["evaluated"], 40);
  EXPECT_EQ(limit["matched"], 40);
  EXPECT_EQ(limit["otherwise"], 10);
  EXPECT_EQ(limit["money"][0]["ledger"], 978);
  EXPECT_EQ(limit["money"][0]["minor"], "60000");
  EXPECT_EQ(limit["orders"].size(), 10u);
  for (const json& id : limit["orders"]) {
    const bool known = std::ranges::any_of(orders.begin(), orders.begin() + 10, [&](const order_record& o) {
      return to_hex(o.id.value) == id.get<std::string>();
    });
    EXPECT_TRUE(known) << id;
  }
  EXPECT_EQ(fee["otherwise"], 30);
  EXPECT_EQ(fee["money"][0]["minor"], std::to_string(30 * 39));
  const auto one = verb({"rules", "diff", "cap"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_THAT(one.out, HasSubstr("600.00 EUR"));
  EXPECT_THAT(one.out, HasSubstr(limit["orders"][0].get<std::string>()));
  EXPECT_EQ(verb({"rules", "diff", "nobody"}).exit_code, 1);
  EXPECT_THAT(verb({"rules", "list"}).out, HasSubstr("free_small"));
}

TEST_F(rule_engine, wrong_rules_are_refused_whole) {
  write_rules(1, {cap});
  serve();
  write_rules(2, {"cap: {id: 7, version: 2, kind: limit, priority: 1, state: ACTIVE, then: {max: 9000}}",
                  "new: {id: 8, version: 1, kind: fee, priority: 1, state: ACTIVE, then: {fee_plan: fre}}"});
  const auto said = verb({"rules", "reload"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.out, HasSubstr("rule cap says something else than before: raise its `version`"));
  EXPECT_THAT(said.out, HasSubstr("unknown fee plan fre (did you mean free?)"));
  EXPECT_EQ(json::parse(verb({"rules", "list", "--json"}).out, nullptr, false)["active"], 1);
}

}  // namespace payloom::e2e
