// The oracle itself: it has to find what it is there for. Results of a server that loses, repeats or miscounts are made
// by hand.
#include <gtest/gtest.h>

#include "tests/crash/expected_codes.hpp"
#include "tests/crash/money_book.hpp"
#include "tests/crash/outcome_book.hpp"

namespace payloom::crash {
namespace {

transfer_record move(std::uint64_t id, std::uint64_t from, std::uint64_t into, u128 amount, std::uint16_t flags = 0) {
  transfer_record t{};
  t.id.value = id;
  t.debit_account.value = from;
  t.credit_account.value = into;
  t.amount_minor = amount;
  t.ledger = 978;
  t.code = 1;
  t.flags = flags;
  return t;
}

load_frame frame_of(const transfer_record& t) {
  load_frame frame;
  frame.add(t, expectation::executed);
  return frame;
}

result_record result(result_code code, commit_seq sequence, bool replayed = false) {
  result_record r{};
  r.code = code;
  r.sequence = sequence;
  r.timestamp = code == result_code::ok ? sequence * 10 : 0;
  r.flags = replayed ? result_flags::replayed : std::uint16_t{0};
  return r;
}

account_row row(std::uint64_t id, u128 debits, u128 credits) {
  account_row a{};
  a.id.value = id;
  a.ledger = 978;
  a.counters.debits_posted = debits;
  a.counters.credits_posted = credits;
  return a;
}

}  // namespace

class crash_oracle : public ::testing::Test {
 protected:
  verdict found;
  outcome_book outcomes{found};
  money_book books{found};
  load_frame pay = frame_of(move(7, 1, 2, 5));
};

TEST_F(crash_oracle, the_same_result_again_is_fine) {
  EXPECT_TRUE(outcomes.note(pay, 0, result(result_code::ok, 3)));
  EXPECT_FALSE(outcomes.note(pay, 0, result(result_code::ok, 3, true)));
  outcomes.check_sequences();
  EXPECT_TRUE(found.good());
  EXPECT_EQ(outcomes.newest(), 3u);
}

TEST_F(crash_oracle, two_executions_are_a_duplicate) {
  outcomes.note(pay, 0, result(result_code::ok, 3));
  outcomes.note(pay, 0, result(result_code::ok, 9));
  EXPECT_EQ(found.duplicated, 1u);
}

TEST_F(crash_oracle, executed_again_after_only_a_replay_was_seen_is_a_loss) {
  outcomes.note(pay, 0, result(result_code::ok, 3, true));
  outcomes.note(pay, 0, result(result_code::ok, 9));
  EXPECT_EQ(found.lost, 1u);
}

TEST_F(crash_oracle, refused_after_it_was_executed_is_a_loss) {
  outcomes.note(pay, 0, result(result_code::ok, 3));
  outcomes.note(pay, 0, result(result_code::exceeds_credits, 4));
  EXPECT_EQ(found.lost, 1u);
}

TEST_F(crash_oracle, executed_after_it_was_sealed_is_wrong) {
  load_frame seal;
  seal.type = frame_type::seal_transfers;
  seal.add(id_record{7}, expectation::sealed);
  outcomes.note(seal, 0, result(result_code::id_sealed, 2));
  outcomes.note(pay, 0, result(result_code::ok, 3));
  EXPECT_EQ(found.wrong, 1u);
}

TEST_F(crash_oracle, a_refusal_that_nothing_remembers_says_nothing) {
  outcomes.note(pay, 0, result(result_code::busy, 0));
  outcomes.note(pay, 0, result(result_code::ok, 3));
  EXPECT_TRUE(found.good());
}

TEST_F(crash_oracle, two_ids_at_one_commit_and_time_running_backward_are_wrong) {
  outcomes.note(pay, 0, result(result_code::ok, 3));
  outcomes.note(frame_of(move(8, 1, 2, 5)), 0, result(result_code::ok, 3));
  result_record early = result(result_code::ok, 4);
  early.timestamp = 1;
  outcomes.note(frame_of(move(9, 1, 2, 5)), 0, early);
  outcomes.check_sequences();
  EXPECT_EQ(found.wrong, 2u);
}

TEST_F(crash_oracle, the_books_know_holds_captures_and_voids_in_any_order) {
  for (const std::uint64_t id : {1, 2})
    books.open([&] {
      account_record a{};
      a.id.value = id;
      a.ledger = 978;
      return a;
    }());
  transfer_record capture = move(21, 0, 0, 4, transfer_flags::capture);
  capture.target_id.value = 20;
  books.book(capture, 5);
  books.book(move(20, 1, 2, 10, transfer_flags::hold), 4);
  books.book(move(22, 2, 1, 3), 6);
  books.settle();
  books.compare(std::vector<account_row>{row(1, 4, 3), row(2, 3, 4)});
  EXPECT_TRUE(found.good()) << found.problems.front();
  books.compare(std::vector<account_row>{row(1, 5, 3), row(2, 3, 5)});  // as if a payment of 1 had been done twice
  EXPECT_EQ(found.wrong, 2u);
  books.compare(std::vector<account_row>{row(1, 4, 3)});  // an account is gone, and the currency does not balance
  EXPECT_EQ(found.lost, 1u);
  EXPECT_EQ(found.wrong, 3u);
}

TEST_F(crash_oracle, a_hold_resolved_twice_is_a_duplicate) {
  books.book(move(20, 1, 2, 10, transfer_flags::hold), 4);
  for (const std::uint64_t id : {30, 31}) {
    transfer_record release = move(id, 0, 0, 0, transfer_flags::void_hold);
    release.target_id.value = 20;
    books.book(release, 5);
  }
  books.settle();
  EXPECT_EQ(found.duplicated, 1u);
}

TEST(crash_expectations, a_free_payment_is_executed_and_a_limited_one_may_be_refused) {
  using enum result_code;
  EXPECT_TRUE(is_expected(expectation::executed, ok, false));
  EXPECT_TRUE(is_expected(expectation::executed, busy, false));
  EXPECT_FALSE(is_expected(expectation::executed, exceeds_credits, false));
  EXPECT_FALSE(is_expected(expectation::executed, debit_account_not_found, true));
  EXPECT_FALSE(is_expected(expectation::executed, linked_event_failed, false));
  EXPECT_TRUE(is_expected(expectation::executed, linked_event_failed, true));
  EXPECT_TRUE(is_expected(expectation::limited, exceeds_credits, false));
  EXPECT_FALSE(is_expected(expectation::racing_target, hold_not_found, false));
  EXPECT_FALSE(is_expected(expectation::sealed, ok, false));
}

}  // namespace payloom::crash
