// The book of the outside, rule by rule.
#include "actors/core/channels/outside/outside_book.hpp"

#include <gtest/gtest.h>

namespace payloom::test {
namespace {

using core::movement_type;
using core::outside_book;
using core::outside_code;
using core::outside_reply;
using core::outside_request;
using core::outside_settings;
using core::outside_truth;
using enum channel_outcome;

constexpr time_ns start = 1'795'392'000'000'000'000;  // 2026-11-23 00:00 UTC
constexpr time_ns ms = 1'000'000;

outside_request pay(u128 id, u128 amount_minor = 1000) {
  return {channel_operation::pay, id, 0, amount_minor, 978, "r"};
}
outside_request payout(u128 id, u128 amount_minor = 1000) {
  return {channel_operation::payout, id, 0, amount_minor, 978, "r"};
}
outside_request refund(u128 id, u128 source, u128 amount_minor) {
  return {channel_operation::refund, id, source, amount_minor, 978, "r"};
}
outside_settings with(std::uint16_t outside_settings::*share) {
  outside_settings s;
  s.*share = 1000;
  s.later_ms = 500;
  return s;
}
u128 net(const outside_book& book, time_ns until) {
  u128 came = 0, left = 0;
  for (const auto& t : book.totals(0, until)) came += t.came_minor, left += t.left_minor;
  return came - left;
}

TEST(outside_book, the_same_attempt_again_moves_nothing_and_ends_the_same) {
  outside_book book({});
  const outside_reply first = book.take(pay(5), start);
  EXPECT_EQ(first.outcome, success);
  EXPECT_EQ(first.code, outside_code::approved);
  EXPECT_TRUE(first.amount_minor == 1000);
  EXPECT_FALSE(first.repeated);
  const outside_reply again = book.take(pay(5), start + 1);
  EXPECT_EQ(again.outcome, success);
  EXPECT_TRUE(again.repeated);
  EXPECT_TRUE(again.channel_txn == first.channel_txn && again.amount_minor == 1000);
  EXPECT_TRUE(again.callbacks.empty());
  EXPECT_EQ(book.statement(0, start + 10).size(), 1u);
  EXPECT_EQ(book.counters().repeated, 1u);
}

TEST(outside_book, another_content_under_the_same_id_says_nothing_of_the_attempt) {
  outside_book book({});
  book.take(pay(5), start);
  outside_request other_ledger = pay(5), other_text = pay(5), other_source = pay(5);
  other_ledger.ledger = 840;
  other_text.reference = "q";
  other_source.source = 4;
  for (const outside_request& r : {pay(5, 999), payout(5), other_ledger, other_text, other_source}) {
    const outside_reply reply = book.take(r, start + 1);
    EXPECT_EQ(reply.outcome, unknown);
    EXPECT_EQ(reply.code, outside_code::conflict);
    EXPECT_FALSE(reply.silent);
  }
  EXPECT_EQ(book.counters().conflicts, 5u);
  EXPECT_EQ(book.statement(0, start + 10).size(), 1u);
}

TEST(outside_book, what_no_channel_takes_is_refused_and_not_remembered) {
  outside_book book({});
  outside_request query = pay(5);
  query.operation = channel_operation::query;
  for (const outside_request& r : {pay(0), pay(u128_max), pay(5, 0), pay(5, outside_settings::amount_max + 1), query}) {
    const outside_reply reply = book.take(r, start);
    EXPECT_EQ(reply.outcome, rejected);
    EXPECT_EQ(reply.code, outside_code::invalid);
  }
  EXPECT_EQ(book.size(), 0u);
  EXPECT_EQ(book.take(pay(5, outside_settings::amount_max), start).outcome, success);
}

TEST(outside_book, at_the_bound_new_attempts_are_not_sent_and_known_ones_answered) {
  outside_settings s;
  s.entries_max = 2;
  outside_book book(s);
  book.take(pay(1), start);
  book.take(pay(2), start);
  const outside_reply third = book.take(pay(3), start);
  EXPECT_EQ(third.outcome, not_sent);
  EXPECT_EQ(third.code, outside_code::busy);
  EXPECT_EQ(book.take(pay(2), start).outcome, success);
  EXPECT_EQ(book.close(4, start).code, outside_code::busy);
  EXPECT_EQ(book.close(4, start).outcome, none);
  EXPECT_EQ(book.size(), 2u);
  EXPECT_EQ(book.counters().busy, 3u);
}

TEST(outside_book, an_accepted_attempt_moves_when_its_end_is_due) {
  outside_book book(with(&outside_settings::accepted));
  EXPECT_EQ(book.take(pay(5), start).outcome, accepted);
  EXPECT_EQ(book.query(5, start + 499 * ms).outcome, accepted);
  EXPECT_EQ(book.query(5, start + 499 * ms).code, outside_code::processing);
  EXPECT_TRUE(book.query(5, start + 499 * ms).amount_minor == 0);
  EXPECT_EQ(book.query(5, start + 500 * ms).outcome, success);
  EXPECT_TRUE(book.query(5, start + 500 * ms).amount_minor == 1000);
  const auto lines = book.statement(0, start + 501 * ms);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].occurred_at, start + 500 * ms);
  EXPECT_TRUE(book.statement(0, start + 500 * ms).empty()) << "`to` is not in it";
}

