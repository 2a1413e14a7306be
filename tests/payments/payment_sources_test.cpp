// Money goes back to the attempt that brought it, through its channel, however many attempts there were before and
// after it (domain.md 1.2: an order has many payments, a payment many attempts; refunds go to their source).
#include "tests/payments/sources_fixture.hpp"

namespace payloom::test {
namespace {

using enum order_action;
using channel_outcome::rejected, channel_outcome::returned, channel_outcome::success;

TEST(payment_sources, each_part_goes_back_through_the_channel_that_brought_it) {
  life o = paid_by_two();
  ASSERT_EQ(o.state(), "PAID");
  const payment_source bank = o.payment->sources[0], card = o.payment->sources[1];
  EXPECT_EQ(bank.channel, bank_channel);
  EXPECT_EQ(card.channel, card_channel);
  ASSERT_EQ(ask_refund(o, 0, 1), result_code::ok);  // only what the first source brought
  EXPECT_EQ(o.payment->channel, bank_channel);
  EXPECT_EQ(o.payment->source, bank.attempt_id);
  EXPECT_EQ(o.payment->amount_minor, 6'000u);
  ASSERT_EQ(o.tell(success), result_code::ok);
  ASSERT_EQ(ask_refund(o, 0), result_code::ok);
  EXPECT_EQ(o.payment->channel, card_channel);
  EXPECT_EQ(o.payment->source, card.attempt_id);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
}

TEST(payment_sources, the_newest_source_that_has_enough_is_the_one) {
  const struct {
    u128 amount;
    owner_number goes;
  } rows[] = {{1, card_channel}, {4'000, card_channel}, {4'001, bank_channel}, {6'000, bank_channel}};
  for (const auto& row : rows) {
    life o = paid_by_two();
    ASSERT_EQ(ask_refund(o, row.amount), result_code::ok) << lo64(row.amount);
    EXPECT_EQ(o.payment->channel, row.goes) << lo64(row.amount);
    ASSERT_EQ(o.tell(success), result_code::ok);
    EXPECT_EQ(o.balance("channel_receivable", row.goes),
              (row.goes == card_channel ? 4'000 : 6'000) - static_cast<std::int64_t>(row.amount));
  }
}

TEST(payment_sources, a_newer_attempt_that_failed_is_no_way_back) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  pay_through(o, bank_channel, 6'000);
  const u128 brought = newest_number(o);
  ASSERT_EQ(ask_through(o, card_channel, 4'000), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.act(cancel), result_code::ok);  // the rest is not wanted any more: what is paid goes back
  ASSERT_EQ(o.time_out(), result_code::ok);
  ASSERT_EQ(o.state(), "RETURNING");
  EXPECT_EQ(o.payment->channel, bank_channel);
  EXPECT_EQ(o.payment->source, brought);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
}

TEST(payment_sources, refusals) {
  const struct {
    const char* what;
    u128 amount;
    std::uint16_t source;
    result_code code;
  } rows[] = {
      {"no source alone has so much", 0, 0, result_code::refund_needs_split},
      {"nor so much", 6'001, 0, result_code::refund_needs_split},
      {"more than the named one brought", 4'001, 2, result_code::source_not_usable},
      {"there is no third", 100, 3, result_code::source_not_usable},
      {"there is no fifth", 100, 5, result_code::source_not_usable},
      {"more than was paid", 10'001, 1, result_code::exceeds_paid},
  };
  for (const auto& row : rows) {
    life o = paid_by_two();
    EXPECT_EQ(ask_refund(o, row.amount, row.source), row.code) << row.what;
    ASSERT_EQ(ask_refund(o, 1, 2), result_code::ok) << row.what;  // nothing happened
  }
  life inside;
  ASSERT_EQ(inside.create(sale("instant_sale", 10'000)), result_code::ok);
  ASSERT_EQ(inside.act(pay), result_code::ok);
  EXPECT_EQ(ask_refund(inside, 100, 1), result_code::source_not_usable);
}

TEST(payment_sources, a_refund_that_fails_is_the_sources_again) {
  life o = paid_by_two();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ask_refund(o, 4'000, 2), result_code::ok);
    EXPECT_EQ(o.payment->sources[1].refunded_minor, 4'000u);
    ASSERT_EQ(o.tell(rejected), result_code::ok);
    EXPECT_EQ(o.payment->sources[1].refunded_minor, 0u);
  }
  for (int i = 1; i <= 4; ++i) {  // repeated and in parts
    ASSERT_EQ(ask_refund(o, 1'000, 2), result_code::ok);
    ASSERT_EQ(o.tell(success), result_code::ok);
    EXPECT_EQ(o.payment->sources[1].refunded_minor, 1'000u * static_cast<unsigned>(i));
  }
  EXPECT_EQ(ask_refund(o, 0, 2), result_code::source_not_usable);
  EXPECT_EQ(o.payment->sources[0].refunded_minor, 0u);
}

TEST(payment_sources, what_was_paid_beside_the_channel_goes_back_in_proportion) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  const auto part = [&](owner_number channel, u128 amount, u128 balance) {
    ASSERT_EQ(o.act_with(pay,
                         [&](order_action_record& r) {
                           r.tools = channel_bit | 1;
                           r.channel = static_cast<std::uint32_t>(channel);
                           r.amount_minor = amount;
                           r.balance_minor = balance;
                         }),
              result_code::ok);
    ASSERT_EQ(o.tell(success), result_code::ok);
  };
  part(bank_channel, 7'001, 2'000);
  part(card_channel, 2'999, 500);
  EXPECT_EQ(ask_refund(o, 0), result_code::refund_needs_split);
  ASSERT_EQ(ask_refund(o, 0, 1), result_code::ok);
  EXPECT_EQ(o.payment->channel, bank_channel);
  const u128 external = o.payment->amount_minor - o.payment->balance_minor;
  EXPECT_LE(external, 5'001u);
  EXPECT_GE(external, 5'000u);
  ASSERT_EQ(o.tell(success), result_code::ok);
  for (int i = 0; i < 4 && o.row.refunded_minor < o.row.paid_minor; ++i) {
    result_code code = ask_refund(o, 0);
    if (code == result_code::refund_needs_split) code = ask_refund(o, 0, 1);
    ASSERT_EQ(code, result_code::ok);
    if (o.payment->call == channel_operation::none) continue;
    ASSERT_EQ(o.tell(success), result_code::ok);
  }
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
  EXPECT_EQ(o.balance("user_available", user), 0);
}

TEST(payment_sources, a_full_table_asks_no_channel_any_more) {
  life o;
  ASSERT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  for (int i = 0; i < 4; ++i) pay_through(o, i % 2 == 0 ? bank_channel : card_channel, 1'000);
  const payment_row before = *o.payment;
  EXPECT_EQ(ask_through(o, bank_channel, 1'000), result_code::sources_full);
  EXPECT_EQ(std::memcmp(&before, &*o.payment, sizeof before), 0);
  ASSERT_EQ(o.act(pay, 0, 0, 1), result_code::ok);  // the balance has no way to be kept apart from
  EXPECT_EQ(o.state(), "PAID");
  for (std::uint16_t source = 1; source <= 4; ++source) {
    ASSERT_EQ(ask_refund(o, 1'000, source), result_code::ok);
    EXPECT_EQ(o.payment->channel, source % 2 == 1 ? bank_channel : card_channel);
    if (o.payment->call == channel_operation::none) continue;
    ASSERT_EQ(o.tell(success), result_code::ok);
  }
}

/// An order whose card payment was rejected before others came.
life with_a_rejected_card(int paid_parts, u128& rejected_payment) {
  life o;
  EXPECT_EQ(o.create(sale("instant_sale", 10'000)), result_code::ok);
  EXPECT_EQ(ask_through(o, card_channel, 1'500), result_code::ok);
  rejected_payment = o.payment->payment;
  EXPECT_EQ(o.tell(rejected), result_code::ok);
  for (int i = 0; i < paid_parts; ++i) pay_through(o, bank_channel, 1'000);
  return o;
}

TEST(payment_sources, late_money_goes_back_the_way_it_came) {
  u128 card = 0;
  life o = with_a_rejected_card(1, card);
  pay_through(o, bank_channel, 9'000);
  ASSERT_EQ(o.tell(success, 1'500, 1, card), result_code::ok);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 1'500);
  ASSERT_EQ(o.payment->sources[2].kind, source_kind::suspense);
  EXPECT_EQ(ask_refund(o, 0, 3), result_code::source_not_usable);  // it is nobody's
  ASSERT_EQ(resolved(o, returned), result_code::ok);
  EXPECT_EQ(o.payment->channel, card_channel);
  EXPECT_EQ(o.payment->source, attempt_id_of(0, card, 1));
  EXPECT_EQ(o.payment->amount_minor, 1'500u);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->suspense_minor, 0u);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 10'000);
  EXPECT_EQ(o.payment->reason, case_reason::none);
}

TEST(payment_sources, a_closed_order_sends_all_of_it_back_source_by_source) {
  u128 card = 0;
  life o = with_a_rejected_card(1, card);
  pay_through(o, card_channel, 2'000);
  ASSERT_EQ(o.act(cancel), result_code::ok);
  ASSERT_EQ(o.state(), "PAID_AFTER_CLOSE");
  ASSERT_EQ(o.tell(success, 1'500, 1, card), result_code::ok);  // and this, too
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(o.time_out(), result_code::ok) << i;
    ASSERT_EQ(o.state(), "RETURNING") << i;
    ASSERT_EQ(o.tell(success), result_code::ok) << i;
  }
  EXPECT_EQ(o.state(), "REFUNDED");
  EXPECT_EQ(o.balance("channel_receivable", bank_channel), 0);
  EXPECT_EQ(o.balance("channel_receivable", card_channel), 0);
  EXPECT_EQ(o.balance("suspense_long"), 0);
}

TEST(payment_sources, late_money_without_a_place_is_in_suspense_and_peoples) {
  u128 card = 0;
  life o = with_a_rejected_card(4, card);
  ASSERT_EQ(o.tell(success, 1'500, 1, card), result_code::ok);
  EXPECT_EQ(o.balance("suspense_long"), 1'500);
  EXPECT_EQ(o.payment->suspense_minor, 1'500u);
  EXPECT_NE(o.payment->reason, case_reason::none);
  EXPECT_TRUE(o.resident());
  EXPECT_EQ(resolved(o, returned), result_code::resolution_not_possible);  // by which channel it came stands nowhere
  EXPECT_EQ(resolved(o, channel_outcome::none), result_code::resolution_not_possible);
}

TEST(payment_sources, late_money_leaves_a_place_to_the_payment_that_is_outside) {
  u128 card = 0;
  life o = with_a_rejected_card(3, card);
  ASSERT_EQ(ask_through(o, bank_channel, 1'000), result_code::ok);
  ASSERT_EQ(o.tell(success, 1'500, 1, card), result_code::ok);
  EXPECT_EQ(o.payment->suspense_minor, 1'500u);
  EXPECT_EQ(o.payment->sources[3].attempt_id, 0u);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.row.paid_minor, 4'000u);
  EXPECT_EQ(o.payment->sources[3].paid_minor, 1'000u);
}

TEST(payment_sources, the_place_of_suspense_that_went_back_is_used_again) {
  u128 card = 0;
  life o = with_a_rejected_card(3, card);
  ASSERT_EQ(o.tell(success, 1'500, 1, card), result_code::ok);
  EXPECT_EQ(ask_through(o, bank_channel, 1'000), result_code::sources_full);
  ASSERT_EQ(resolved(o, returned), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  pay_through(o, bank_channel, 1'000);
  EXPECT_EQ(o.payment->sources[3].kind, source_kind::paid);
  EXPECT_EQ(o.payment->sources[3].channel, bank_channel);
}

TEST(payment_sources, a_payout_is_kept_by_attempt_too) {
  life o;
  ASSERT_EQ(o.create(sale("withdraw", 10'000)), result_code::ok);
  ASSERT_EQ(o.act(pay), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->sources[0].paid_minor, 10'000u);
  EXPECT_EQ(o.payment->sources[0].attempt_id, newest_number(o));
}

TEST(payment_sources, a_case_about_what_contradicts_stays_open_when_the_next_payment_begins) {
  life o = paid_by_two();
  ASSERT_EQ(ask_refund(o, 1'000, 1), result_code::ok);
  ASSERT_EQ(o.tell(rejected), result_code::ok);
  ASSERT_EQ(o.tell(success), result_code::ok);  // after all
  ASSERT_EQ(o.payment->reason, case_reason::contradiction);
  ASSERT_EQ(ask_refund(o, 500, 2), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  ASSERT_EQ(o.tell(success), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::contradiction);
  ASSERT_EQ(resolved(o, channel_outcome::none), result_code::ok);
  EXPECT_EQ(o.payment->reason, case_reason::none);
}

}  // namespace
}  // namespace payloom::test
