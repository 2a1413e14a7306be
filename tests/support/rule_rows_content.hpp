#pragma once
// Rows: content of transfers, accounts, changes and seals (no state needed).
#include "protocol/types/order_records.hpp"
#include "tests/support/rule_table.hpp"

namespace payloom::rule_rows {

inline void transfer_content_rows(rule_rows& rows) {
  namespace tf = transfer_flags;
  using rc = result_code;
  const transfer_record good = single(10, alice, bob, 100);
  const transfer_record good_capture = capture(10, 20, 100);
  const auto bad = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("transfer content: " + name, after(), r, code));
  };
  bad("good", rc::ok, good);
  bad("unknown flag", rc::reserved_flag, with(good, [](auto& r) { r.flags = 1 << 8; }));
  bad("the server's own expiry flag", rc::reserved_flag, with(good, [](auto& r) { r.flags = tf::expiry; }));
  bad("40 before 41", rc::reserved_flag, with(good, [](auto& r) { r.flags = 1 << 9, r.id.value = 0; }));
  bad("id zero", rc::id_must_not_be_zero, with(good, [](auto& r) { r.id.value = 0; }));
  bad("41 before 43", rc::id_must_not_be_zero,
      with(good, [](auto& r) { r.id.value = 0, r.flags = tf::hold | tf::capture; }));
  bad("id max", rc::id_must_not_be_max, with(good, [](auto& r) { r.id.value = u128_max; }));
  for (int flags :
       {tf::hold | tf::capture, tf::hold | tf::void_hold, tf::hold | tf::reversal, tf::capture | tf::void_hold,
        tf::capture | tf::reversal, tf::void_hold | tf::reversal, tf::capture | tf::balancing_debit,
        tf::void_hold | tf::balancing_credit, tf::reversal | tf::balancing_debit, tf::capture | tf::imported,
        tf::void_hold | tf::imported, tf::reversal | tf::imported})
    bad("flags exclude each other " + std::to_string(flags), rc::flags_are_mutually_exclusive,
        with(good_capture, [&](auto& r) { r.flags = static_cast<std::uint16_t>(flags); }));
  bad("43 before 44", rc::flags_are_mutually_exclusive,
      with(good, [](auto& r) { r.flags = tf::hold | tf::capture, r.debit_account.value = 0; }));
  bad("debit zero", rc::debit_account_id_must_not_be_zero, with(good, [](auto& r) { r.debit_account.value = 0; }));
  bad("hold without debit", rc::debit_account_id_must_not_be_zero,
      with(hold(10, alice, bob, 1), [](auto& r) { r.debit_account.value = 0; }));
  bad("44 before 46", rc::debit_account_id_must_not_be_zero,
      with(good, [](auto& r) { r.debit_account.value = r.credit_account.value = 0; }));
  bad("debit max", rc::debit_account_id_must_not_be_max, with(good, [](auto& r) { r.debit_account.value = u128_max; }));
  bad("45 before 48", rc::debit_account_id_must_not_be_max,
      with(good, [](auto& r) { r.debit_account.value = r.credit_account.value = u128_max; }));
  bad("credit zero", rc::credit_account_id_must_not_be_zero, with(good, [](auto& r) { r.credit_account.value = 0; }));
  bad("credit max", rc::credit_account_id_must_not_be_max,
      with(good, [](auto& r) { r.credit_account.value = u128_max; }));
  bad("capture with credit max", rc::credit_account_id_must_not_be_max,
      with(good_capture, [](auto& r) { r.credit_account.value = u128_max; }));
  bad("same account", rc::accounts_must_be_different, single(10, alice, alice, 100));
  bad("48 before 54", rc::accounts_must_be_different, single(10, alice, alice, 0));
  bad("capture names one account twice", rc::accounts_must_be_different,
      with(good_capture, [](auto& r) { r.debit_account.value = r.credit_account.value = alice; }));
}

