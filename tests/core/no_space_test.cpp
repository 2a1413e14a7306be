// Goal: when the journal has no space, everything that is not durable is refused, gives its claims back, and uses up no
// sequence; it resumes by itself. Method: the writer's flow with ports that keep what it sends, and single books.
#include <gtest/gtest.h>

#include "tests/core/one_writer.hpp"

namespace payloom::actors {
namespace {

using rule_rows::alice, rule_rows::bob, rule_rows::linked, rule_rows::single;
TEST(no_space, what_was_decided_is_refused_and_gives_its_claims_back) {
  one_writer w;
  w.ports.space = false;
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7)}, true);
  w.give({decided(*f, 0), decided(*f, 1)});
  EXPECT_TRUE(w.flow.full());
  EXPECT_EQ(w.ports.changes, std::vector<bool>{true});
  ASSERT_EQ(w.ports.accounts.size(), 1u);
  const core::apply_vector& back = w.ports.accounts[0]->release;
  ASSERT_EQ(back.size(), 4u);
  for (std::uint32_t side = 0; side < 2; ++side) {
    EXPECT_EQ(back[side].row, side);
    EXPECT_TRUE(back[side].amount_minor == 5);
    EXPECT_EQ(back[side].op, side | core::apply_op::unclaim | core::apply_op::unreserve);
  }
  ASSERT_EQ(w.ports.orders.size(), 1u);
  const core::slip_vector& ended = w.ports.orders[0]->ended;
  ASSERT_EQ(ended.size(), 2u);
  for (const plain_slip& s : ended) {
    EXPECT_EQ(name_of(s.code), "unavailable");
    EXPECT_EQ(s.result().flags, 0) << "laid once, it was to say balances";
    EXPECT_EQ(s.result().sequence, 9u);
  }
  EXPECT_TRUE(f->all_balances()[1].amount_minor == 0);
}

TEST(no_space, a_refused_group_uses_up_no_sequence) {
  one_writer w;
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7), single(42, alice, bob, 7)});
  w.give({decided(*f, 0)});
  w.ports.space = false;
  w.give({decided(*f, 1)});
  w.ports.space = true;
  w.flow.tick(now_ns);
  EXPECT_EQ(w.ports.changes, (std::vector<bool>{true, false}));
  w.give({decided(*f, 2)});
  EXPECT_EQ(w.ports.bases, (std::vector<commit_seq>{10, 11}));
}

TEST(no_space, what_comes_while_there_is_none_is_refused_at_once) {
  one_writer w;
  w.ports.space = false;
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7)});
  w.give({decided(*f, 0)});
  w.flow.tick(now_ns);
  ASSERT_TRUE(w.flow.full());
  w.give({decided(*f, 1)});
  ASSERT_EQ(w.ports.orders.size(), 2u);
  EXPECT_EQ(w.ports.orders[1]->ended.at(0).index(), 1u);
  EXPECT_EQ(w.flow.queued_events(), 0u);
  EXPECT_EQ(w.ports.changes, std::vector<bool>{true}) << "said once";
}

TEST(no_space, the_group_behind_a_write_that_fails_is_refused_with_it) {
  one_writer w(0);
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7)});
  w.give({decided(*f, 0)});
  ASSERT_FALSE(w.ports.elsewhere.empty());
  w.give({decided(*f, 1)});
  EXPECT_TRUE(w.ports.orders.empty());
  w.ports.space = false;
  w.flow.written(append_status::no_space);
  ASSERT_EQ(w.ports.orders.size(), 1u);
  EXPECT_EQ(w.ports.orders[0]->ended.size(), 2u);
}

TEST(no_space, what_is_durable_stays_when_the_next_group_is_refused) {
  one_writer w(0);
  const auto f = transfers({single(40, alice, bob, 5), single(41, alice, bob, 7)});
  w.give({decided(*f, 0)});
  w.give({decided(*f, 1)});
  w.flow.written(append_status::ok);
  w.flow.pump();
  w.flow.written(append_status::no_space);
  ASSERT_EQ(w.ports.orders.size(), 2u);
  EXPECT_EQ(w.ports.orders[0]->durable.size(), 1u);
  ASSERT_EQ(w.ports.orders[1]->ended.size(), 1u);
  EXPECT_EQ(w.ports.orders[1]->ended[0].index(), 1u);
}

