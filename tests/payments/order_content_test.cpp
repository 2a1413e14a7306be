// Goal: what is wrong with an order command whatever the state, in order of precedence, and whether a repeat says the
// same. Method: tables of one change to a right record and its code; two changes give the smaller code.
#include <functional>
#include <string>
#include <vector>

#include "protocol/types/settlement.hpp"
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using enum result_code;

template <class Record>
struct change {
  std::string name;
  std::function<void(Record&)> make;
  result_code code;
};

order_action_record right_action() {
  order_action_record r{};
  r.id.value = 5;
  r.order = order_id_of(merchant, 42);
  r.action = order_action::pay;
  return r;
}

const std::vector<change<order_record>> order_changes = {
    {"flag", [](order_record& r) { r.flags = 2; }, reserved_flag},
    {"amount", [](order_record& r) { r.amount_minor = 0; }, amount_must_not_be_zero},
    {"ledger", [](order_record& r) { r.ledger = 0; }, ledger_must_not_be_zero},
    {"id", [](order_record& r) { r.id.value ^= 1; }, order_id_wrong},
    {"reserved", [](order_record& r) { r.reserved[3] = 1; }, order_reserved_field},
    {"product", [](order_record& r) { r.product = 9; }, product_unknown},
    {"tools without pay_now", [](order_record& r) { r.tools = 1; }, tool_unknown},
    {"date", [](order_record& r) { r.accounting_date = 20'261'301; }, accounting_date_wrong},
    {"far date", [](order_record& r) { r.accounting_date = 20'300'101; }, accounting_date_wrong},
};

const std::vector<change<order_action_record>> action_changes = {
    {"flag", [](order_action_record& r) { r.flags = 2; }, reserved_flag},
    {"id 0", [](order_action_record& r) { r.id.value = 0; }, id_must_not_be_zero},
    {"id max", [](order_action_record& r) { r.id.value = u128_max; }, id_must_not_be_max},
    {"own order", [](order_action_record& r) { r.id.value = r.order.value; }, target_id_must_be_different},
    {"posting id", [](order_action_record& r) { r.id = posting_id_of(0, 1, 2); }, posting_id_reserved},
    {"fact id", [](order_action_record& r) { r.id.value = fact_id_of(1, channel_outcome::success, 2, 0); },
     posting_id_reserved},
    {"order 0", [](order_action_record& r) { r.order.value = 0; }, order_id_must_not_be_zero},
    {"source", [](order_action_record& r) { r.source = 1; }, order_reserved_field},
    {"action 0", [](order_action_record& r) { r.action = order_action::none; }, action_unknown},
    {"server's action", [](order_action_record& r) { r.action = order_action::timer; }, action_unknown},
    {"tool", [](order_action_record& r) { r.tools = 0x8000; }, tool_unknown},
    {"channel",
     [](order_action_record& r) {
       r.action = order_action::refund;
       r.channel = 1;
     },
     parts_must_be_zero},
    {"part",
     [](order_action_record& r) {
       r.action = order_action::refund;
       r.coupon_minor = 1;
     },
     parts_must_be_zero},
};

TEST(order_content, each_mistake_and_each_pair_of_them) {
  const auto check = [](const order_record& r) { return core::check_order_content(r, &catalogue(), start, false); };
  ASSERT_EQ(check(sale("instant_sale", 5)), ok);
  for (std::size_t i = 0; i < order_changes.size(); ++i) {
    order_record one = sale("instant_sale", 5);
    order_changes[i].make(one);
    EXPECT_EQ(check(one), order_changes[i].code) << order_changes[i].name;
    for (std::size_t j = i + 1; j < order_changes.size(); ++j) {
      order_record both = one;
      order_changes[j].make(both);
      EXPECT_EQ(check(both), std::min(order_changes[i].code, order_changes[j].code))
          << order_changes[i].name << " and " << order_changes[j].name;
    }
  }
  EXPECT_EQ(core::check_order_content(sale("instant_sale", 5), nullptr, start, false), payments_not_configured);
}

