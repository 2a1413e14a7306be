#pragma once
// Rows: accounts of a transfer (120-132) and account changes against state (43, 154, 157-161).
#include "tests/support/rule_table.hpp"

namespace payloom::rule_rows {

inline void account_state_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  using kind = account_change_kind;
  // 51: closed; 52: stop_out; 53: stop_in; 54: has debits of 2^128 - 1; 55: credits of 2^128 - 1.
  const auto history = after({step({account(51), account(52), account(53), account(54), account(55)}),
                              step({single(8, 54, 55, u128_max)}),
                              step({change(60, 51, kind::close), change(61, 52, kind::set_flags, af::stop_out),
                                    change(62, 53, kind::set_flags, af::stop_in)})});
  const auto add = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("accounts: " + name, history, r, code));
  };
  add("no debit account", rc::debit_account_not_found, single(40, nobody, bob, 1));
  add("120 before 121", rc::debit_account_not_found, single(40, nobody, nobody + 1, 1));
  add("no credit account", rc::credit_account_not_found, single(40, alice, nobody, 1));
  add("121 before 122", rc::credit_account_not_found, single(40, dollars, nobody, 1));
  add("debit ledger", rc::debit_account_has_different_ledger, single(40, dollars, bob, 1));
  add("122 before 123", rc::debit_account_has_different_ledger,
      with(single(40, alice, bob, 1), [](auto& r) { r.ledger = dollar; }));
  add("credit ledger", rc::credit_account_has_different_ledger, single(40, alice, dollars, 1));
  add("123 before 124", rc::credit_account_has_different_ledger, single(40, 51, dollars, 1));
  add("debit closed", rc::debit_account_closed, single(40, 51, bob, 1));
  add("credit closed", rc::credit_account_closed, hold(40, alice, 51, 1));
  add("125 before 126", rc::credit_account_closed, single(40, 52, 51, 1));
  add("debit stopped", rc::debit_account_stopped, single(40, 52, bob, 1));
  add("stop_out lets money in", rc::ok, single(40, alice, 52, 1));
  add("126 before 127", rc::debit_account_stopped, single(40, 52, 53, 1));
  add("credit stopped", rc::credit_account_stopped, hold(40, alice, 53, 1));
  add("stop_in lets money out", rc::ok, single(40, 53, bob, 1));
  add("127 before 128", rc::credit_account_stopped, single(40, 54, 53, 1));
  add("debits overflow", rc::overflows_debits, single(40, 54, bob, 1));
  add("debits overflow by a hold", rc::overflows_debits, hold(40, 54, bob, 1));
  add("128 before 129", rc::overflows_debits, single(40, 54, 55, 1));
  add("credits overflow", rc::overflows_credits, single(40, alice, 55, 1));
  add("129 before 130", rc::overflows_credits, single(40, purse, 55, 1));
  add("limit, nothing there", rc::exceeds_credits, single(40, purse, bob, 1));
  add("130 before 131", rc::exceeds_credits, single(40, purse, loan, 1));
  add("hold over the limit", rc::exceeds_credits, hold(40, purse, bob, 1));
  add("overdraft used up", rc::ok, single(40, overdraft, bob, 50));
  add("overdraft passed", rc::exceeds_credits, single(40, overdraft, bob, 51));
  add("credit limit", rc::exceeds_debits, single(40, alice, loan, 1));
  add("credit limit by a hold", rc::exceeds_debits, hold(40, alice, loan, 1));
}