inline void transfer_field_rows(rule_rows& rows) {
  namespace tf = transfer_flags;
  using rc = result_code;
  const transfer_record good = single(10, alice, bob, 100);
  const transfer_record good_capture = capture(10, 20, 100);
  const auto bad = [&](std::string name, rc code, const transfer_record& r) {
    rows.push_back(row("transfer content: " + name, after(), r, code));
  };
  bad("single with target", rc::target_id_must_be_zero, with(good, [](auto& r) { r.target_id.value = 5; }));
  bad("49 before 54", rc::target_id_must_be_zero,
      with(good, [](auto& r) { r.target_id.value = 5, r.amount_minor = 0; }));
  bad("capture without target", rc::target_id_must_not_be_zero, capture(10, 0, 1));
  bad("void without target", rc::target_id_must_not_be_zero, void_of(10, 0));
  bad("reversal without target", rc::target_id_must_not_be_zero, reversal(10, 0, 1));
  bad("target max", rc::target_id_must_not_be_max, with(good_capture, [](auto& r) { r.target_id.value = u128_max; }));
  bad("own target", rc::target_id_must_be_different, capture(10, 10, 1));
  bad("52 before 53", rc::target_id_must_be_different, with(capture(10, 10, 1), [](auto& r) { r.timeout_s = 1; }));
  bad("single with timeout", rc::timeout_reserved_for_holds, with(good, [](auto& r) { r.timeout_s = 1; }));
  bad("void with timeout", rc::timeout_reserved_for_holds, with(void_of(10, 20), [](auto& r) { r.timeout_s = 1; }));
  bad("53 before 54", rc::timeout_reserved_for_holds, with(good, [](auto& r) { r.timeout_s = 1, r.amount_minor = 0; }));
  bad("amount zero", rc::amount_must_not_be_zero, single(10, alice, bob, 0));
  bad("hold of zero", rc::amount_must_not_be_zero, hold(10, alice, bob, 0));
  bad("capture of zero", rc::amount_must_not_be_zero, capture(10, 20, 0));
  bad("reversal of zero", rc::amount_must_not_be_zero, reversal(10, 20, 0));
  bad("54 before 55", rc::amount_must_not_be_zero, with(good, [](auto& r) { r.amount_minor = 0, r.ledger = 0; }));
  bad("ledger zero", rc::ledger_must_not_be_zero, with(good, [](auto& r) { r.ledger = 0; }));
  bad("55 before 56", rc::ledger_must_not_be_zero, with(good, [](auto& r) { r.ledger = 0, r.code = 0; }));
  bad("code zero", rc::code_must_not_be_zero, with(good, [](auto& r) { r.code = 0; }));
  bad("56 before 57", rc::code_must_not_be_zero, with(good, [](auto& r) { r.code = 0, r.effective_at = 1; }));
  bad("effective_at without imported", rc::effective_at_must_be_zero, with(good, [](auto& r) { r.effective_at = 1; }));
  bad("57 before 59", rc::effective_at_must_be_zero, with(good, [](auto& r) { r.effective_at = far_future; }));
  bad("imported without effective_at", rc::effective_at_must_not_be_zero,
      with(good, [](auto& r) { r.flags = tf::imported; }));
  bad("58 before 60", rc::effective_at_must_not_be_zero,
      with(hold(10, alice, bob, 1, 5), [](auto& r) { r.flags |= tf::imported; }));
  bad("imported from the future", rc::effective_at_must_not_be_in_the_future,
      with(good, [](auto& r) { r.flags = tf::imported, r.effective_at = far_future; }));
  bad("59 before 60", rc::effective_at_must_not_be_in_the_future,
      with(hold(10, alice, bob, 1, 5), [](auto& r) { r.flags |= tf::imported, r.effective_at = far_future; }));
  bad("imported hold with timeout", rc::imported_hold_must_not_time_out,
      with(hold(10, alice, bob, 1, 5), [](auto& r) { r.flags |= tf::imported, r.effective_at = long_ago; }));
  bad("imported", rc::ok, with(good, [](auto& r) { r.flags = tf::imported, r.effective_at = long_ago; }));
  const auto posting = [](auto& r) { r.id = posting_id_of(0, 7, 0); };
  bad("a posting's id", rc::posting_id_reserved, with(good, posting));
  bad("60 before 61", rc::imported_hold_must_not_time_out, with(hold(10, alice, bob, 1, 5), [&](auto& r) {
        r.flags |= tf::imported, r.effective_at = long_ago;
        posting(r);
      }));
  bad("61 before 120", rc::posting_id_reserved, with(single(10, nobody, bob, 1), posting));
  bad("60 before 120", rc::imported_hold_must_not_time_out,
      with(hold(10, nobody, bob, 1, 5), [](auto& r) { r.flags |= tf::imported, r.effective_at = long_ago; }));
}

