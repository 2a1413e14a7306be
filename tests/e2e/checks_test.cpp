// Goal: payments that wait for checks, against the real server: they go on, end, or are asked again after a kill -9,
// and whatever happens the money is in balance (domain.md 1.6). Method: a catalogue whose payments wait for checks that
// answer as each test says. What is waited for is an end, never a time.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include "protocol/types/check_records.hpp"
#include "protocol/types/u128_text.hpp"
#include "tests/e2e/rules_fixture.hpp"

namespace payloom::e2e {

using json = nlohmann::json;
using testing::HasSubstr;

class checks : public rules_fixture {
 protected:
  static constexpr std::uint16_t withdraw = 202;
  /// Payments inside and payouts wait for all three checks, so long.
  static support::edited_catalog asking(std::uint32_t version, const std::string& deadline_ms) {
    const std::string asks =
        "    checks: [risk_score, sanctions, member_service]\n    check_deadline_ms: " + deadline_ms + "\n";
    support::edited_catalog files;
    files.version(version)
        .replace("templates.yaml", "  internal_only:\n", "  internal_only:\n" + asks)
        .replace("templates.yaml", "  payout:\n", "  payout:\n" + asks);
    answer(files, 1, "answer_ms_max: 20");
    answer(files, 2, "answer_ms_max: 10");
    answer(files, 3, "answer_ms_max: 30");
    return files;
  }
  /// How a check of the shipped file answers from now on.
  static void answer(support::edited_catalog& files, int check, const std::string& how) {
    const std::string begin = "simulator: {seed: " + std::to_string(check);
    const std::string text = files("checks.yaml");
    const std::size_t from = text.find(begin), to = text.find('}', from);
    files.replace("checks.yaml", text.substr(from, to - from + 1), begin + ", " + how + "}");
  }
  bool waits(const order_event_row& last) const { return last.payment.call == channel_operation::check; }
  /// The order's newest event once its payment does not wait any more.
  order_event_row settled(client::blocking_connection& to, const order_record& of) {
    order_event_row newest{};
    for (int look = 0; look < 6000; ++look) {
      newest = last(to, of);
      if (newest.payment.due_at == 0) return newest;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "the payment of order " << lo64(of.business_id) << " is still on its way";
    return newest;
  }
  json stats_of_checks() const {
    const auto said = verb({"check", "list", "--json", "--payments", folder()});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return json::parse(said.out, nullptr, false);
  }
  std::string shown(const order_record& of) const {
    const auto said = verb({"order", "show", to_hex(of.id.value), "--payments", folder()});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return said.out;
  }
  order_record paying(client::blocking_connection& to, u128 amount, std::uint16_t product = instant_sale) {
    const order_record o = order(1, amount, product);
    EXPECT_EQ(create(to, o), "ok");
    const auto paid = send(to, frame_type::act_on_orders, std::vector{action(o, order_action::pay)}).front();
    EXPECT_EQ(name_of(paid.code), "ok");
    EXPECT_NE(paid.flags & result_flags::processing, 0);
    return o;
  }
  void open_all(client::blocking_connection& to, u128 funds) {
    open_chart(to, 1, funds);
    const std::vector<account_record> more = {chart_account("withdraw_transit")};
    for (const result_record& r : send(to, frame_type::create_accounts, more)) ASSERT_EQ(name_of(r.code), "ok");
  }
};

TEST_F(checks, payments_go_on_when_all_have_passed) {
  asking(1, "30000").write(folder());
  serve({"topology.order_shards=3"});
  auto to = connect();
  open_all(to, 100'000);
  const order_record sale = paying(to, 10'000);
  const order_event_row paid = settled(to, sale);
  EXPECT_EQ(lo64(paid.event.order.paid_minor), 10'000u);
  EXPECT_EQ(paid.payment.checks_passed, 7);
  EXPECT_EQ(balance(to, "merchant_pending", merchant), 10'000 - 165);
  const order_record out = paying(to, 20'000, withdraw);
  EXPECT_EQ(lo64(settled(to, out).event.order.paid_minor), 20'000u);
  EXPECT_EQ(balance(to, "withdraw_transit"), 0);
  const std::string text = shown(sale);
  EXPECT_THAT(text, HasSubstr("asks risk_score (core), sanctions (core), member_service (optional)"));
  EXPECT_THAT(text, HasSubstr("checks answered, paid_in_full: PAYING -> PAID"));
  EXPECT_THAT(text, testing::ContainsRegex("checks: risk_score passed after [0-9]+ ms, sanctions passed after"));
  const json all = stats_of_checks();
  ASSERT_EQ(all.size(), 3u) << all;
  for (const json& one : all) {
    EXPECT_EQ(one["asked"], 2);
    EXPECT_EQ(one["passed"], 2);
    EXPECT_EQ(one["in_flight"], 0);
    EXPECT_EQ(one["templates"].size(), 2u);
  }
  order_action_record forged = action(sale, order_action::check_fact);
  EXPECT_EQ(act(to, forged), "action_unknown");
  expect_verified();
}

TEST_F(checks, refusals_and_silence_end_them) {
  auto files = asking(1, "200");
  answer(files, 2, "refused: 1000");
  files.write(folder());
  serve();
  auto to = connect();
  open_all(to, 100'000);
  const order_record refused = paying(to, 10'000);
  const order_event_row ended = settled(to, refused);
  EXPECT_EQ(name_of(static_cast<result_code>(ended.payment.channel_code)), "check_refused");
  EXPECT_EQ(ended.payment.checks_refused, 2);
  EXPECT_THAT(shown(refused), HasSubstr("refused with check_refused"));

  auto silent = asking(2, "200");  // drivers keep their settings until the next start
  answer(silent, 2, "silent: 1000");
  silent.write(folder());
  ASSERT_EQ(server->drain(), 0);
  serve();
  auto again = connect();
  const order_record missed = paying(again, 10'000);
  EXPECT_EQ(name_of(static_cast<result_code>(settled(again, missed).payment.channel_code)), "check_missing");

  auto optional = asking(3, "200");
  answer(optional, 3, "silent: 1000");
  optional.write(folder());
  ASSERT_EQ(server->drain(), 0);
  serve();
  auto third = connect();
  const order_record degraded = paying(third, 10'000);
  const order_event_row paid = settled(third, degraded);
  EXPECT_EQ(lo64(paid.event.order.paid_minor), 10'000u);
  EXPECT_EQ(paid.payment.checks_missed, 4);
  EXPECT_EQ(balance(third, "user_available", 1), 90'000);
  expect_verified();
}

TEST_F(checks, what_accounts_refuse_afterwards_ends_them) {
  asking(1, "30000").write(folder());
  serve({"topology.order_shards=3"});
  auto to = connect();
  open_all(to, 5'000);
  const order_record poor = paying(to, 10'000);
  const order_event_row ended = settled(to, poor);
  EXPECT_EQ(name_of(static_cast<result_code>(ended.payment.channel_code)), "exceeds_credits");
  EXPECT_EQ(ended.payment.checks_passed, 7);
  EXPECT_EQ(ended.event.order.paid_minor, u128{0});
  EXPECT_EQ(act(to, action(poor, order_action::cancel)), "ok");
  EXPECT_EQ(balance(to, "user_available", 1), 5'000);
  expect_verified();
}

TEST_F(checks, are_asked_again_after_a_kill) {
  constexpr int orders = 61;
  auto files = asking(1, "60000");
  answer(files, 1, "answer_ms_min: 6000, answer_ms_max: 6500");
  files.write(folder());
  serve({"topology.order_shards=3"});
  std::vector<order_record> made;
  {
    auto to = connect();
    open_all(to, 1'000'000);
    std::vector<order_action_record> pays;
    for (int i = 0; i < orders; ++i) {
      made.push_back(order(1, 1'000));
      pays.push_back(action(made.back(), order_action::pay));
    }
    for (const result_record& r : send(to, frame_type::create_orders, made)) ASSERT_EQ(name_of(r.code), "ok");
    for (const result_record& r : send(to, frame_type::act_on_orders, pays)) ASSERT_EQ(name_of(r.code), "ok");
    EXPECT_TRUE(waits(last(to, made.front())));
    EXPECT_EQ(act(to, action(made.back(), order_action::cancel)), "ok");
    EXPECT_EQ(last(to, made.back()).payment.due_at, 0u);
    made.pop_back();
    server->kill_now();
  }
  serve({"topology.order_shards=2"});
  auto to = connect();
  for (const order_record& o : made) {
    const order_event_row paid = settled(to, o);
    EXPECT_EQ(lo64(paid.event.order.paid_minor), 1'000u);
    EXPECT_EQ(paid.payment.checks_passed, 7);
    EXPECT_EQ(timeline(to, o.id.value).size(), 3u) << "asking again is not journaled";
  }
  EXPECT_EQ(balance(to, "user_available", 1), 1'000'000 - (orders - 1) * 1'000);
  EXPECT_EQ(stats_of_checks()[0]["asked"], orders - 1);
  expect_verified();
}

}  // namespace payloom::e2e