TEST(no_space, a_marker_is_answered) {
  one_writer w;
  w.ports.space = false;
  const auto f = transfers({single(40, alice, bob, 5)});
  w.give({decided(*f)});
  writer_mail mail;
  mail.mark = std::make_shared<marker>();
  w.flow.take(mail);
  w.flow.pump();
  ASSERT_TRUE(w.ports.accounts.back()->mark);
  EXPECT_EQ(w.ports.accounts.back()->mark->at, 9u);
}

TEST(no_space, a_chain_is_refused_whole) {
  one_writer w;
  w.ports.space = false;
  const auto f = transfers({linked(single(40, alice, bob, 5)), single(41, bob, alice, 7)});
  auto* c = new core::unit_case;
  c->frame = f.get();
  c->count = 2;
  c->events.resize(2);
  for (std::uint32_t m = 0; m < 2; ++m) c->events[m] = {.id_slot = m, .claimed_id = true};
  core::route_accounts(*c);
  for (std::uint32_t row = 0; row < 2; ++row) c->accounts[row].row = row;
  writer_mail mail;
  mail.cases.push_back(c);
  w.flow.take(mail);
  w.flow.pump();
  ASSERT_EQ(w.ports.orders.size(), 1u);
  const core::slip_vector& ended = w.ports.orders[0]->ended;
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(name_of(ended[0].code), "unavailable");
  EXPECT_EQ(name_of(ended[1].code), "linked_event_failed");
  EXPECT_EQ(ended[1].id_slot, 1u);
  EXPECT_EQ(w.ports.accounts.at(0)->release.size(), 2u);
}

TEST(no_space, a_change_opens_its_account_again) {
  one_writer w;
  w.ports.space = false;
  account_change_record r{};
  r.id.value = 40;
  r.account.value = alice;
  r.kind = account_change_kind::close;
  const auto f = frame_of<account_change_record>(frame_type::change_accounts, {r});
  core::change_decision d;
  d.slip = decided(*f);
  d.row = 3;
  writer_mail mail;
  mail.changes.push_back(d);
  w.flow.take(mail);
  w.flow.pump();
  const core::apply_vector& back = w.ports.accounts.at(0)->release;
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].row, 3u);
  EXPECT_EQ(back[0].op, core::apply_op::unclaim | core::apply_op::open_up);
  EXPECT_EQ(name_of(w.ports.orders.at(0)->ended.at(0).code), "unavailable");
}

TEST(no_space, a_refused_creation_leaves_no_account_and_lets_the_next_one_try) {
  const core::topology places{1, 1};
  core::account_book book{places, {}, [](ledger_id) { return true; }};
  core::account_effects out{places};
  account_record a{};
  a.id.value = alice;
  a.ledger = rule_rows::euro;
  a.code = 1;
  const auto first = frame_of<account_record>(frame_type::create_accounts, {a});
  const auto second = frame_of<account_record>(frame_type::create_accounts, {a});
  for (sim_frame* f : {first.get(), second.get()}) {
    plain_slip s;
    s.frame = f;
    book.create({&s, 1}, now_ns, out);
  }
  ASSERT_EQ(out.creations_to_writer.size(), 1u);
  EXPECT_EQ(book.parked(), 1u);
  book.uncreate(std::exchange(out.creations_to_writer, {}), out);
  EXPECT_EQ(name_of(first->result(0).code), "unavailable");
  EXPECT_EQ(out.finished.size(), 1u);
  ASSERT_EQ(out.creations_to_writer.size(), 1u) << "the second is the first now";
  EXPECT_EQ(out.creations_to_writer[0].frame, second.get());
  book.uncreate(std::exchange(out.creations_to_writer, {}), out);
  EXPECT_EQ(book.accounts(), 0u);
  EXPECT_EQ(book.parked(), 0u);
}

}  // namespace
}  // namespace payloom::actors