inline void limit_rows(rule_rows& rows) {
  namespace tf = transfer_flags;
  namespace af = account_flags;
  using rc = result_code;
  const auto funded = after({step({single(8, bob, purse, 100)}), step({single(9, loan, bob, 100)})});
  const auto add = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("limits: " + name, funded, r, code));
  };
  add("spend all", rc::ok, single(40, purse, bob, 100));
  add("spend one more", rc::exceeds_credits, single(40, purse, bob, 101));
  add("repay all", rc::ok, single(40, bob, loan, 100));
  add("repay one more", rc::exceeds_debits, single(40, bob, loan, 101));
  add("amount max against a limit", rc::exceeds_credits, single(40, purse, alice, u128_max - 100));
  add("balancing debit", rc::ok, single(40, purse, bob, 500, tf::balancing_debit));
  add("balancing credit", rc::ok, single(40, bob, loan, 500, tf::balancing_credit));
  add("balancing both", rc::ok, single(40, purse, loan, 500, tf::balancing_debit | tf::balancing_credit));
  add("balancing debit, credit limit", rc::ok, single(40, purse, loan, 500, tf::balancing_debit));
  add("balancing hold", rc::ok, single(40, purse, bob, 500, tf::balancing_debit | tf::hold));
  add("balancing finds nothing", rc::nothing_available, single(40, alice, bob, 5, tf::balancing_debit));
  rows.push_back(row("limits: balancing without a limit flag", after({step({single(8, alice, bob, 30)})}),
                     single(40, bob, alice, 500, tf::balancing_credit), rc::ok));
  add("balancing one side, other side's limit", rc::exceeds_credits,
      single(40, overdraft, loan, 500, tf::balancing_credit));
  auto balanced = funded;
  balanced.push_back(step({single(10, purse, bob, 500, tf::balancing_debit | tf::hold)}));
  rows.push_back(row("limits: balancing took all", balanced, single(40, purse, bob, 1), rc::exceeds_credits));
  rows.push_back(row("limits: balancing took no more", balanced, capture(40, 10, 101), rc::exceeds_hold_amount));
  auto modest = funded;
  modest.push_back(step({single(10, purse, bob, 60, tf::balancing_debit)}));
  rows.push_back(row("limits: balancing takes what was asked", modest, single(40, purse, bob, 40), rc::ok));
  auto spent = funded;
  spent.push_back(step({single(10, purse, bob, 100)}));
  rows.push_back(row("limits: balancing an empty purse", spent, single(40, purse, bob, 5, tf::balancing_debit),
                     rc::nothing_available));
  rows.push_back(row("limits: 124 before 132", after({step({change(50, purse, account_change_kind::close)})}),
                     single(40, purse, bob, 5, tf::balancing_debit), rc::debit_account_closed));
  // A limit sum past 2^128 - 1 counts as 2^128 - 1.
  account_record rich = account(56, af::debits_must_not_exceed_credits);
  rich.overdraft_limit_minor = u128_max;
  const auto wealthy = after({step({rich}), step({single(8, alice, 56, 100)})});
  rows.push_back(row("limits: a sum past 128 bits", wealthy, single(40, 56, bob, u128_max), rc::ok));
  // The whole of an overdraft: 50 at once, and not one more in a second step.
  const auto drawn = after({step({single(8, overdraft, bob, 50)})});
  rows.push_back(row("limits: overdraft already drawn", drawn, single(40, overdraft, bob, 1), rc::exceeds_credits));
  rows.push_back(row("limits: balancing counts the overdraft", after(),
                     single(40, overdraft, bob, 500, tf::balancing_debit), rc::ok));
}

inline void change_state_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  using kind = account_change_kind;
  const auto history =
      after({step({account(51), account(52), account(53), account(57, af::debits_must_not_exceed_credits, 50)}),
             step({single(8, 57, bob, 40), hold(20, 52, bob, 5), hold(21, alice, 53, 5)}),
             step({change(60, 51, kind::close)})});
  const auto add = [&](std::string name, rc code, const account_change_record& r) {
    rows.push_back(row("change: " + name, history, r, code));
  };
  add("both limit flags would stand", rc::flags_are_mutually_exclusive,
      change(40, purse, kind::set_flags, af::credits_must_not_exceed_debits));
  add("limit without flag", rc::account_limit_needs_flag, change(40, alice, kind::set_limit, 0, 5));
  add("unknown account", rc::account_not_found, change(40, nobody, kind::close));
  add("closed: set", rc::account_closed, change(40, 51, kind::set_flags, af::hot));
  add("closed: clear", rc::account_closed, change(40, 51, kind::clear_flags, af::hot));
  add("closed: close", rc::account_closed, change(40, 51, kind::close));
  add("closed: reopen", rc::ok, change(40, 51, kind::reopen));
  add("open: reopen", rc::ok, change(40, alice, kind::reopen));
  add("open debit hold", rc::account_has_open_holds, change(40, 52, kind::close));
  add("open credit hold", rc::account_has_open_holds, change(40, 53, kind::close));
  add("flags on an account with a balance", rc::ok, change(40, bob, kind::set_flags, af::history));
  add("limit below what was drawn", rc::account_outside_new_limit, change(40, 57, kind::set_limit, 0, 39));
  add("limit at what was drawn", rc::ok, change(40, 57, kind::set_limit, 0, 40));
  add("new debit limit not satisfied", rc::account_outside_new_limit,
      change(40, 52, kind::set_flags, af::debits_must_not_exceed_credits));
  add("new credit limit not satisfied", rc::account_outside_new_limit,
      change(40, bob, kind::set_flags, af::credits_must_not_exceed_debits));
  add("limit flag cleared", rc::ok, change(40, 57, kind::clear_flags, af::debits_must_not_exceed_credits));
  auto resolved = history;
  resolved.push_back(step({void_of(30, 20)}));
  rows.push_back(row("change: close after the hold is gone", resolved, change(40, 52, kind::close), rc::ok));
  auto reopened = history;
  reopened.push_back(step({change(61, 51, kind::reopen)}));
  rows.push_back(row("change: a reopened account moves", reopened, single(40, 51, bob, 1), rc::ok));
  const auto paid = after({step({single(8, alice, bob, 40)})});
  rows.push_back(row("change: close keeps a balance", paid, change(40, bob, kind::close), rc::ok));
  rule_row full =
      row("create account: table full", {step({account(51), account(52)})}, account(53), rc::account_table_full);
  full.accounts_max = 2;
  rows.push_back(full);
  rule_row known = full;
  known.name = "create account: 156 before 161";
  known.request = step({account(52)});
  known.expected = {{rc::account_exists, true}};
  rows.push_back(known);
  rule_row wrong = full;
  wrong.name = "create account: 91 before 161";
  wrong.request = step({with(account(52), [](auto& r) { r.code = 11; })});
  wrong.expected = {{rc::exists_with_different_code, false}};
  rows.push_back(wrong);
}

}  // namespace payloom::rule_rows
