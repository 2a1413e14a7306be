// Goal: what interleavings did wrong once stays right. Method: single books, fed by hand so that the moment is exact.
#include <gtest/gtest.h>

#include "actors/core/account_book.hpp"
#include "actors/core/order_book.hpp"
#include "actors/journal/journal_desk.hpp"
#include "tests/sim/sim_frame.hpp"
#include "tests/support/rule_table.hpp"
#include "tests/support/twin_ids.hpp"

namespace payloom::core {
namespace {

using rule_rows::alice, rule_rows::bob, rule_rows::linked, rule_rows::reversal, rule_rows::single;
using sim::audit_request, sim::raw_record, sim::sim_frame;
constexpr time_ns now = 1'700'000'000'000'000'000u, later = now + 1'000'000'000u, never = ~time_ns{0};

std::unique_ptr<sim_frame> frame_of(std::vector<transfer_record> records, time_ns deadline = never) {
  audit_request q{frame_type::create_transfers, 0, {}};
  for (const transfer_record& r : records) q.records.emplace_back(r);
  return std::make_unique<sim_frame>(q, now, deadline, false);
}
plain_slip slip_of(sim_frame& f, std::uint32_t i = 0) {
  plain_slip s;
  s.frame = &f;
  s.index_and_marks = static_cast<std::uint16_t>(i);
  s.set_mix(mix_id(0, f.transfer(i).id.value));
  return s;
}
stored_event stored(const transfer_record& t, commit_seq seq, transfer_state state = transfer_state::posted) {
  stored_event e;
  e.what = stored_event::kind::transfer;
  e.seq = seq;
  e.timestamp = now;
  e.state = state;
  std::memcpy(e.record, &t, sizeof t);
  return e;
}

/// One order shard with everything it leaves for others.
struct one_order_shard {
  topology places{1, 1};
  order_book book{places, {.shard = 0, .recent_generation_slots = 64, .filter_sub_tables = 1}};
  order_effects out{places};

