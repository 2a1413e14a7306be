#pragma once
// Rows: ids that were used before (80-97), replays, seals, tenants.
#include "tests/support/rule_table.hpp"

namespace payloom::rule_rows {

inline void repeated_transfer_rows(rule_rows& rows) {
  namespace tf = transfer_flags;
  using rc = result_code;
  const transfer_record first = single(10, alice, bob, 100);
  const transfer_record refused = single(11, purse, bob, 100);
  const auto history =
      after({step({first, hold(20, alice, bob, 60), hold(21, alice, bob, 60)}),
             step({capture(30, 20, 40), void_of(31, 21), reversal(32, 10, 30)}), step({refused}, rc::exceeds_credits),
             step({id_record{12}}, rc::id_sealed),
             step({change(13, alice, account_change_kind::set_flags, account_flags::hot)}),
             step({single(40, bob, purse, 70)}), step({single(41, purse, alice, 90, tf::balancing_debit)})});
  const auto again = [&](std::string name, rc code, const rule_record& r, bool replayed = false) {
    rows.push_back(row("repeat: " + name, history, r, code, replayed));
  };
  again("same single", rc::ok, first, true);
  again("same capture, all open", rc::ok, capture(30, 20, u128_max), true);
  again("same capture, all said", rc::ok,
        with(capture(30, 20, 40),
             [](auto& r) { r.debit_account.value = alice, r.credit_account.value = bob, r.ledger = euro, r.code = 7; }),
        true);
  again("same void, amount said", rc::ok, void_of(31, 21, 60), true);
  again("same reversal", rc::ok, reversal(32, 10, 30), true);
  again("same refusal", rc::exceeds_credits, refused, true);
  again("another kind of command", rc::exists_with_different_type, single(13, alice, bob, 100));
  again("content before id", rc::amount_must_not_be_zero, single(10, alice, bob, 0));
  again("flags", rc::exists_with_different_flags, hold(10, alice, bob, 100));
  again("linked is part of flags", rc::linked_event_chain_open, linked(first));
  again("81 before 82", rc::exists_with_different_flags, hold(10, purse, bob, 100));
  again("debit account", rc::exists_with_different_debit_account, single(10, purse, bob, 100));
  again("82 before 83", rc::exists_with_different_debit_account, single(10, purse, loan, 100));
  again("credit account", rc::exists_with_different_credit_account, single(10, alice, loan, 100));
  again("83 before 84", rc::exists_with_different_credit_account, single(10, alice, loan, 99));
  again("amount", rc::exists_with_different_amount, single(10, alice, bob, 101));
  again("amount max of a single", rc::exists_with_different_amount, single(10, alice, bob, u128_max));
  again("84 before 86", rc::exists_with_different_amount,
        with(single(10, alice, bob, 101), [](auto& r) { r.user_data_128 = 1; }));
  again("target", rc::exists_with_different_target_id, capture(30, 21, 40));
  again("capture of another amount", rc::exists_with_different_amount, capture(30, 20, 41));
  again("capture, other debit account", rc::exists_with_different_debit_account,
        with(capture(30, 20, 40), [](auto& r) { r.debit_account.value = purse; }));
  again("user_data_128", rc::exists_with_different_user_data_128, with(first, [](auto& r) { r.user_data_128 = 1; }));
  again("86 before 87", rc::exists_with_different_user_data_128,
        with(first, [](auto& r) { r.user_data_128 = 1, r.user_data_64 = 1; }));
  again("user_data_64", rc::exists_with_different_user_data_64, with(first, [](auto& r) { r.user_data_64 = 1; }));
  again("user_data_32", rc::exists_with_different_user_data_32, with(first, [](auto& r) { r.user_data_32 = 1; }));
  again("88 before 90", rc::exists_with_different_user_data_32,
        with(first, [](auto& r) { r.user_data_32 = 1, r.ledger = dollar; }));
  again("timeout", rc::exists_with_different_timeout, hold(20, alice, bob, 60, 9));
  again("89 before 91", rc::exists_with_different_timeout,
        with(hold(20, alice, bob, 60, 9), [](auto& r) { r.code = 8; }));
  again("ledger", rc::exists_with_different_ledger, with(first, [](auto& r) { r.ledger = dollar; }));
  again("90 before 91", rc::exists_with_different_ledger, with(first, [](auto& r) { r.ledger = dollar, r.code = 8; }));
  again("code", rc::exists_with_different_code, with(first, [](auto& r) { r.code = 8; }));
  again("refused, other amount", rc::exists_with_different_amount, single(11, purse, bob, 1));
  again("refused, other account", rc::exists_with_different_debit_account, single(11, alice, bob, 100));
  again("balancing, same", rc::ok, single(41, purse, alice, 90, tf::balancing_debit), true);
  again("balancing, asked for more", rc::ok, single(41, purse, alice, 900, tf::balancing_debit), true);
  again("balancing, asked for what moved", rc::ok, single(41, purse, alice, 70, tf::balancing_debit), true);
  again("balancing, asked for less than moved", rc::exists_with_different_amount,
        single(41, purse, alice, 69, tf::balancing_debit));
  again("sealed", rc::id_sealed, single(12, alice, bob, 1));
  again("sealed, a change", rc::id_sealed, change(12, alice, account_change_kind::close));
  const transfer_record imported = single(10, alice, bob, 100, tf::imported);
  rows.push_back(
      row("repeat: effective_at", after({step({with(imported, [](auto& r) { r.effective_at = long_ago; })})}),
          with(imported, [](auto& r) { r.effective_at = long_ago + 1; }), rc::exists_with_different_effective_at));
  rule_row other_tenant =
      row("another tenant's id is free, its accounts are not there", history, first, rc::debit_account_not_found);
  other_tenant.request.tenant = 1;
  rows.push_back(other_tenant);
}

inline void repeated_refused_target_rows(rule_rows& rows) {
  using rc = result_code;
  // A stored refusal is compared as it came: what was left open stays open.
  const auto history = after({step({hold(20, alice, bob, 60)}), step({capture(30, 20, 61)}, rc::exceeds_hold_amount),
                              step({void_of(31, 20, 59)}, rc::hold_has_different_amount)});
  rows.push_back(row("repeat: refused capture", history, capture(30, 20, 61), rc::exceeds_hold_amount, true));
  rows.push_back(row("repeat: refused capture, now all of it", history, capture(30, 20, u128_max),
                     rc::exists_with_different_amount));
  rows.push_back(row("repeat: refused void, now zero", history, void_of(31, 20), rc::exists_with_different_amount));
  rows.push_back(row("repeat: refused capture, now with code", history,
                     with(capture(30, 20, 61), [](auto& r) { r.code = 7; }), rc::exists_with_different_code));
}

inline void repeated_change_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  using kind = account_change_kind;
  const auto history = after({step({single(10, alice, bob, 5)}), step({change(20, purse, kind::set_limit, 0, 7)}),
                              step({change(21, alice, kind::set_flags, af::hot)}),
                              step({change(22, nobody, kind::close)}, rc::account_not_found)});
  const auto again = [&](std::string name, rc code, const account_change_record& r, bool replayed = false) {
    rows.push_back(row("repeat a change: " + name, history, r, code, replayed));
  };
  again("same", rc::ok, change(20, purse, kind::set_limit, 0, 7), true);
  again("same refusal", rc::account_not_found, change(22, nobody, kind::close), true);
  again("a transfer's id", rc::exists_with_different_type, change(10, alice, kind::close));
  again("80 before 157", rc::exists_with_different_type, change(10, nobody, kind::close));
  again("limit", rc::exists_with_different_limit, change(20, purse, kind::set_limit, 0, 8));
  again("account", rc::exists_with_different_account, change(20, overdraft, kind::set_limit, 0, 7));
  again("kind", rc::exists_with_different_change, change(21, alice, kind::clear_flags, af::hot));
  again("flags", rc::exists_with_different_change, change(21, alice, kind::set_flags, af::history));
  again("refused, another kind", rc::exists_with_different_change, change(22, nobody, kind::reopen));
}

