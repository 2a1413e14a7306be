#pragma once
// Rows: captures, voids and reversals against their targets (100-117).
#include "tests/support/rule_table.hpp"

namespace payloom::rule_rows {

inline void hold_rows(rule_rows& rows) {
  using rc = result_code;
  const auto history =
      after({step({single(10, alice, bob, 100), hold(20, alice, bob, 60), hold(21, alice, bob, 60),
                   hold(22, alice, bob, 60), hold(23, alice, bob, 60, 5), hold(24, alice, bob, 60, 5)}),
             step({capture(31, 21, 60), void_of(32, 22)}), step({single(11, purse, bob, 100)}, rc::exceeds_credits),
             step({id_record{12}}, rc::id_sealed)});
  auto expired = history;
  expired.push_back(pass(5));
  const auto add = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("hold: " + name, history, r, code));
  };
  add("capture all by max", rc::ok, capture(40, 20, u128_max));
  add("capture all", rc::ok, capture(40, 20, 60));
  add("capture a part", rc::ok, capture(40, 20, 1));
  add("void", rc::ok, void_of(40, 20));
  add("void with amount", rc::ok, void_of(40, 20, 60));
  add("all fields said", rc::ok, with(capture(40, 20, 60), [](auto& r) {
        r.debit_account.value = alice, r.credit_account.value = bob, r.ledger = euro, r.code = 7;
      }));
  add("not found", rc::hold_not_found, capture(40, 41, 1));
  add("void of nothing", rc::hold_not_found, void_of(40, 41));
  add("a refused id is no transfer", rc::hold_not_found, capture(40, 11, 1));
  add("a sealed id is no transfer", rc::hold_not_found, void_of(40, 12));
  add("single", rc::target_is_not_a_hold, capture(40, 10, 1));
  add("capture of a capture", rc::target_is_not_a_hold, capture(40, 31, 1));
  add("void of a void", rc::target_is_not_a_hold, void_of(40, 32));
  add("101 before 102", rc::target_is_not_a_hold,
      with(capture(40, 10, 1), [](auto& r) { r.debit_account.value = purse; }));
  add("debit account", rc::hold_has_different_debit_account,
      with(capture(40, 20, 1), [](auto& r) { r.debit_account.value = purse; }));
  add("102 before 103", rc::hold_has_different_debit_account,
      with(capture(40, 20, 1), [](auto& r) { r.debit_account.value = bob, r.credit_account.value = alice; }));
  add("credit account", rc::hold_has_different_credit_account,
      with(void_of(40, 20), [](auto& r) { r.credit_account.value = purse; }));
  add("103 before 104", rc::hold_has_different_credit_account,
      with(void_of(40, 20), [](auto& r) { r.credit_account.value = purse, r.ledger = dollar; }));
  add("ledger", rc::hold_has_different_ledger, with(capture(40, 20, 1), [](auto& r) { r.ledger = dollar; }));
  add("104 before 105", rc::hold_has_different_ledger,
      with(capture(40, 20, 1), [](auto& r) { r.ledger = dollar, r.code = 8; }));
  add("code", rc::hold_has_different_code, with(capture(40, 20, 1), [](auto& r) { r.code = 8; }));
  add("105 before 106", rc::hold_has_different_code, with(capture(40, 20, 61), [](auto& r) { r.code = 8; }));
  add("too much", rc::exceeds_hold_amount, capture(40, 20, 61));
  add("106 before 108", rc::exceeds_hold_amount, capture(40, 21, 61));
  add("void with other amount", rc::hold_has_different_amount, void_of(40, 20, 59));
  add("107 before 109", rc::hold_has_different_amount, void_of(40, 22, 61));
  add("void of all by max", rc::hold_has_different_amount, void_of(40, 20, u128_max));
  add("captured, captured again", rc::hold_already_captured, capture(40, 21, 60));
  add("captured, then voided", rc::hold_already_captured, void_of(40, 21));
  add("voided, then captured", rc::hold_already_voided, capture(40, 22, 60));
  add("voided, voided again", rc::hold_already_voided, void_of(40, 22));
  add("in time", rc::ok, capture(40, 23, 60));
  rows.push_back(row("hold: expired, then captured", expired, capture(40, 23, 60), rc::hold_expired));
  rows.push_back(row("hold: expired, then voided", expired, void_of(40, 24), rc::hold_expired));
  rows.push_back(row("hold: 106 before 110", expired, capture(40, 23, 61), rc::exceeds_hold_amount));
  rows.push_back(row("hold: without timeout never expires", expired, capture(40, 20, 60), rc::ok));
  rule_row tenant = row("hold: another tenant's", history, capture(40, 20, 1), rc::hold_not_found);
  tenant.request.tenant = 1;
  rows.push_back(tenant);
}