  void give(sim_frame& f) {
    plain_slip s = slip_of(f);
    book.intake({&s, 1}, now, out);
  }
};

TEST(core_cases, a_lookup_given_up_leaves_the_id_in_doubt) {
  one_order_shard o;
  const transfer_record t = single(40, alice, bob, 5);
  const std::uint64_t mix = mix_id(0, 40);
  o.book.restore_ids({&mix, 1});
  const auto first = frame_of({t}, now + 1), second = frame_of({t});
  o.give(*first);
  ASSERT_EQ(o.out.loads.size(), 1u);
  o.book.tick(later, o.out);
  ASSERT_EQ(first->result(0).code, result_code::deadline_exceeded);
  o.give(*second);
  EXPECT_TRUE(o.out.to_account[0].empty()) << "it may have been executed before";
  ASSERT_EQ(o.out.loads.size(), 2u);
  o.book.loaded(o.out.loads[1].token, stored(t, 7), o.out);
  EXPECT_EQ(second->result(0).code, result_code::ok);
  EXPECT_EQ(second->result(0).flags, result_flags::replayed);
  EXPECT_EQ(o.book.parked(), 0u);
}

TEST(core_cases, a_chain_given_up_while_it_looks_lets_the_original_go) {
  one_order_shard o;
  o.book.restore_recent(mix_id(0, 10), 0, 10, 3);
  const auto chain = frame_of({linked(reversal(40, 10, 1)), single(41, alice, bob, 1)}, now + 1);
  auto* c = new unit_case;
  c->frame = chain.get();
  c->count = 2;
  o.book.intake_cases({&c, 1}, now, o.out);
  ASSERT_EQ(o.out.loads.size(), 1u);
  o.book.tick(later, o.out);
  EXPECT_EQ(chain->result(0).code, result_code::deadline_exceeded);
  const auto again = frame_of({reversal(42, 10, 1)});
  o.give(*again);
  EXPECT_EQ(o.out.loads.size(), 2u) << "nobody has the original";
}

TEST(core_cases, a_hold_resolved_while_it_was_looked_up_is_looked_up_again) {
  one_order_shard o;
  const transfer_record h = rule_rows::hold(10, alice, bob, 5);
  o.book.restore_recent(mix_id(0, 10), 0, 10, 3);
  const auto f = frame_of({rule_rows::capture(40, 10, 5)});
  o.give(*f);
  ASSERT_EQ(o.out.loads.size(), 1u);
  o.book.loaded(o.out.loads[0].token, stored(h, 3, transfer_state::held), o.out);
  ASSERT_EQ(o.out.loads.size(), 2u);
  o.book.loaded(o.out.loads[1].token, stored(h, 3, transfer_state::voided), o.out);
  ASSERT_EQ(o.out.to_writer.size(), 1u);
  EXPECT_EQ(o.out.to_writer[0].code, result_code::hold_already_voided);
}

TEST(core_cases, an_expiry_that_came_late_is_not_remembered) {
  one_order_shard o;
  const transfer_record h = rule_rows::hold(10, alice, bob, 5, 1);
  o.book.restore_recent(mix_id(0, 10), 0, 10, 3);
  transfer_record t = rule_rows::void_of(0, 10);
  t.id.value = expiry_id({10});
  t.flags |= transfer_flags::expiry;
  const auto f = frame_of({t});
  f->from_server = true;
  o.give(*f);
  ASSERT_EQ(o.out.loads.size(), 1u);
  o.book.loaded(o.out.loads[0].token, stored(h, 3, transfer_state::captured), o.out);
  EXPECT_TRUE(o.out.to_writer.empty());
  EXPECT_EQ(o.out.finished.size(), 1u);
}

TEST(core_cases, a_client_cannot_keep_a_hold_open_by_using_up_the_id_of_its_expiry) {
  topology places{1, 1};
  order_book book{places, {.shard = 0, .recent_generation_slots = 64, .filter_sub_tables = 1, .salt = 77}};
  order_effects out{places};
  hold_entity h;
  h.id.value = 10;
  h.amount_minor = 5;
  h.seq = 3;
  h.expires_at = now;
  book.restore_hold(h);
  const auto attempt = [&](time_ns at) {
    out.expiries.clear();
    book.tick(at, out);
    return out.expiries.empty() ? u128{0} : out.expiries.front().id.value;
  };
  // The client's commands under the foreseeable id, and under what a repeat of it could look like.
  const u128 first = attempt(now);
  EXPECT_TRUE(first == expiry_id({10}));
  EXPECT_TRUE(attempt(now + 1) == 0);
  const u128 second = attempt(later);
  EXPECT_TRUE(second != 0 && second != first) << "the first may be used by somebody else for ever";
  EXPECT_TRUE(second != expiry_id({10}, 1)) << "nobody can foresee it";
  EXPECT_TRUE(attempt(later + 1'000'000'000u) != second);
}

TEST(core_cases, a_stored_refusal_of_a_chain_member_comes_before_its_target) {
  one_order_shard o;
  const transfer_record r = linked(reversal(40, 10, 9));
  o.book.restore_recent(mix_id(0, 10), 0, 10, 3);
  o.book.restore_recent(mix_id(0, 40), 0, 40, 5);
  const auto chain = frame_of({r, single(41, alice, bob, 1)});
  auto* c = new unit_case;
  c->frame = chain.get();
  c->count = 2;
  o.book.intake_cases({&c, 1}, now, o.out);
  stored_event refusal = stored(r, 5);
  refusal.what = stored_event::kind::refusal;
  refusal.code = result_code::exceeds_credits;
  refusal.as_of = 4;
  stored_event spent = stored(single(10, alice, bob, 9), 3);
  spent.reversed_minor = 9;  // by now its target would say 116
  for (std::size_t i = 0; i < o.out.loads.size(); ++i)
    o.book.loaded(o.out.loads[i].token, o.out.loads[i].id == 10 ? spent : refusal, o.out);
  EXPECT_TRUE(o.out.to_writer.empty());
  EXPECT_EQ(chain->result(0).code, result_code::exceeds_credits);
  EXPECT_EQ(chain->result(0).flags, result_flags::replayed);
  EXPECT_EQ(chain->result(1).code, result_code::linked_event_failed);
}

/// One account shard that has alice and bob.
struct one_account_shard {
  topology places{1, 1};
  account_book book{places, {}, [](ledger_id) { return true; }};
  account_effects out{places};

  one_account_shard() {
    for (const std::uint64_t id : {alice, bob}) {
      account_row row{};
      row.id.value = id;
      row.ledger = rule_rows::euro;
      book.restore(row, 0);
    }
  }
  void give(sim_frame& f) {
    plain_slip s = slip_of(f);
    s.debit_row = s.credit_row = no_slot;
    book.step({&s, 1}, out);
  }
};

TEST(core_cases, a_huge_amount_in_flight_is_seen_by_a_small_one) {
  one_account_shard a;
  const auto huge = frame_of({single(40, alice, bob, u128_max)}), small = frame_of({single(41, alice, bob, 5)});
  a.give(*huge);
  a.give(*small);
  ASSERT_EQ(a.out.to_writer.size(), 1u);
  EXPECT_EQ(a.book.parked(), 1u) << "both together would pass 2^128";
  std::vector<apply_entry> entries(2);
  for (std::uint32_t side = 0; side < 2; ++side) {
    entries[side].amount_minor = u128_max;
    entries[side].row = side == 0 ? a.out.to_writer[0].debit_row : a.out.to_writer[0].credit_row;
    entries[side].op = (side != 0 ? apply_op::credit : 0) | apply_op::post | apply_op::unclaim | apply_op::unreserve;
  }
  a.book.apply(entries, {}, 1, a.out);
  ASSERT_EQ(a.out.to_writer.size(), 2u);
  EXPECT_EQ(a.out.to_writer[1].code, result_code::overflows_debits);
  a.book.visit([](const account_entity& e, u128) {
    EXPECT_EQ(e.claims, 0u);
    EXPECT_TRUE(e.debits_reserved == 0 && e.credits_reserved == 0);
  });
}

TEST(core_cases, a_huge_chain_in_flight_is_seen_by_a_small_one) {
  one_account_shard a;
  const auto chain = frame_of({linked(single(40, alice, bob, u128_max - 1)), single(41, alice, bob, 1)});
  const auto small = frame_of({single(42, alice, bob, 5)});
  auto* c = new unit_case;
  c->frame = chain.get();
  c->count = 2;
  c->events.resize(2);
  route_accounts(*c);
  a.book.step_cases({&c, 1}, a.out);
  ASSERT_EQ(a.out.cases_to_writer.size(), 1u);
  a.give(*small);
  EXPECT_TRUE(a.out.to_writer.empty());
  EXPECT_EQ(a.book.parked(), 1u);
  delete c;
}

TEST(core_cases, an_account_that_moved_keeps_its_own_as_of) {
  topology places(1, 1, 1);
  account_book hot(places, {.shard = 1}, [](ledger_id) { return true; });
  moved_account moved;
  moved.entity.id.value = alice;
  moved.entity.ledger = rule_rows::euro;
  moved.entity.flags = account_flags::closed;
  moved.as_of = 70;
  account_effects out(places);
  hot.arrive(moved, out);
  const auto f = frame_of({single(40, alice, bob, 5)});
  plain_slip s = slip_of(*f);
  s.debit_row = s.credit_row = no_slot;
  places.set_host(mix_id(0, alice), 0, alice, 1);
  hot.step({&s, 1}, out);
  EXPECT_EQ(f->result(0).sequence, 70u);
}

TEST(core_cases, work_that_overtakes_a_returning_account_waits_for_it) {
  topology places(1, 1, 1);
  account_book home(places, {.shard = 0}, [](ledger_id) { return true; });
  account_effects out(places);
  account_row row{};
  row.id.value = alice;
  row.ledger = rule_rows::euro;
  row.flags = account_flags::hot;
  home.restore(row, 0);
  home.find_misplaced(out);
  ASSERT_EQ(out.to_move.size(), 1u);
  moved_account away = home.take_for_move(out.to_move[0]);
  places.set_host(mix_id(0, alice), 0, alice, 1);
  home.finish_move(out.to_move[0], true, out);
  places.set_host(mix_id(0, alice), 0, alice, 0);  // it is on its way back, behind the transfer
  const auto f = frame_of({single(40, alice, bob, 5)});
  plain_slip s = slip_of(*f);
  s.debit_row = s.credit_row = no_slot;
  home.step({&s, 1}, out);
  EXPECT_EQ(home.parked(), 1u);
  home.arrive(away, out);
  EXPECT_EQ(home.parked(), 0u);
  ASSERT_EQ(out.to_writer.size(), 1u);
  EXPECT_EQ(out.to_writer[0].code, result_code::credit_account_not_found) << "and alice is found";
}

TEST(core_cases, work_that_overtakes_an_account_on_its_first_way_waits_for_it) {
  topology places(1, 1, 1);
  account_book hot(places, {.shard = 1}, [](ledger_id) { return true; });
  account_effects out(places);
  // The transfer came to this shard for another account, ahead of alice.
  places.set_host(mix_id(0, alice), 0, alice, 1);
  std::uint64_t other = 100;
  while (!route_before(mix_id(0, alice), alice, mix_id(0, other), other)) ++other;
  const auto f = frame_of({single(40, alice, other, 5)});
  plain_slip s = slip_of(*f);
  s.debit_row = s.credit_row = no_slot;
  hot.step({&s, 1}, out);
  EXPECT_EQ(hot.parked(), 1u);
  moved_account moved;
  moved.entity.id.value = alice;
  moved.entity.ledger = rule_rows::euro;
  hot.arrive(moved, out);
  EXPECT_EQ(hot.parked(), 0u);
}

TEST(core_cases, an_id_with_the_mix_of_a_hot_account_is_another_account) {
  topology places(1, 1, 1);
  const u128 twin = support::twin_of(0, alice, 0);
  places.set_host(mix_id(0, alice), 0, alice, 1);
  EXPECT_EQ(places.account_shard(mix_id(0, alice), 0, alice), 1u);
  EXPECT_EQ(places.account_shard(mix_id(0, twin), 0, twin), 0u);
  account_book hot(places, {.shard = 1}, [](ledger_id) { return true; });
  account_effects out(places);
  account_record a{};
  a.id.value = twin;
  a.ledger = rule_rows::euro;
  a.code = 1;
  audit_request q{frame_type::create_accounts, 0, {raw_record(a)}};
  sim_frame creation(q, now, never, false);
  plain_slip s;
  s.frame = &creation;
  hot.create({&s, 1}, now, out);
  EXPECT_EQ(hot.parked(), 0u) << "it would wait there until its deadline for an account that nobody moves";
  EXPECT_EQ(out.creations_to_account[0].size(), 1u);
}

TEST(core_cases, accounts_with_one_mix_become_hot_one_by_one) {
  topology places(1, 1, 1);
  account_book home(places, {.shard = 0}, [](ledger_id) { return true; });
  account_effects out(places);
  for (const u128 id : {u128{alice}, support::twin_of(0, alice, 0)}) {
    account_row row{};
    row.id.value = id;
    row.ledger = rule_rows::euro;
    row.flags = account_flags::hot;
    home.restore(row, 0);
  }
  home.find_misplaced(out);
  EXPECT_EQ(out.to_move.size(), 2u);
}

TEST(core_cases, a_refusal_is_journaled_as_it_came_and_not_older_than_its_frame) {
  const topology places(1, 1);
  actors::journal_desk desk(places, 50, now, false);
  actors::open_group group(places);
  desk.reset(group);
  const auto f = frame_of({reversal(40, 10, u128_max)});
  f->header.sequence = 49;
  note_open_fields(f->transfer(0), f->notes[0]);
  f->transfer(0).amount_minor = 7;
  f->transfer(0).debit_account.value = bob;
  f->transfer(0).ledger = rule_rows::euro;
  plain_slip s = slip_of(*f);
  s.id_slot = 0;
  s.refuse(result_code::exceeds_credits, 20);
  desk.add({s});
  desk.fill(group);
  desk.close(group, now + 1);
  EXPECT_EQ(f->result(0).sequence, 49u);
  EXPECT_EQ(raw_record(f->transfer(0)), f->request().records[0]);
}

}  // namespace
}  // namespace payloom::core