// Only the server makes settlement batches, and nobody else can take one's name before it. Whatever else is wrong with
// such an order is said first.
TEST(order_content, settlement_batches_are_the_servers) {
  order_record batch = sale("settlement", 5);
  EXPECT_EQ(core::check_order_content(batch, &catalogue(), start, false), product_is_the_servers);
  EXPECT_EQ(core::check_order_content(batch, &catalogue(), start, true), ok);
  order_record taken = sale("instant_sale", 5, settlement_business_id(eur, 20'260'921));
  EXPECT_EQ(taken.id, settlement_id_of(merchant, eur, 20'260'921));
  EXPECT_EQ(core::check_order_content(taken, &catalogue(), start, false), business_id_reserved);
  EXPECT_EQ(core::check_order_content(taken, &catalogue(), start, true), ok);
  for (order_record* r : {&batch, &taken}) {
    r->accounting_date = 1;
    EXPECT_EQ(core::check_order_content(*r, &catalogue(), start, false), accounting_date_wrong);
    r->amount_minor = 0;
    EXPECT_EQ(core::check_order_content(*r, &catalogue(), start, false), amount_must_not_be_zero);
  }
}

TEST(order_content, the_smallest_code_is_the_answer) {
  order_record both = sale("instant_sale", 5);
  both.channel = 1;
  EXPECT_EQ(core::check_order_content(both, &catalogue(), start, false), parts_must_be_zero);
  both.accounting_date = 1;
  EXPECT_EQ(core::check_order_content(both, &catalogue(), start, false), accounting_date_wrong);
}

TEST(order_content, actions) {
  const auto check = [](const order_action_record& r) { return core::check_action_content(r, &catalogue(), false); };
  ASSERT_EQ(check(right_action()), ok);
  for (std::size_t i = 0; i < action_changes.size(); ++i) {
    order_action_record one = right_action();
    action_changes[i].make(one);
    EXPECT_EQ(check(one), action_changes[i].code) << action_changes[i].name;
  }
  order_action_record confirm = right_action();
  confirm.action = order_action::confirm;
  confirm.amount_minor = 1;
  EXPECT_EQ(check(confirm), action_amount_must_be_zero);
  order_action_record timer = right_action();
  timer.action = order_action::timer;
  EXPECT_EQ(core::check_action_content(timer, &catalogue(), true), ok);
}

TEST(order_content, repeats) {
  const order_record r = sale("instant_sale", 5);
  EXPECT_EQ(core::compare_orders(r, r), ok);
  const auto differs = [&](auto change) {
    order_record other = r;
    change(other);
    return core::compare_orders(other, r);
  };
  EXPECT_EQ(differs([](order_record& o) { o.amount_minor = 6; }), exists_with_different_amount);
  EXPECT_EQ(differs([](order_record& o) { o.user = 9; }), exists_with_different_order);
  EXPECT_EQ(differs([](order_record& o) { o.product = 9; }), exists_with_different_product);
  EXPECT_EQ(differs([](order_record& o) {
              o.timeout_s = 9;
              o.ledger = 1;
            }),
            exists_with_different_timeout);
  const order_action_record a = right_action();
  order_action_record b = a;
  b.action = order_action::cancel;
  EXPECT_EQ(core::compare_actions(a, a), ok);
  EXPECT_EQ(core::compare_actions(b, a), exists_with_different_action);
}

TEST(order_content, days) {
  EXPECT_EQ(core::day_of(0), 19'700'101u);
  EXPECT_EQ(core::day_of(start), 20'260'921u);
  EXPECT_EQ(core::day_of(951'782'400ull * second), 20'000'229u);
}

TEST(order_content, accounts_with_ids_of_the_chart) {
  const auto& chart = catalogue().parts().accounts;
  const auto role = chart.find("user_available").value();
  account_record a{};
  a.id = chart.account_of(role, eur, user);
  a.ledger = eur;
  a.code = chart.at(role).code;
  a.flags = chart.flags_of(role);
  EXPECT_EQ(core::check_chart_account(a, chart), ok);
  a.flags |= account_flags::history;
  EXPECT_EQ(core::check_chart_account(a, chart), ok);
  account_record unlimited = a;
  unlimited.flags = 0;
  EXPECT_EQ(core::check_chart_account(unlimited, chart), account_id_reserved);
  account_record dollars = a;
  dollars.ledger = 840;
  EXPECT_EQ(core::check_chart_account(dollars, chart), account_id_reserved);
  a.id.value = 77;
  a.code = 1;
  EXPECT_EQ(core::check_chart_account(a, chart), ok) << "any other id is the client's own";
}

}  // namespace
}  // namespace payloom::test
