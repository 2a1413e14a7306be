// One payment at a channel for several orders (domain.md 1.2: combined pay): what is refused, that the channel is asked
// once, and that what moved is divided exactly (TC-3).
#include "actors/core/payments/combined_payment.hpp"
#include "actors/core/channels/channel_desk.hpp"
#include "actors/core/channels/inner_drivers.hpp"
#include "tests/payments/payments_fixture.hpp"

namespace payloom::test {
namespace {

using core::combined_part;

constexpr std::uint16_t channel_bit = 4;
constexpr owner_number bank_channel = 1;

payment_row outside(u128 payment, u128 amount, u128 balance = 0, owner_number channel = bank_channel) {
  payment_row p{};
  p.payment = payment;
  p.amount_minor = amount;
  p.balance_minor = balance;
  p.channel = channel;
  p.attempt = 1;
  p.call = channel_operation::pay;
  p.purpose = payment_purpose::pay;
  return p;
}

std::vector<combined_part> parts_of(std::vector<payment_row>& payments) {
  std::vector<combined_part> out;
  for (payment_row& p : payments) out.push_back({&p, eur, static_cast<std::uint32_t>(out.size())});
  return out;
}

TEST(combined_payment, every_order_knows_its_place) {
  std::vector<payment_row> payments{outside(11, 500), outside(12, 300, 100), outside(13, 1)};
  ASSERT_EQ(core::combine_payments(parts_of(payments), catalogue()).code, result_code::ok);
  const u128 before[] = {0, 500, 700};
  for (std::size_t i = 0; i < payments.size(); ++i) {
    EXPECT_EQ(payments[i].combined, 11u);
    EXPECT_EQ(payments[i].combined_minor, 701u);
    EXPECT_EQ(payments[i].combined_count, 3);
    EXPECT_EQ(payments[i].combined_member, i);
    EXPECT_EQ(payments[i].combined_before_minor, before[i]);
    EXPECT_EQ(channel_number_of(0, payments[i]), attempt_id_of(0, 11, 1));
  }
}

TEST(combined_payment, one_alone_stays_alone) {
  std::vector<payment_row> payments{outside(11, 500)};
  ASSERT_EQ(core::combine_payments(parts_of(payments), catalogue()).code, result_code::ok);
  EXPECT_EQ(payments[0].combined, 0u);
}

TEST(combined_payment, refusals_in_order) {
  struct {
    const char* what;
    payment_row second;
    ledger_id ledger;
    result_code code;
    std::uint32_t action;
  } const rows[] = {
      {"another channel", outside(12, 300, 0, 2), eur, result_code::combined_parts_differ, 1},
      {"another currency", outside(12, 300), 840, result_code::combined_parts_differ, 1},
      {"more than 2^128", outside(12, u128_max - 1), eur, result_code::combined_parts_differ, 1},
  };
  for (const auto& row : rows) {
    std::vector<payment_row> payments{outside(11, 500), row.second};
    auto parts = parts_of(payments);
    parts[1].ledger = row.ledger;
    const core::combined_verdict v = core::combine_payments(parts, catalogue());
    EXPECT_EQ(v.code, row.code) << row.what;
    EXPECT_EQ(v.action, row.action) << row.what;
    EXPECT_EQ(payments[0].combined, 0u) << row.what;
  }
  std::vector<payment_row> unknown{outside(11, 500, 0, 99), outside(12, 500, 0, 99)};
  EXPECT_EQ(core::combine_payments(parts_of(unknown), catalogue()).code, result_code::no_channel);
}

/// Three orders' calls for one payment of 1,000.
std::vector<core::channel_call> calls(channel_operation operation = channel_operation::pay) {
  std::vector<payment_row> payments{outside(11, 333), outside(12, 333), outside(13, 334)};
  EXPECT_EQ(core::combine_payments(parts_of(payments), catalogue()).code, result_code::ok);
  std::vector<core::channel_call> out;
  for (payment_row& p : payments) {
    order_row o{};
    o.id.value = p.payment + 100;
    o.ledger = eur;
    p.call = operation;
    out.push_back(core::make_call(0, o, p));
  }
  return out;
}

core::catalog::channel_plan plan(std::uint32_t in_flight_max = 1000) {
  core::catalog::channel_plan p;
  p.name = "tried";
  p.number = bank_channel;
  p.operations = core::catalog::bit_of(channel_operation::pay) | core::catalog::bit_of(channel_operation::query) |
                 core::catalog::bit_of(channel_operation::close);
  p.in_flight_max = in_flight_max;
  return p;
}

TEST(combined_payment, the_channel_is_asked_once_and_all_are_told) {
  const auto p = plan();
  core::channel_desk desk(p, core::make_inner_driver(p));
  core::channel_facts facts;
  for (const core::channel_call& c : calls()) {
    EXPECT_EQ(desk.in_flight(), 0u);  // not before all have come
    desk.call(c, 1, facts);
    desk.call(c, 1, facts);  // twice makes no difference
  }
  EXPECT_EQ(desk.in_flight(), 1u);
  desk.poll(second, facts);
  ASSERT_EQ(facts.facts.size(), 3u);
  const u128 parts[] = {333, 333, 334};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(facts.facts[i].amount_minor, parts[i]);
    EXPECT_EQ(facts.facts[i].payment, 11 + i);
    EXPECT_EQ(facts.facts[i].order.value, 111 + i);
    EXPECT_EQ(facts.facts[i].differs, 0);
    EXPECT_EQ(facts.facts[i].channel_reference, facts.facts[0].channel_reference);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(facts.facts[i].id, facts.facts[j].id);
  }
}

TEST(combined_payment, another_sum_is_divided_exactly_and_fits_nobody) {  // TC-3
  for (const u128 moved : {u128{1}, u128{2}, u128{500}, u128{999}, u128{1001}, u128{5000}}) {
    u128 sum = 0;
    for (const core::channel_call& c : calls()) {
      core::channel_answer a{c, channel_outcome::success, moved, 5, 0};
      const channel_fact_record f = core::fact_of(a, c);
      EXPECT_EQ(f.differs, 1);
      sum += f.amount_minor;
    }
    EXPECT_EQ(sum, moved);
  }
}

TEST(combined_payment, questions_are_each_orders_own) {
  const auto p = plan();
  core::channel_desk desk(p, core::make_inner_driver(p));
  core::channel_facts facts;
  desk.call(calls(channel_operation::query)[1], 1, facts);
  desk.poll(second, facts);
  ASSERT_EQ(facts.facts.size(), 1u);
  EXPECT_EQ(facts.facts[0].payment, 12u);
  EXPECT_EQ(facts.facts[0].amount_minor, 333u);
  EXPECT_EQ(facts.facts[0].differs, 0);
}

TEST(combined_payment, a_full_desk_sends_nothing_for_anybody) {
  const auto p = plan(1);
  core::channel_desk desk(p, core::make_inner_driver(p));
  core::channel_facts facts;
  for (const core::channel_call& c : calls()) desk.call(c, 1, facts);
  auto second_payment = calls();
  for (core::channel_call& c : second_payment) {
    c.attempt_id += 1;
    desk.call(c, 1, facts);
  }
  ASSERT_EQ(facts.facts.size(), 3u);
  for (const channel_fact_record& f : facts.facts) EXPECT_EQ(f.outcome, channel_outcome::not_sent);
}

TEST(combined_payment, cancelled_together_or_not_at_all) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
  ASSERT_EQ(o.act(order_action::pay, 0, 0, channel_bit), result_code::ok);
  payment_row other = outside(77, 500);
  std::vector<payment_row> payments{*o.payment, other};
  ASSERT_EQ(core::combine_payments(parts_of(payments), catalogue()).code, result_code::ok);
  *o.payment = payments[0];
  order_action_record cancel{};
  cancel.id.value = 4711;
  cancel.order = o.row.id;
  cancel.action = order_action::cancel;
  core::order_decision made;
  core::order_request alone{&catalogue(), 0, o.now, true, nullptr, {}};
  core::decide_action(alone, cancel, {&o.row, o.seq, &*o.payment}, made);
  EXPECT_EQ(made.code, result_code::combined_in_flight);
  alone.together = 2;
  core::decide_action(alone, cancel, {&o.row, o.seq, &*o.payment}, made);
  EXPECT_EQ(made.code, result_code::ok);
  EXPECT_EQ(made.payment.call, channel_operation::close);
  EXPECT_EQ(made.payment.combined, payments[0].combined);
}