inline void hold_state_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  using kind = account_change_kind;
  // Captures and voids pass what was checked when the money was held.
  const auto stopped = after({step({single(9, bob, purse, 60)}), step({hold(20, purse, bob, 60)}),
                              step({change(50, purse, kind::set_flags, af::stop_out | af::stop_in)}),
                              step({change(51, bob, kind::set_flags, af::stop_in | af::stop_out)})});
  rows.push_back(row("hold: capture passes stops", stopped, capture(40, 20, 60), rc::ok));
  rows.push_back(row("hold: void passes stops", stopped, void_of(40, 20), rc::ok));
  const auto held = after({step({single(9, bob, purse, 60)}), step({hold(20, purse, bob, 60)})});
  rows.push_back(row("hold: counts against the limit", held, single(40, purse, bob, 1), rc::exceeds_credits));
  auto part = held;
  part.push_back(step({capture(30, 20, 25)}));
  rows.push_back(row("hold: the rest of a capture is released", part, single(40, purse, bob, 35), rc::ok));
  rows.push_back(row("hold: but no more than the rest", part, single(40, purse, bob, 36), rc::exceeds_credits));
  auto gone = held;
  gone.push_back(step({void_of(30, 20)}));
  rows.push_back(row("hold: a void releases all", gone, single(40, purse, bob, 60), rc::ok));
  const auto timed = after({step({single(9, bob, purse, 60)}), step({hold(20, purse, bob, 60, 3)}), pass(3)});
  rows.push_back(row("hold: an expiry releases all", timed, single(40, purse, bob, 60), rc::ok));
  rows.push_back(row("hold: its pending credit cannot be spent", after({step({hold(20, alice, purse, 60)})}),
                     single(40, purse, bob, 1), rc::exceeds_credits));
}

inline void reversal_rows(rule_rows& rows) {
  using rc = result_code;
  const auto history = after({step({single(10, alice, bob, 100), single(11, alice, bob, 100),
                                    single(13, alice, bob, 50), hold(20, alice, bob, 60), hold(21, alice, bob, 60)}),
                              step({capture(30, 20, 40), void_of(31, 21), reversal(32, 10, 30), reversal(33, 13, 50)}),
                              step({single(14, purse, bob, 100)}, rc::exceeds_credits)});
  const auto add = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("reversal: " + name, history, r, code));
  };
  add("whole", rc::ok, reversal(40, 11, 100));
  add("whole by max", rc::ok, reversal(40, 11, u128_max));
  add("the rest", rc::ok, reversal(40, 10, 70));
  add("the rest by max", rc::ok, reversal(40, 10, u128_max));
  add("of a capture", rc::ok, reversal(40, 30, 40));
  add("code of its own", rc::ok, with(reversal(40, 11, 1), [](auto& r) { r.code = 99; }));
  add("all fields said", rc::ok, with(reversal(40, 11, 1), [](auto& r) {
        r.debit_account.value = bob, r.credit_account.value = alice, r.ledger = euro;
      }));
  add("not found", rc::original_not_found, reversal(40, 41, 1));
  add("a refused id is no transfer", rc::original_not_found, reversal(40, 14, 1));
  add("of an open hold", rc::original_is_not_posted, reversal(40, 20, 1));
  add("of a void", rc::original_is_not_posted, reversal(40, 31, 1));
  add("of a reversal", rc::original_is_not_posted, reversal(40, 32, 1));
  add("112 before 113", rc::original_is_not_posted,
      with(reversal(40, 31, 1), [](auto& r) { r.debit_account.value = purse; }));
  add("debit account as the original's", rc::original_has_different_debit_account,
      with(reversal(40, 11, 1), [](auto& r) { r.debit_account.value = alice; }));
  add("113 before 114", rc::original_has_different_debit_account,
      with(reversal(40, 11, 1), [](auto& r) { r.debit_account.value = alice, r.credit_account.value = bob; }));
  add("credit account", rc::original_has_different_credit_account,
      with(reversal(40, 11, 1), [](auto& r) { r.credit_account.value = purse; }));
  add("114 before 115", rc::original_has_different_credit_account,
      with(reversal(40, 11, 1), [](auto& r) { r.credit_account.value = purse, r.ledger = dollar; }));
  add("ledger", rc::original_has_different_ledger, with(reversal(40, 11, 1), [](auto& r) { r.ledger = dollar; }));
  add("115 before 116", rc::original_has_different_ledger,
      with(reversal(40, 11, 101), [](auto& r) { r.ledger = dollar; }));
  add("too much", rc::exceeds_original_amount, reversal(40, 11, 101));
  add("more than is left", rc::exceeds_original_amount, reversal(40, 10, 71));
  add("of a capture, more than was captured", rc::exceeds_original_amount, reversal(40, 30, 41));
  add("an amount of nothing left", rc::exceeds_original_amount, reversal(40, 13, 1));
  add("nothing left", rc::original_already_reversed, reversal(40, 13, u128_max));
  const auto spent = after({step({single(10, bob, purse, 50)}), step({single(11, purse, alice, 20)})});
  rows.push_back(row("reversal: its debit account keeps its limit", spent, reversal(40, 10, 31), rc::exceeds_credits));
  rows.push_back(row("reversal: 116 before 130", spent, reversal(40, 10, 51), rc::exceeds_original_amount));
  rows.push_back(row("reversal: what is still there", spent, reversal(40, 10, 30), rc::ok));
}

}  // namespace payloom::rule_rows
