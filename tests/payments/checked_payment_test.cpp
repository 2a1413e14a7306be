// Goal: a payment whose template has checks waits, with nothing reserved or sent, and then goes on exactly as its
// command would have, or ends with the checks' code (domain.md 1.6). Method: the same payment with and without checks,
// all balances compared; a row for each rule of RULES.md "Checks", in the order in which they are looked at.
#include "actors/core/checks/check_call.hpp"
#include "tests/payments/payments_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::test {
namespace {

using enum order_action;
using channel_outcome::rejected, channel_outcome::success;

constexpr std::uint16_t balance_bit = 1, coupon_bit = 2, channel_bit = 4;
constexpr std::uint8_t risk = 1, sanctions = 2, member = 4, all_checks = 7;

/// Every payment waits for checks: risk_score and sanctions must answer, member_service may.
const core::catalog::payment_catalog& checked_catalogue() {
  static const auto loaded = [] {
    const std::string checks = "    checks: [risk_score, sanctions, member_service]\n    check_deadline_ms: 300\n";
    support::edited_catalog files;
    for (const char* name : {"internal_only", "internal_then_channel", "payout"})
      files.replace("templates.yaml", std::string("  ") + name + ":\n", std::string("  ") + name + ":\n" + checks);
    return config::read_payment_catalog(files, config::ledger_directory{});
  }();
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  return *loaded.value;
}

class checked_life : public life {
 public:
  checked_life() : life(checked_catalogue()) {}

