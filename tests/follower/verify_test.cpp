// Goal: verify finds nothing on good books and names the place of each kind of damage.
#include <gtest/gtest.h>

#include "actors/follower/verify.hpp"
#include "tests/follower/follower_fixture.hpp"

namespace payloom {
namespace {

using follower::verify_report;
using storage::run_kind;
using testing::follower_fixture;

verify_report check(follower_fixture& f) { return follower::verify(f.journal, *f.behind, *f.store); }

std::string all(const verify_report& report) {
  std::string text;
  for (const auto& problem : report.problems.first) text += problem + "\n";
  return text;
}

/// Adds one event that the journal should never have.
template <class Event>
void append(follower_fixture& f, run_kind kind, const Event& event) {
  storage::group_builder builder;
  builder.begin();
  std::memcpy(builder.append(kind, builder.add_context({}), 1), &event, sizeof(event));
  const auto position = f.journal.position();
  ASSERT_EQ(f.journal.append(builder.finish(position.next_sequence, position.last_time + 1)),
            storage::append_status::ok);
  ASSERT_TRUE(f.behind->wait_applied(position.next_sequence, f.soon()));
}

transfer_record transfer_between_first_two(follower_fixture& f) {
  transfer_record record{};
  record.id.value = 4242;
  record.debit_account.value = 1;
  record.credit_account = f.history.accounts()[4].record.id;
  record.amount_minor = 10;
  return record;
}

TEST(verify, good_books_are_good_wherever_the_index_ends) {
  follower_fixture f(201);
  f.open();
  for (int round = 0; round < 4; ++round) {
    f.history.run(2'500);
    if (round % 2 == 1) {
      ASSERT_TRUE(f.flush());
    }
    ASSERT_TRUE(f.catch_up());
    const verify_report report = check(f);
    EXPECT_TRUE(report.good()) << all(report);
    EXPECT_EQ(report.as_of, f.history.last());
    EXPECT_EQ(report.events, f.history.last());
    EXPECT_EQ(report.accounts, f.history.accounts().size());
    EXPECT_LE(report.indexed_seq, f.history.last());
  }
  const verify_report report = check(f);
  EXPECT_GT(report.links, 500u);
  EXPECT_GT(report.lines, report.ids);
}

TEST(verify, runs_beside_a_follower_that_is_fed) {
  follower_fixture f(203);
  f.open();
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 60; ++i) f.history.run(300);
    done = true;
  });
  int checks = 0;
  do {
    const verify_report report = check(f);
    EXPECT_TRUE(report.good()) << all(report);
    ++checks;
  } while (!done);
  writer.join();
  EXPECT_GE(checks, 1);
}

TEST(verify, a_capture_above_its_hold_is_named) {
  follower_fixture f(205);
  f.open();
  transfer_record hold = transfer_between_first_two(f);
  hold.flags = transfer_flags::hold;
  append(f, run_kind::transfers, hold);
  storage::resolution_event capture{};
  capture.record = hold;
  capture.record.id.value = 4243;
  capture.record.target_id = hold.id;
  capture.record.flags = transfer_flags::capture;
  capture.record.amount_minor = 11;
  capture.target_amount_minor = 10;
  capture.target_sequence = f.journal.position().next_sequence - 1;
  append(f, run_kind::resolutions, capture);
  EXPECT_NE(all(check(f)).find("captures more than the hold at event"), std::string::npos) << all(check(f));
}

TEST(verify, a_reversal_above_the_original_is_named) {
  follower_fixture f(207);
  f.open();
  const transfer_record original = transfer_between_first_two(f);
  append(f, run_kind::transfers, original);
  storage::resolution_event reversal{};
  reversal.record = original;
  std::swap(reversal.record.debit_account, reversal.record.credit_account);
  reversal.record.flags = transfer_flags::reversal;
  reversal.record.target_id = original.id;
  reversal.record.amount_minor = 6;
  reversal.target_amount_minor = 10;
  reversal.target_sequence = f.journal.position().next_sequence - 1;
  for (const u128 id : {5001u, 5002u}) {
    reversal.record.id.value = id;
    append(f, run_kind::resolutions, reversal);
  }
  EXPECT_NE(all(check(f)).find("it reverses more than event"), std::string::npos) << all(check(f));
}

TEST(verify, an_index_of_another_history_differs_in_named_chunks) {
  // The same seed but one more group: the index of one does not fit the journal of the other.
  follower_fixture f(209), other(210);
  f.open();
  f.history.run(6'000);
  ASSERT_TRUE(f.flush());
  other.open();
  other.history.run(6'500);
  ASSERT_TRUE(other.flush());
  const verify_report report = follower::verify(f.journal, *f.behind, *other.store);
  EXPECT_FALSE(report.good());
  f.history.run(3'000);
  ASSERT_TRUE(f.catch_up());
  const std::string text = all(follower::verify(f.journal, *f.behind, *other.store));
  for (const char* what : {"ids differ", "account lines differ", "links differ", "running sums differ", "open holds"}) {
    EXPECT_NE(text.find(what), std::string::npos) << what << "\n" << text;
  }
}

TEST(verify, balances_of_others_are_compared_with_the_journal) {
  follower_fixture f(211);
  f.open();
  f.history.run(2'000);
  ASSERT_TRUE(f.catch_up());
  follower::problem_list problems;
  follower::ledger_audit books(problems);
  follower::replay(f.journal, f.history.last(), books);
  books.finish();
  std::vector<std::pair<tenant_id, account_row>> rows;
  for (const auto& account : f.history.accounts()) {
    rows.emplace_back(account.tenant, testing::expected_row(account, f.history.last()));
  }
  compare_balances(books, rows, "shards", problems);
  EXPECT_EQ(problems.count, 0u);
  rows[3].second.counters.credits_posted += 1;
  compare_balances(books, rows, "shards", problems);
  ASSERT_EQ(problems.count, 1u);
  EXPECT_NE(problems.first[0].find("shards: account"), std::string::npos);
  rows.pop_back();
  rows[3].second.counters.credits_posted -= 1;
  rows[2].second.flags ^= account_flags::closed;
  compare_balances(books, rows, "shards", problems);
  EXPECT_EQ(problems.count, 3u);
}

}  // namespace
}  // namespace payloom