TEST(outside_book, silence_and_truth) {
  outside_book moved(with(&outside_settings::unknown_moved)), lost(with(&outside_settings::unknown_lost));
  EXPECT_TRUE(moved.take(pay(5), start).silent);
  EXPECT_TRUE(lost.take(pay(5), start).silent);
  EXPECT_EQ(moved.query(5, start).outcome, success);
  EXPECT_EQ(lost.query(5, start).outcome, rejected);
  EXPECT_EQ(moved.take(pay(5), start).outcome, success) << "sent again, it is answered";
  EXPECT_EQ(lost.take(pay(5), start).outcome, rejected);
  EXPECT_TRUE(net(moved, start + 1) == 1000);
  EXPECT_TRUE(net(lost, start + 1) == 0);
}

TEST(outside_book, close_before_during_and_after) {
  outside_book book(with(&outside_settings::accepted));
  EXPECT_EQ(book.query(4, start).outcome, none);
  EXPECT_EQ(book.query(4, start).code, outside_code::not_found);
  EXPECT_EQ(book.close(4, start).outcome, closed) << "before it came";
  const outside_reply late = book.take(pay(4), start + 1);
  EXPECT_EQ(late.outcome, rejected);
  EXPECT_EQ(late.code, outside_code::attempt_closed);
  EXPECT_EQ(book.counters().too_late, 1u);

  const outside_reply pending = book.take(pay(5), start + 2);
  ASSERT_EQ(pending.callbacks.size(), 1u);
  EXPECT_TRUE(book.tells(5, pending.callbacks[0]));
  EXPECT_EQ(book.close(5, start + 3).outcome, closed) << "while it is not decided";
  EXPECT_FALSE(book.tells(5, pending.callbacks[0]));
  EXPECT_EQ(book.take(pay(5), start + 4).outcome, rejected);

  book.take(pay(6), start + 5);
  EXPECT_EQ(book.close(6, start + 600 * ms).outcome, success) << "a success stays one";
  EXPECT_TRUE(net(book, start + 601 * ms) == 1000);
  EXPECT_EQ(book.close(5, start + 602 * ms).outcome, closed) << "the same again";
}