TEST(combined_payment, a_part_that_fits_by_chance_is_not_taken) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
  ASSERT_EQ(o.act(order_action::pay, 0, 0, channel_bit), result_code::ok);
  channel_fact_record f{};
  f.id.value = 5;
  f.order = o.row.id;
  f.payment = o.payment->payment;
  f.attempt = 1;
  f.channel = bank_channel;
  f.action = order_action::channel_fact;
  f.outcome = channel_outcome::success;
  f.ledger = eur;
  f.amount_minor = 1'000;
  f.differs = 1;
  order_action_record r;
  std::memcpy(static_cast<void*>(&r), &f, sizeof r);
  ASSERT_EQ(o.act(r), result_code::ok);
  EXPECT_EQ(o.row.paid_minor, 0u);
  EXPECT_EQ(o.payment->suspense_minor, 1'000u);
  EXPECT_EQ(o.payment->reason, case_reason::amount_differs);
}

TEST(combined_payment, refunds_name_the_attempt_that_all_were_paid_by) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 1'000)), result_code::ok);
  ASSERT_EQ(o.act(order_action::pay, 0, 0, channel_bit), result_code::ok);
  std::vector<payment_row> payments{outside(77, 500), *o.payment};
  ASSERT_EQ(core::combine_payments(parts_of(payments), catalogue()).code, result_code::ok);
  *o.payment = payments[1];
  ASSERT_EQ(o.tell(channel_outcome::success), result_code::ok);
  ASSERT_EQ(o.act(order_action::refund, 400), result_code::ok);
  EXPECT_EQ(o.payment->source, attempt_id_of(0, 77, 1));
  EXPECT_EQ(o.payment->combined, 0u);
}

}  // namespace
}  // namespace payloom::test
