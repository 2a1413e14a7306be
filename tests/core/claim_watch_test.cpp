// Goal: a claim that was lost is found, and nothing else ever is. Method: the watch's clock and single books, fed by
// hand.
#include <gtest/gtest.h>

#include <map>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"
#include "tests/sim/sim_frame.hpp"
#include "tests/support/rule_table.hpp"

namespace payloom::core {
namespace {

using rule_rows::alice, rule_rows::bob, rule_rows::single;
using sim::audit_request, sim::raw_record, sim::sim_frame;
constexpr time_ns second = 1'000'000'000u, start = 1'700'000'000 * second, never = ~time_ns{0};

TEST(claim_watch, patience_passes_while_everybody_keeps_up) {
  patience_clock clock;
  EXPECT_EQ(clock.advance(100, true), 0u);
  EXPECT_EQ(clock.advance(100 + 20'000'000, true), 20'000'000u);
  EXPECT_EQ(clock.advance(100 + 40'000'000, true), 40'000'000u);
}

TEST(claim_watch, a_stopped_process_costs_one_step) {
  patience_clock clock;
  clock.advance(100, true);
  EXPECT_EQ(clock.advance(100 + 3600 * second, true), patience_clock::step_max);
}

TEST(claim_watch, a_write_that_hangs_or_a_full_mailbox_costs_nothing) {
  patience_clock clock;
  clock.advance(100, true);
  for (std::uint64_t i = 1; i < 1000; ++i) EXPECT_EQ(clock.advance(100 + i * 20'000'000, false), 0u);
  EXPECT_EQ(clock.advance(100 + 1000 * second, true), patience_clock::step_max);
}

TEST(claim_watch, a_claim_ages_from_its_deadline_on_in_patience) {
  std::uint64_t note = start + second;
  EXPECT_FALSE(claim_age::too_old(note, start, 0));
  EXPECT_FALSE(claim_age::too_old(note, start + second - 1, 500 * second)) << "its deadline is not yet over";
  EXPECT_FALSE(claim_age::too_old(note, start + 9999 * second, 500 * second)) << "seen late for the first time";
  EXPECT_FALSE(claim_age::too_old(note, start + 99999 * second, 510 * second));
  EXPECT_TRUE(claim_age::too_old(note, start + 99999 * second, 510 * second + 1));
}

TEST(claim_watch, a_claim_without_deadline_never_is_too_old) {
  std::uint64_t note = never;
  EXPECT_FALSE(claim_age::too_old(note, start, 0));
  EXPECT_FALSE(claim_age::too_old(note, never, 99999 * second));
}

struct one_shard {
  topology places{1, 1};
  order_book book{places, {.shard = 0, .recent_generation_slots = 64, .filter_sub_tables = 1}};
  order_effects out{places};

  std::unique_ptr<sim_frame> give(std::uint64_t id, time_ns deadline) {
    const audit_request q{frame_type::create_transfers, 0, {raw_record(single(id, alice, bob, 5))}};
    auto f = std::make_unique<sim_frame>(q, start, deadline, false);
    plain_slip s;
    s.frame = f.get();
    s.set_mix(mix_id(0, id));
    book.intake({&s, 1}, start, out);
    return f;
  }
};

TEST(claim_watch, a_slip_that_was_lost_is_found) {
  one_shard o;
  const auto lost = o.give(40, start + second);
  ASSERT_EQ(o.out.to_account[0].size(), 1u);  // and nobody ever sees it again
  for (std::uint64_t t = 0; t <= 12; ++t) {
    EXPECT_FALSE(o.out.overdue.found) << t;
    o.book.tick(start + t * second, o.out, t * second);
  }
  EXPECT_TRUE(o.out.overdue.found);
  EXPECT_TRUE(o.out.overdue.id == 40);
}

TEST(claim_watch, what_ended_in_time_is_not_found_and_its_id_may_be_claimed_again) {
  one_shard o;
  const auto first = o.give(40, start + second);
  o.book.tick(start + 5 * second, o.out, 5 * second);  // late, and under way
  o.out.to_account[0][0].code = result_code::unavailable;
  o.book.ended(o.out.to_account[0], o.out);
  o.out.to_account[0].clear();
  const auto again = o.give(40, start + 900 * second);
  const auto stored = o.give(41, start + second);
  plain_slip s = o.out.to_account[0].at(1);
  s.set_mix(7);
  o.book.durable({&s, 1}, 7, start, o.out);
  for (std::uint64_t t = 6; t < 800; ++t) o.book.tick(start + t * second, o.out, t * second);
  EXPECT_FALSE(o.out.overdue.found);
}

TEST(claim_watch, every_generation_with_claims_is_looked_at) {
  recent_ids ids(64);
  std::vector<recent_ids::handle> handles;
  for (std::uint64_t i = 1; i <= 200; ++i) handles.push_back(ids.claim(mix_id(0, i), 0, i));
  for (std::size_t i = 0; i < handles.size(); ++i)
    if (i % 50 != 49) ids.commit(handles[i], i + 1);
  std::map<u128, int> seen;
  for (int round = 0; round < 200; ++round) ids.visit_claims(8, [&](recent_ids::slot& s) { ++seen[s.id]; });
  ASSERT_EQ(seen.size(), 4u);
  for (const auto& [id, times] : seen) EXPECT_GE(times, 2);
}

TEST(claim_watch, a_creation_that_was_lost_is_found) {
  const topology places{1, 1};
  account_book book{places, {}, [](ledger_id) { return true; }};
  account_effects out{places};
  const auto create = [&](std::uint64_t id) {
    account_record a{};
    a.id.value = id;
    a.ledger = rule_rows::euro;
    a.code = 1;
    auto f = std::make_unique<sim_frame>(audit_request{frame_type::create_accounts, 0, {raw_record(a)}}, start,
                                         start + second, false);
    plain_slip s;
    s.frame = f.get();
    book.create({&s, 1}, start, out);
    return f;
  };
  const auto refused = create(50), done = create(51);
  ASSERT_EQ(out.creations_to_writer.size(), 2u);
  book.uncreate({out.creations_to_writer.data(), 1}, out);
  out.creations_to_writer[1].set_mix(1);
  book.apply_accounts({&out.creations_to_writer[1], 1}, {}, 1, start, out);
  for (std::uint64_t t = 0; t < 50; ++t) book.tick(start + t * second, out, t * second);
  EXPECT_FALSE(out.overdue.found);
  const auto lost = create(52);
  for (std::uint64_t t = 50; t < 70; ++t) book.tick(start + t * second, out, t * second);
  EXPECT_TRUE(out.overdue.found);
  EXPECT_TRUE(out.overdue.id == 52);
}

}  // namespace
}  // namespace payloom::core
