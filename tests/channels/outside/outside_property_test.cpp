// Random requests in random order against a book: whatever comes, money moves once, and what was told agrees with it.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "actors/core/channels/outside/outside_book.hpp"

namespace payloom::test {
namespace {

using core::outside_book;
using core::outside_reply;
using core::outside_request;
using core::outside_settings;
using core::outside_truth;
using core::statement_line;
using enum channel_outcome;

constexpr time_ns start = 1'795'392'000'000'000'000;

outside_settings mixed(std::uint64_t seed) {
  outside_settings s;
  s.seed = seed;
  s.rejected = s.accepted = s.accepted_rejected = s.unknown_moved = s.unknown_lost = 100;
  s.other_amount = s.late_success = s.returned = 50;
  s.answered_twice = s.callback = s.callback_early = s.callback_late = s.callback_twice = 200;
  s.contradictory = s.callback_amount = s.callback_ledger = s.forged = 50;
  s.fee_basis_points = 35;
  s.latency_mean_ms = 20;
  s.latency_sigma_ms = 10;
  s.later_ms = 50;
  s.entries_max = 400;
  return s;
}

outside_request request_of(u128 id) {
  std::mt19937_64 own(lo64(id));
  const auto operation = static_cast<channel_operation>(1 + own() % 3);
  const u128 source = operation == channel_operation::refund ? 1 + own() % 300 : 0;
  return {operation, id, source, 1 + own() % 5'000, own() % 2 == 0 ? 978u : 840u, "text"};
}

struct life {
  outside_book book;
  std::map<u128, outside_reply> first;
  time_ns now = start;

  life(std::uint64_t seed, std::uint64_t steps_seed) : book(mixed(seed)) {
    std::mt19937_64 chance(steps_seed);
    for (int step = 0; step < 3'000; ++step) {
      now += chance() % 2'000'000;
      const u128 id = 1 + chance() % 450;
      const auto what = chance() % 10;
      if (what < 7) {
        const outside_reply r = book.take(request_of(id), now);
        if (!r.repeated && r.outcome != not_sent) first.try_emplace(id, r);
      } else if (what == 7) {
        book.close(id, now);
      } else if (what == 8) {
        book.reverse(id, now);
      } else {
        book.query(id, now);
      }
    }
    now += 1'000'000'000;
  }
};

TEST(outside_property, every_line_explains_every_attempt) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const life l(seed, seed * 31);
    std::map<u128, std::vector<statement_line>> lines;
    time_ns last = 0;
    for (const statement_line& line : l.book.statement(0, l.now)) {
      ASSERT_GE(line.occurred_at, last);
      last = line.occurred_at;
      lines[line.platform_no].push_back(line);
    }
    for (u128 id = 1; id <= 450; ++id) {
      const outside_truth truth = l.book.query(id, l.now);
      const auto& own = lines[id];
      if (truth.outcome == success) {
        ASSERT_EQ(own.size(), truth.came_back ? 2u : 1u) << seed;
        ASSERT_TRUE(own[0].amount_minor == truth.amount_minor && own[0].channel_txn == truth.channel_txn);
        ASSERT_EQ(own[0].ledger, request_of(id).ledger);
      } else {
        ASSERT_TRUE(own.empty() || (truth.outcome == closed && own.size() == 2)) << seed << " " << lo64(id);
      }
      if (own.size() == 2) {
        ASSERT_TRUE(undoes(own[1].type) && own[0].amount_minor == own[1].amount_minor);
        ASSERT_NE(brings_money(own[0].type), brings_money(own[1].type));
      }
      ASSERT_NE(truth.outcome, accepted) << "nothing stays undecided";
    }
  }
}

TEST(outside_property, refunds_together_never_exceed_their_payment) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const life l(seed, seed * 17);
    std::map<u128, u128> back;
    for (u128 id = 1; id <= 450; ++id) {
      const outside_request r = request_of(id);
      const outside_truth truth = l.book.query(id, l.now);
      if (r.operation == channel_operation::refund && truth.outcome == success && !truth.came_back)
        back[r.source] += truth.amount_minor;
    }
    for (const auto& [source, minor] : back) {
      const outside_truth paid = l.book.query(source, l.now);
      ASSERT_EQ(paid.outcome, success) << seed;
      ASSERT_LE(minor, paid.amount_minor) << seed;
    }
  }
}

TEST(outside_property, totals_are_the_sums_of_the_lines_and_days_add_up) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const life l(seed, seed);
    std::map<ledger_id, core::statement_total> sums;
    const time_ns middle = start + (l.now - start) / 3;
    std::vector<statement_line> all = l.book.statement(0, middle), rest = l.book.statement(middle, l.now);
    all.insert(all.end(), rest.begin(), rest.end());
    ASSERT_EQ(all, l.book.statement(0, l.now));
    ASSERT_FALSE(all.empty());
    for (const statement_line& line : all) {
      core::statement_total& t = sums[line.ledger];
      t.ledger = line.ledger;
      ++t.lines;
      (brings_money(line.type) ? t.came_minor : t.left_minor) += line.amount_minor;
      (undoes(line.type) ? t.fees_back_minor : t.fees_minor) += line.fee_minor;
    }
    std::vector<core::statement_total> expected;
    for (const auto& [ledger, total] : sums) expected.push_back(total);
    ASSERT_EQ(l.book.totals(0, l.now), expected);
  }
}

TEST(outside_property, a_definite_first_answer_is_never_taken_back_but_as_it_may_be) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const life l(seed, seed * 7);
    for (const auto& [id, told] : l.first) {
      const outside_truth truth = l.book.query(id, l.now);
      if (told.outcome == success) {
        ASSERT_TRUE(truth.outcome == success || truth.outcome == closed);
        if (truth.outcome == success) {
          ASSERT_TRUE(told.amount_minor == truth.amount_minor);
        }
      }
      if (told.outcome == rejected && told.callbacks.empty()) {
        ASSERT_NE(truth.outcome, success);
      }
    }
  }
}

TEST(outside_property, the_same_steps_make_the_same_book) {
  const life a(3, 9), b(3, 9);
  EXPECT_EQ(a.book.statement(0, a.now), b.book.statement(0, b.now));
  EXPECT_EQ(a.book.size(), b.book.size());
  const life other(4, 9);
  EXPECT_NE(a.book.statement(0, a.now), other.book.statement(0, other.now));
}

}  // namespace
}  // namespace payloom::test