  result_code say(std::uint8_t passed, std::uint8_t refused = 0, std::uint8_t missed = 0,
                  result_code code = result_code::ok, u128 of_payment = 0) {
    check_fact_record f{};
    f.id.value = 7000 + seq;
    f.order = row.id;
    f.payment = of_payment != 0 ? of_payment : payment->payment;
    f.action = order_action::check_fact;
    f.passed = passed;
    f.refused = refused;
    f.missed = missed;
    f.code = code;
    order_action_record r;
    std::memcpy(static_cast<void*>(&r), &f, sizeof r);
    return act(r);
  }
  result_code why() const { return static_cast<result_code>(payment->channel_code); }
};

constexpr const char* roles[] = {"payment_transit", "withdraw_transit", "refund_transit",
                                 "escrow",          "suspense_long",    "fee_income"};
constexpr const char* owned[] = {"user_available", "user_coupon", "user_frozen"};

void expect_nothing_moved(const life& o) {
  for (const char* role : roles) EXPECT_EQ(o.balance(role), 0) << role;
  for (const char* role : owned) EXPECT_EQ(o.balance(role, user), 0) << role;
  EXPECT_EQ(o.balance("merchant_pending", merchant), 0);
  for (const owner_number c : {1, 2}) EXPECT_EQ(o.balance("channel_receivable", c) + o.balance("bank", c), 0);
}

/// A way to pay.
struct way {
  const char* product;
  std::uint16_t tools;
  u128 balance = 0, coupon = 0;
};
constexpr way ways[] = {
    {"instant_sale", balance_bit}, {"instant_sale", balance_bit | coupon_bit, 0, 300},
    {"instant_sale", channel_bit}, {"instant_sale", balance_bit | coupon_bit | channel_bit, 1'000, 300},
    {"escrow_sale", balance_bit},  {"pre_authorisation", balance_bit},
    {"recharge", channel_bit},     {"withdraw", channel_bit},
    {"transfer", balance_bit},
};

result_code pay_by(life& o, const way& w, u128 id = 900, u128 amount = 0) {
  return o.act_with(pay, [&](order_action_record& r) {
    r.id.value = id;
    r.tools = w.tools;
    r.balance_minor = w.balance;
    r.coupon_minor = w.coupon;
    r.amount_minor = amount;
  });
}

TEST(checked_payment, waits_with_nothing_reserved_or_sent) {
  for (const way& w : ways) {
    checked_life o;
    ASSERT_EQ(o.create(sale(w.product, 10'000)), result_code::ok);
    ASSERT_EQ(pay_by(o, w), result_code::ok) << w.product;
    EXPECT_EQ(o.payment_state(), "CHECKING");
    EXPECT_EQ(o.payment->call, channel_operation::check);
    EXPECT_EQ(o.payment->checks_wanted, all_checks);
    EXPECT_EQ(o.payment->payment, u128{900});
    EXPECT_EQ(o.payment->attempt, 0);
    EXPECT_EQ(o.payment->due_at, o.now + 300'000'000 + core::check_grace_ns);
    EXPECT_EQ(o.row.timeout_at, 0u);
    EXPECT_TRUE(o.resident());
    EXPECT_EQ(o.decision().event.legs, 0);
    EXPECT_EQ(o.decision().event.fact, 0xff);
    EXPECT_EQ(o.row.payments, 0u);
    EXPECT_EQ(o.row.paid_minor + o.row.held_minor + o.row.fee_minor, u128{0});
    expect_nothing_moved(o);
  }
}

TEST(checked_payment, goes_on_exactly_as_the_command_would_have) {
  for (const way& w : ways) {
    life plain;
    checked_life checked;
    for (life* o : {&plain, static_cast<life*>(&checked)}) {
      ASSERT_EQ(o->create(sale(w.product, 10'000)), result_code::ok);
      ASSERT_EQ(pay_by(*o, w), result_code::ok) << w.product;
    }
    ASSERT_EQ(checked.say(risk | sanctions, 0, member), result_code::ok) << w.product;
    ASSERT_TRUE(checked.payment.has_value());
    EXPECT_EQ(checked.payment->checks_passed, risk | sanctions);
    EXPECT_EQ(checked.payment->checks_missed, member);
    for (int i = 0; i < 2; ++i) {
      const std::string what = std::string(w.product) + (i == 0 ? ", on its way" : ", at its end");
      EXPECT_EQ(checked.state(), plain.state()) << what;
      EXPECT_EQ(checked.row.paid_minor, plain.row.paid_minor) << what;
      EXPECT_EQ(checked.row.held_minor, plain.row.held_minor) << what;
      EXPECT_EQ(checked.row.fee_minor, plain.row.fee_minor) << what;
      EXPECT_EQ(checked.row.tools, plain.row.tools) << what;
      EXPECT_EQ(checked.row.payments, plain.row.payments) << what;
      EXPECT_EQ(checked.payment->payment, u128{900}) << what;
      if (plain.payment) {
        EXPECT_EQ(checked.payment_state(), plain.payment_state()) << what;
        EXPECT_EQ(checked.payment->attempt, plain.payment->attempt) << what;
        EXPECT_EQ(checked.payment->channel, plain.payment->channel) << what;
        EXPECT_EQ(checked.payment->balance_minor, plain.payment->balance_minor) << what;
        EXPECT_EQ(checked.payment->coupon_minor, plain.payment->coupon_minor) << what;
        EXPECT_EQ(checked.payment->call, plain.payment->call) << what;
      } else {
        EXPECT_EQ(checked.payment_state(), "POSTED") << what;
      }
      for (const char* role : roles) EXPECT_EQ(checked.balance(role), plain.balance(role)) << what << ' ' << role;
      for (const char* role : owned)
        EXPECT_EQ(checked.balance(role, user), plain.balance(role, user)) << what << ' ' << role;
      EXPECT_EQ(checked.balance("merchant_pending", merchant), plain.balance("merchant_pending", merchant)) << what;
      if ((w.tools & channel_bit) == 0 || i == 1) break;
      ASSERT_EQ(plain.tell(success), result_code::ok);
      ASSERT_EQ(checked.tell(success), result_code::ok);
    }
  }
}

TEST(checked_payment, the_answers_rules_in_their_order) {
  struct row {
    std::uint8_t passed, refused, missed;
    result_code code;  // of the command
    const char* payment;
    result_code why;
  };
  using enum result_code;
  const row rows[] = {
      {risk, sanctions, member, ok, "FAILED", check_refused},  // a core check refuses, whatever the others say
      {0, sanctions, risk, ok, "FAILED", check_refused},
      {sanctions, member, risk, ok, "FAILED", check_missing},
      {risk, 0, sanctions | member, ok, "FAILED", check_missing},
      {risk, 0, 0, order_unchanged, "CHECKING", ok},  // somebody may still answer
      {risk | sanctions, 0, 0, order_unchanged, "CHECKING", ok},
      {risk | sanctions, member, 0, ok, "POSTED", ok},  // optional: it decides nothing
      {risk | sanctions, 0, member, ok, "POSTED", ok},
      {all_checks, 0, 0, ok, "POSTED", ok},
  };
  for (const row& r : rows) {
    checked_life o;
    ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
    ASSERT_EQ(pay_by(o, ways[0]), ok);
    const std::string what =
        std::to_string(r.passed) + " " + std::to_string(r.refused) + " " + std::to_string(r.missed);
    EXPECT_EQ(o.say(r.passed, r.refused, r.missed), r.code) << what;
    EXPECT_EQ(o.payment_state(), r.payment) << what;
    EXPECT_EQ(o.why(), r.why) << what;
    if (std::string_view(r.payment) != "FAILED") continue;
    EXPECT_EQ(o.state(), "WAIT_PAY") << what;
    EXPECT_NE(o.row.timeout_at, 0u) << what;
    EXPECT_EQ(o.payment->due_at, 0u) << what;
    expect_nothing_moved(o);
    ASSERT_EQ(pay_by(o, ways[0], 901), ok) << "it can be paid again";
    EXPECT_EQ(o.payment_state(), "CHECKING");
    EXPECT_EQ(o.payment->checks_refused | o.payment->checks_missed | o.payment->channel_code, 0);
  }
}

TEST(checked_payment, whatever_pay_refuses_is_refused_before_anybody_is_asked) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  EXPECT_EQ(pay_by(o, ways[0], 900, 10'001), exceeds_due);
  EXPECT_EQ(o.act(pay, 0, 5), order_version_differs);
  EXPECT_EQ(pay_by(o, {"", 8}), tool_not_usable);
  EXPECT_EQ(pay_by(o, {"", balance_bit | coupon_bit}), parts_do_not_fit);
  EXPECT_EQ(o.act_with(pay, [](auto& r) { r.tools = channel_bit, r.channel = 99; }), no_channel);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_FALSE(o.payment.has_value());
}

TEST(checked_payment, one_at_a_time) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(pay_by(o, ways[0], 900, 4'000), ok);
  EXPECT_EQ(pay_by(o, ways[0], 901), order_state_refuses) << "PAYING knows no second pay";
  EXPECT_EQ(o.act(refund), order_state_refuses);
  EXPECT_EQ(o.act(resolve), case_not_open);
  ASSERT_EQ(o.say(all_checks), ok);
  EXPECT_EQ(o.state(), "PARTIAL_PAID");
  ASSERT_EQ(pay_by(o, ways[0], 902), ok);
  ASSERT_EQ(o.say(0, risk), ok);
  EXPECT_EQ(o.state(), "PARTIAL_PAID") << "what is paid stays paid";
  EXPECT_EQ(o.row.paid_minor, u128{4'000});
}

TEST(checked_payment, late_and_repeated_answers_change_nothing) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(pay_by(o, ways[0]), ok);
  EXPECT_EQ(o.say(all_checks, 0, 0, ok, 899), order_unchanged) << "of another payment";
  ASSERT_EQ(o.say(all_checks), ok);
  EXPECT_EQ(o.say(all_checks), order_unchanged);
  EXPECT_EQ(o.say(0, risk), order_unchanged);
  EXPECT_EQ(o.state(), "PAID");
  checked_life never;
  ASSERT_EQ(never.create(sale("instant_sale", 10'000)), ok);
  EXPECT_EQ(never.say(all_checks, 0, 0, ok, 900), order_unchanged);
}

TEST(checked_payment, silence_ends_it_by_the_orders_own_timer) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), ok);
  ASSERT_EQ(pay_by(o, {"withdraw", channel_bit}), ok);
  o.now = o.payment->due_at - 1;
  EXPECT_EQ(o.act(timer), order_unchanged);
  ASSERT_EQ(o.payment_time_out(), ok);
  EXPECT_EQ(o.payment_state(), "FAILED");
  EXPECT_EQ(o.why(), check_missing);
  EXPECT_EQ(o.payment->checks_missed, all_checks);
  EXPECT_EQ(o.state(), "CLOSED");
  expect_nothing_moved(o);
}

TEST(checked_payment, cancelling_ends_it_at_once) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(pay_by(o, ways[2]), ok);
  ASSERT_EQ(o.act(cancel), ok);
  EXPECT_EQ(o.state(), "CLOSED");
  EXPECT_EQ(o.payment_state(), "CLOSED");
  EXPECT_EQ(o.payment->call, channel_operation::none);
  EXPECT_EQ(o.say(all_checks), order_unchanged);
  EXPECT_EQ(o.state(), "CLOSED");
  expect_nothing_moved(o);
}

TEST(checked_payment, ends_with_what_the_accounts_refused) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(pay_by(o, ways[0]), ok);
  // The order shard says so after the accounts refused what the join would have booked.
  ASSERT_EQ(o.say(all_checks, 0, 0, exceeds_credits), ok);
  EXPECT_EQ(o.payment_state(), "FAILED");
  EXPECT_EQ(o.why(), exceeds_credits);
  EXPECT_EQ(o.payment->checks_passed, all_checks);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.decision().event.legs, 0);
}

/// A rule that holds only later than the command came: the join finds it as the command would have.
TEST(checked_payment, ends_with_what_refuses_it_when_it_goes_on) {
  using enum result_code;
  support::edited_catalog files;
  files.replace("templates.yaml", "  internal_only:\n",
                "  internal_only:\n    checks: [risk_score]\n    check_deadline_ms: 60000\n");
  files.replace(
      "rules.yaml", "rules: {}",
      "rules:\n  not_at_three:\n    id: 900\n    version: 1\n    kind: risk\n    priority: 1\n    state: ACTIVE\n"
      "    when: {hours: \"15:00-16:00\"}\n    then: {decision: refuse}\n");
  const auto loaded = config::read_payment_catalog(files, config::ledger_directory{});
  for (const config::problem& p : loaded.problems) ADD_FAILURE() << config::to_string(p);
  ASSERT_NE(loaded.value, nullptr);
  life o(*loaded.value);
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  ASSERT_EQ(pay_by(o, ways[0]), ok);
  o.now += 3600 * second;  // from 14:13 to 15:13
  check_fact_record f{};
  f.id.value = 7001;
  f.order = o.row.id;
  f.payment = 900;
  f.action = order_action::check_fact;
  f.passed = risk;
  order_action_record r;
  std::memcpy(static_cast<void*>(&r), &f, sizeof r);
  ASSERT_EQ(o.act(r), ok);
  EXPECT_EQ(o.state(), "WAIT_PAY");
  EXPECT_EQ(o.payment_state(), "FAILED");
  EXPECT_EQ(static_cast<result_code>(o.payment->channel_code), rule_refused);
  EXPECT_EQ(o.payment->checks_passed, risk);
  EXPECT_EQ(o.decision().event.legs, 0);
  expect_nothing_moved(o);
}

TEST(checked_payment, pay_now_waits_too) {
  using enum result_code;
  checked_life o;
  order_record r = sale("instant_sale", 10'000);
  r.flags = order_flags::pay_now;
  ASSERT_EQ(o.create(r), ok);
  EXPECT_EQ(o.state(), "PAYING");
  EXPECT_EQ(o.payment_state(), "CHECKING");
  EXPECT_EQ(o.payment->payment, r.id.value);
  ASSERT_EQ(o.say(all_checks), ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_EQ(o.balance("merchant_pending", merchant), 10'000 - 165);
}

TEST(checked_payment, is_not_linked_with_others) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), ok);
  core::order_request about{&checked_catalogue(), 0, o.now, true, nullptr, {}};
  about.linked = true;
  order_action_record r{};
  r.id.value = 900;
  r.order = o.row.id;
  r.action = pay;
  core::order_decision out;
  core::decide_action(about, r, {&o.row, o.seq, nullptr}, out);
  EXPECT_EQ(out.code, checked_not_linked);
}

TEST(checked_payment, refunds_and_captures_ask_nobody) {
  using enum result_code;
  checked_life o;
  ASSERT_EQ(o.create(sale("pre_authorisation", 10'000)), ok);
  ASSERT_EQ(pay_by(o, {"", balance_bit}), ok);
  ASSERT_EQ(o.say(all_checks), ok);
  EXPECT_EQ(o.state(), "AUTHORISED");
  ASSERT_EQ(o.act(capture), ok);
  EXPECT_EQ(o.state(), "PAID");
  ASSERT_EQ(o.act(refund), ok);
  EXPECT_EQ(o.state(), "REFUNDED");
}

TEST(checked_payment, without_checks_nothing_changes) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(pay_by(o, ways[0]), result_code::ok);
  EXPECT_EQ(o.state(), "PAID");
  EXPECT_FALSE(o.payment.has_value()) << "paid from a balance alone: no record";
}

}  // namespace
}  // namespace payloom::test