inline void account_content_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  const account_record good = account(50);
  const auto bad = [&](std::string name, rc code, const account_record& r) {
    rows.push_back(row("account content: " + name, {}, r, code));
  };
  bad("good", rc::ok, good);
  bad("custom ledger", rc::ok, account(50, 0, 0, custom));
  bad("both limit flags", rc::flags_are_mutually_exclusive, account(50, af::limited, 5));
  bad("ledger zero", rc::ledger_must_not_be_zero, account(50, 0, 0, 0));
  bad("55 before 56", rc::ledger_must_not_be_zero, with(account(50, 0, 0, 0), [](auto& r) { r.code = 0; }));
  bad("code zero", rc::code_must_not_be_zero, with(good, [](auto& r) { r.code = 0; }));
  bad("effective_at without imported", rc::effective_at_must_be_zero, with(good, [](auto& r) { r.effective_at = 1; }));
  bad("imported without effective_at", rc::effective_at_must_not_be_zero, account(50, af::imported));
  bad("imported from the future", rc::effective_at_must_not_be_in_the_future,
      with(account(50, af::imported), [](auto& r) { r.effective_at = far_future; }));
  bad("imported", rc::ok, with(account(50, af::imported), [](auto& r) { r.effective_at = long_ago; }));
  bad("id zero", rc::account_id_must_not_be_zero, account(0));
  bad("150 before 152", rc::account_id_must_not_be_zero, account(0, af::closed));
  bad("id max", rc::account_id_must_not_be_max, with(good, [](auto& r) { r.id.value = u128_max; }));
  bad("born closed", rc::account_reserved_field, account(50, af::closed));
  bad("unknown flag", rc::account_reserved_field, account(50, 1 << 8));
  bad("first reserved byte", rc::account_reserved_field, with(good, [](auto& r) { r.reserved[0] = 1; }));
  bad("last reserved byte", rc::account_reserved_field, with(good, [](auto& r) { r.reserved[51] = 1; }));
  bad("152 before 153", rc::account_reserved_field, with(account(50, 0, 0, 1), [](auto& r) { r.reserved[9] = 1; }));
  bad("unknown ledger", rc::account_ledger_unknown, account(50, 0, 0, 1));
  bad("unknown custom ledger", rc::account_ledger_unknown, account(50, 0, 0, 1001));
  bad("153 before 154", rc::account_ledger_unknown, account(50, 0, 5, 1));
  bad("limit without flag", rc::account_limit_needs_flag, account(50, af::history, 5));
}

inline void change_content_rows(rule_rows& rows) {
  namespace af = account_flags;
  using rc = result_code;
  using kind = account_change_kind;
  const account_change_record good = change(10, alice, kind::close);
  const auto bad = [&](std::string name, rc code, const account_change_record& r) {
    rows.push_back(row("change content: " + name, after(), r, code));
  };
  bad("good", rc::ok, good);
  bad("id zero", rc::id_must_not_be_zero, change(0, alice, kind::close));
  bad("41 before 150", rc::id_must_not_be_zero, change(0, 0, kind::close));
  bad("id max", rc::id_must_not_be_max, with(good, [](auto& r) { r.id.value = u128_max; }));
  bad("account zero", rc::account_id_must_not_be_zero, change(10, 0, kind::close));
  bad("150 before 155", rc::account_id_must_not_be_zero, change(10, 0, kind{9}));
  bad("account max", rc::account_id_must_not_be_max, with(good, [](auto& r) { r.account.value = u128_max; }));
  bad("kind zero", rc::account_change_unknown, change(10, alice, kind{0}));
  bad("kind unknown", rc::account_change_unknown, change(10, alice, kind{6}));
  bad("reserved byte", rc::account_change_unknown, with(good, [](auto& r) { r.reserved[47] = 1; }));
  bad("155 before 157", rc::account_change_unknown, change(10, nobody, kind{6}));
  bad("set nothing", rc::account_change_unknown, change(10, alice, kind::set_flags));
  bad("clear nothing", rc::account_change_unknown, change(10, alice, kind::clear_flags));
  bad("set closed by flag", rc::account_change_unknown, change(10, alice, kind::set_flags, af::closed));
  bad("set imported", rc::account_change_unknown, change(10, alice, kind::set_flags, af::imported | af::hot));
  bad("set an unknown flag", rc::account_change_unknown, change(10, alice, kind::set_flags, 1 << 9));
  bad("flags with a limit", rc::account_change_unknown, change(10, alice, kind::set_flags, af::hot, 5));
  bad("limit with flags", rc::account_change_unknown, change(10, purse, kind::set_limit, af::hot, 5));
  bad("close with flags", rc::account_change_unknown, change(10, alice, kind::close, af::hot));
  bad("reopen with a limit", rc::account_change_unknown, change(10, alice, kind::reopen, 0, 5));
  for (std::uint16_t flag : {af::history, af::stop_in, af::stop_out, af::hot, af::debits_must_not_exceed_credits,
                             af::credits_must_not_exceed_debits})
    bad("set flag " + std::to_string(flag), rc::ok, change(10, alice, kind::set_flags, flag));
}

inline void seal_content_rows(rule_rows& rows) {
  rows.push_back(row("seal content: zero", {}, id_record{0}, result_code::id_must_not_be_zero));
  rows.push_back(row("seal content: max", {}, id_record{u128_max}, result_code::id_must_not_be_max));
}

}  // namespace payloom::rule_rows