inline void repeated_account_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  const account_record first = with(account(50, af::debits_must_not_exceed_credits | af::imported, 5),
                                    [](auto& r) { r.effective_at = long_ago; });
  const std::vector<rule_step> history{step({first}),
                                       step({change(60, 50, account_change_kind::set_flags, af::stop_in)}),
                                       step({change(61, 50, account_change_kind::set_limit, 0, 9)})};
  const auto again = [&](std::string name, rc code, const account_record& r) {
    rows.push_back(row("repeat an account: " + name, history, r, code));
  };
  rows.push_back(row("repeat an account: as created, though changed since", history, first, rc::account_exists, true));
  again("flags as they are now", rc::exists_with_different_flags, with(first, [](auto& r) { r.flags |= af::stop_in; }));
  again("81 before 86", rc::exists_with_different_flags,
        with(first, [](auto& r) { r.flags |= af::hot, r.user_data_128 = 1; }));
  again("user_data_128", rc::exists_with_different_user_data_128, with(first, [](auto& r) { r.user_data_128 = 1; }));
  again("user_data_64", rc::exists_with_different_user_data_64, with(first, [](auto& r) { r.user_data_64 = 1; }));
  again("user_data_32", rc::exists_with_different_user_data_32, with(first, [](auto& r) { r.user_data_32 = 1; }));
  again("88 before 90", rc::exists_with_different_user_data_32,
        with(first, [](auto& r) { r.user_data_32 = 1, r.ledger = dollar; }));
  again("ledger", rc::exists_with_different_ledger, with(first, [](auto& r) { r.ledger = dollar; }));
  again("90 before 91", rc::exists_with_different_ledger, with(first, [](auto& r) { r.ledger = dollar, r.code = 11; }));
  again("code", rc::exists_with_different_code, with(first, [](auto& r) { r.code = 11; }));
  again("effective_at", rc::exists_with_different_effective_at, with(first, [](auto& r) { r.effective_at += 1; }));
  again("92 before 93", rc::exists_with_different_effective_at,
        with(first, [](auto& r) { r.effective_at += 1, r.overdraft_limit_minor = 9; }));
  again("limit as it is now", rc::exists_with_different_limit,
        with(first, [](auto& r) { r.overdraft_limit_minor = 9; }));
}

inline void seal_rows(rule_rows& rows) {
  using rc = result_code;
  const auto history =
      after({step({single(10, alice, bob, 100)}), step({single(11, purse, bob, 100)}, rc::exceeds_credits),
             step({change(13, alice, account_change_kind::close)}), step({id_record{12}}, rc::id_sealed)});
  rows.push_back(row("seal: an unused id", history, id_record{14}, rc::id_sealed));
  rows.push_back(row("seal: a second time", history, id_record{12}, rc::id_sealed, true));
  rows.push_back(row("seal: executed", history, id_record{10}, rc::ok, true));
  rows.push_back(row("seal: refused", history, id_record{11}, rc::exceeds_credits, true));
  rows.push_back(row("seal: an executed change", history, id_record{13}, rc::ok, true));
}

}  // namespace payloom::rule_rows