TEST(outside_book, a_reversal_moves_the_money_back_once) {
  outside_settings s;
  s.fee_basis_points = 60;
  outside_book book(s);
  book.take(pay(5), start);
  book.take(payout(6), start + 1);
  EXPECT_EQ(book.reverse(5, start + 2).outcome, closed);
  EXPECT_EQ(book.reverse(5, start + 3).outcome, closed);
  EXPECT_EQ(book.reverse(6, start + 4).outcome, closed);
  EXPECT_EQ(book.reverse(7, start + 5).outcome, closed) << "it never came";
  EXPECT_EQ(book.take(pay(7), start + 6).code, outside_code::attempt_closed);
  const auto lines = book.statement(0, start + 10);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].type, movement_type::pay);
  EXPECT_EQ(lines[1].type, movement_type::payout);
  EXPECT_EQ(lines[2].type, movement_type::pay_reversed);
  EXPECT_EQ(lines[3].type, movement_type::payout_reversed);
  EXPECT_EQ(lines[2].occurred_at, start + 2) << "the first time counts";
  EXPECT_TRUE(lines[0].fee_minor == 6 && lines[2].fee_minor == 6);
  const auto totals = book.totals(0, start + 10);
  ASSERT_EQ(totals.size(), 1u);
  EXPECT_TRUE(totals[0] == (core::statement_total{978, 4, 2000, 2000, 12, 12}));
}

TEST(outside_book, refunds_take_no_more_than_their_payment_brought) {
  outside_book book({});
  book.take(pay(5), start);
  outside_request other_ledger = refund(10, 5, 1);
  other_ledger.ledger = 840;
  struct row {
    outside_request request;
    outside_code code;
  };
  const row rows[] = {{refund(9, 4, 1), outside_code::no_source},        {other_ledger, outside_code::no_source},
                      {refund(11, 5, 1001), outside_code::source_spent}, {refund(12, 5, 600), outside_code::approved},
                      {refund(13, 5, 401), outside_code::source_spent},  {refund(14, 5, 400), outside_code::approved},
                      {refund(15, 12, 1), outside_code::no_source}};
  time_ns at = start;
  for (const row& r : rows) {
    EXPECT_EQ(book.take(r.request, ++at).code, r.code) << lo64(r.request.attempt_id);
    EXPECT_EQ(book.take(r.request, ++at).code, r.code) << "again";
    EXPECT_EQ(book.query(r.request.attempt_id, at).code, r.code);
  }
  EXPECT_TRUE(net(book, at + 1) == 0);
  const outside_truth kept = book.reverse(5, ++at);
  EXPECT_EQ(kept.outcome, success);
  EXPECT_EQ(kept.code, outside_code::already_refunded);
  EXPECT_EQ(book.reverse(14, ++at).outcome, closed);
  EXPECT_EQ(book.take(refund(16, 5, 400), ++at).outcome, success) << "what was reversed can go back again";
  EXPECT_TRUE(net(book, at + 1) == 0);
}

TEST(outside_book, money_that_comes_back_has_its_own_line_and_stays_a_success) {
  outside_book book(with(&outside_settings::returned));
  const outside_reply told = book.take(payout(5), start);
  EXPECT_EQ(told.outcome, success);
  ASSERT_EQ(told.callbacks.size(), 1u);
  EXPECT_EQ(told.callbacks[0].outcome, returned);
  EXPECT_FALSE(book.query(5, start + 499 * ms).came_back);
  EXPECT_TRUE(book.query(5, start + 500 * ms).came_back);
  EXPECT_EQ(book.query(5, start + 500 * ms).outcome, success);
  EXPECT_EQ(book.reverse(5, start + 600 * ms).outcome, success) << "nothing is left to move back";
  const auto lines = book.statement(0, start + 700 * ms);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].type, movement_type::payout_returned);
  EXPECT_NE(lines[0].channel_txn, lines[1].channel_txn);
  book.take(pay(7), start + 701 * ms);
  for (u128 id = 20; id < 23; ++id)
    EXPECT_EQ(book.take(refund(id, 7, 1000), start + 702 * ms).outcome, success) << "each comes back";
}

TEST(outside_book, a_line_as_text) {
  outside_settings s;
  s.channel = 12;
  s.fee_basis_points = 100;
  outside_book book(s);
  book.take(pay(0xab, 12'345), start + 7);
  const auto lines = book.statement(0, start + 8);
  ASSERT_EQ(lines.size(), 1u);
  const std::string text = core::text_of(lines[0]);
  EXPECT_EQ(text.substr(0, 12), "12,20261123,");
  EXPECT_EQ(text.substr(12 + 32), ",000000000000000000000000000000ab,pay,12345,123,978,success,1795392000000000007");
}

}  // namespace
}  // namespace payloom::test
