#pragma once
// Rows: linked chains (30-34, 97) and their culprits.
#include "tests/support/rule_table.hpp"

namespace payloom::rule_rows {

inline rule_row chain_row(std::string name, std::vector<rule_step> setup, std::vector<rule_record> members,
                          std::vector<rule_answer> expected) {
  return {.name = "chain: " + std::move(name),
          .setup = std::move(setup),
          .request = step(std::move(members)),
          .expected = std::move(expected),
          .accounts_max = 0};
}

inline void chain_shape_rows(rule_rows& rows) {
  using rc = result_code;
  constexpr rule_answer other{rc::linked_event_failed, false};
  const auto add = [&](std::string name, std::vector<rule_record> members, std::vector<rule_answer> expected) {
    rows.push_back(chain_row(std::move(name),
                             after({step({hold(20, alice, bob, 9)}), step({single(21, alice, bob, 9)})}),
                             std::move(members), std::move(expected)));
  };
  add("open, one member", {linked(single(40, alice, bob, 1))}, {{rc::linked_event_chain_open, false}});
  add("open, two members", {linked(single(40, alice, bob, 1)), linked(single(41, alice, bob, 1))},
      {other, {rc::linked_event_chain_open, false}});
  add("open comes before what a member would get",
      {linked(single(40, nobody, bob, 1)), linked(single(41, alice, bob, 0))},
      {other, {rc::linked_event_chain_open, false}});
  add("events before an open chain stand", {single(40, alice, bob, 1), linked(single(41, alice, bob, 1))},
      {{rc::ok, false}, {rc::linked_event_chain_open, false}});
  std::vector<rule_record> too_long;
  std::vector<rule_answer> too_long_answers{{rc::chain_too_long, false}};
  for (std::uint64_t i = 0; i < limits::chain_events_max + 1; ++i) {
    too_long.push_back(linked(single(1000 + i, alice, bob, 1)));
    if (i > 0) too_long_answers.push_back(other);
  }
  too_long.back() = single(5000, alice, bob, 1);
  add("too long", too_long, too_long_answers);
  too_long.erase(too_long.begin());
  add("as long as allowed", too_long, std::vector<rule_answer>(too_long.size(), rule_answer{}));
  add("an id twice: the later one is the culprit", {linked(single(40, alice, bob, 1)), single(40, alice, bob, 1)},
      {other, {rc::chain_id_repeated, false}});
  add("33 before 34", {linked(capture(40, 20, 1)), capture(40, 20, 1)}, {other, {rc::chain_id_repeated, false}});
  add("33 before 54", {linked(single(40, alice, bob, 1)), single(40, alice, bob, 0)},
      {other, {rc::chain_id_repeated, false}});
  add("one hold resolved twice", {linked(capture(40, 20, 1)), void_of(41, 20)},
      {other, {rc::chain_shape_unsupported, false}});
  add("a member targets what a later one repeats", {linked(reversal(40, 21, 1)), single(21, alice, bob, 9)},
      {other, {rc::exists_outside_chain, false}});
  add("one transfer reversed twice", {linked(reversal(40, 21, 1)), reversal(41, 21, 1)},
      {other, {rc::chain_shape_unsupported, false}});
}

inline void chain_rows(rule_rows& rows) {
  using rc = result_code;
  constexpr rule_answer ok{rc::ok, false}, other{rc::linked_event_failed, false}, again{rc::ok, true};
  const auto add = [&](std::string name, std::vector<rule_record> members, std::vector<rule_answer> expected) {
    rows.push_back(chain_row(std::move(name), after({step({single(10, purse, bob, 1)}, rc::exceeds_credits)}),
                             std::move(members), std::move(expected)));
  };
  add("a later member spends what an earlier one brought",
      {linked(single(40, alice, purse, 10)), single(41, purse, bob, 10)}, {ok, ok});
  add("but not before it came", {linked(single(40, purse, bob, 10)), single(41, alice, purse, 10)},
      {{rc::exceeds_credits, false}, other});
  add("not more than it brought", {linked(single(40, alice, purse, 10)), single(41, purse, bob, 11)},
      {other, {rc::exceeds_credits, false}});
  add("a member spends what another already spent",
      {linked(single(40, alice, purse, 10)), linked(single(41, purse, bob, 6)), single(42, purse, bob, 6)},
      {other, other, {rc::exceeds_credits, false}});
  add("the culprit in the middle",
      {linked(single(40, alice, bob, 1)), linked(single(41, alice, nobody, 1)), single(42, alice, bob, 1)},
      {other, {rc::credit_account_not_found, false}, other});
  add("the first culprit in order, not the smallest code",
      {linked(single(40, purse, bob, 1)), single(41, nobody, bob, 1)}, {{rc::exceeds_credits, false}, other});
  add("a member's bad content", {linked(single(40, alice, bob, 1)), single(41, alice, bob, 0)},
      {other, {rc::amount_must_not_be_zero, false}});
  add("a later member's content comes before an earlier one's state",
      {linked(single(40, purse, bob, 1)), single(41, alice, bob, 0)}, {other, {rc::amount_must_not_be_zero, false}});
  add("the first bad content in order, not the smallest code",
      {linked(single(40, alice, bob, 0)), single(0, alice, bob, 1)}, {{rc::amount_must_not_be_zero, false}, other});
  add("a member targets an earlier member's hold", {linked(hold(40, alice, bob, 5)), capture(41, 40, 5)},
      {other, {rc::hold_not_found, false}});
  add("two chains in a frame",
      {linked(single(40, purse, bob, 1)), single(41, alice, bob, 1), linked(single(42, alice, bob, 1)),
       single(43, alice, bob, 1)},
      {{rc::exceeds_credits, false}, other, ok, ok});
  add("a chain fails, the single after it stands",
      {linked(single(40, purse, bob, 1)), single(41, alice, purse, 1), single(42, alice, bob, 1)},
      {{rc::exceeds_credits, false}, other, ok});
  add("a member was refused before", {linked(single(40, alice, bob, 1)), single(10, purse, bob, 1)},
      {other, {rc::exceeds_credits, true}});

  const transfer_record a = linked(single(40, alice, bob, 5)), b = single(41, alice, bob, 6);
  const auto done = after({step({a, b}), step({id_record{49}}, rc::id_sealed)});
  const auto repeat = [&](std::string name, std::vector<rule_record> members, std::vector<rule_answer> expected) {
    rows.push_back(chain_row("repeat: " + std::move(name), done, std::move(members), std::move(expected)));
  };
  repeat("the whole chain", {a, b}, {again, again});
  repeat("its last member alone", {b}, {again});
  repeat("executed, but not with this chain", {a, single(42, alice, bob, 1)},
         {{rc::exists_outside_chain, false}, other});
  repeat("a new member before", {linked(single(42, alice, bob, 1)), b}, {other, {rc::exists_outside_chain, false}});
  repeat("other content", {a, single(41, alice, bob, 7)}, {{rc::exists_outside_chain, false}, other});
  repeat("other content first", {linked(single(40, alice, bob, 7)), b},
         {{rc::exists_with_different_amount, false}, other});
  repeat("a sealed member", {linked(single(42, alice, bob, 1)), single(49, alice, bob, 1)},
         {other, {rc::id_sealed, false}});
  const auto failed =
      after({step({linked(single(40, alice, bob, 1)), single(41, purse, bob, 1)}, rc::exceeds_credits)});
  rows.push_back(chain_row("repeat: the culprit's refusal is stored", failed,
                           {linked(single(40, alice, bob, 1)), single(41, purse, bob, 1)},
                           {other, {rc::exceeds_credits, true}}));
  rows.push_back(chain_row("repeat: nothing is stored for the others", failed, {single(40, alice, bob, 1)}, {ok}));
}

}  // namespace payloom::rule_rows
