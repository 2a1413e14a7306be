#include "actors/core/ledger_rules.hpp"

#include <cstring>

#include "protocol/types/order_records.hpp"

namespace payloom::core {

namespace tf = transfer_flags;
namespace af = account_flags;
using enum result_code;

namespace {

bool more_than_one_bit(unsigned v) { return (v & (v - 1)) != 0; }

bool flags_exclude_each_other(std::uint16_t flags) {
  if (more_than_one_bit(flags & (tf::hold | tf::targeting))) return true;
  return (flags & tf::targeting) != 0 && (flags & (tf::balancing | tf::imported)) != 0;
}

result_code check_accounts(const transfer_record& t, bool targeting) {
  const u128 d = t.debit_account.value, c = t.credit_account.value;
  if (!targeting && d == 0) return debit_account_id_must_not_be_zero;
  if (d == u128_max) return debit_account_id_must_not_be_max;
  if (!targeting && c == 0) return credit_account_id_must_not_be_zero;
  if (c == u128_max) return credit_account_id_must_not_be_max;
  if (d == c && d != 0) return accounts_must_be_different;
  return ok;
}

result_code check_target(const transfer_record& t, bool targeting) {
  if (!targeting) return t.target_id.value == 0 ? ok : target_id_must_be_zero;
  if (t.target_id.value == 0) return target_id_must_not_be_zero;
  if (t.target_id.value == u128_max) return target_id_must_not_be_max;
  if (t.target_id == t.id) return target_id_must_be_different;
  return ok;
}

result_code check_effective_at(time_ns effective_at, bool imported, time_ns now) {
  if (!imported) return effective_at == 0 ? ok : effective_at_must_be_zero;
  if (effective_at == 0) return effective_at_must_not_be_zero;
  return effective_at <= now ? ok : effective_at_must_not_be_in_the_future;
}

}  // namespace

result_code check_transfer_content(const transfer_record& t, time_ns now) {
  const std::uint16_t f = t.flags;
  // The expiry bit is the server's own: sessions refuse it, so here it only comes from an order shard's deadline.
  if (f & ~(tf::client_mask | tf::expiry)) return reserved_flag;
  if (t.id.value == 0) return id_must_not_be_zero;
  if (t.id.value == u128_max) return id_must_not_be_max;
  if (flags_exclude_each_other(f)) return flags_are_mutually_exclusive;
  const bool targeting = (f & tf::targeting) != 0;
  if (const auto c = check_accounts(t, targeting); c != ok) return c;
  if (const auto c = check_target(t, targeting); c != ok) return c;
  if (t.timeout_s != 0 && (f & tf::hold) == 0) return timeout_reserved_for_holds;
  if (t.amount_minor == 0 && (f & tf::void_hold) == 0) return amount_must_not_be_zero;
  if (!targeting && t.ledger == 0) return ledger_must_not_be_zero;
  if (!targeting && t.code == 0) return code_must_not_be_zero;
  if (const auto c = check_effective_at(t.effective_at, (f & tf::imported) != 0, now); c != ok) return c;
  if ((f & tf::imported) != 0 && t.timeout_s != 0) return imported_hold_must_not_time_out;
  return id_is_the_servers(t.id.value) ? posting_id_reserved : ok;
}

result_code check_account_content(const account_record& a, bool ledger_known, time_ns now) {
  // Ascending by number: the smallest that applies is the answer.
  if ((a.flags & af::limited) == af::limited) return flags_are_mutually_exclusive;
  if (a.ledger == 0) return ledger_must_not_be_zero;
  if (a.code == 0) return code_must_not_be_zero;
  if (const auto c = check_effective_at(a.effective_at, (a.flags & af::imported) != 0, now); c != ok) return c;
  if (a.id.value == 0) return account_id_must_not_be_zero;
  if (a.id.value == u128_max) return account_id_must_not_be_max;
  for (const std::uint8_t b : a.reserved)
    if (b != 0) return account_reserved_field;
  if (a.flags & (~af::client_mask | af::closed)) return account_reserved_field;
  if (!ledger_known) return account_ledger_unknown;
  return a.overdraft_limit_minor != 0 && (a.flags & af::limited) == 0 ? account_limit_needs_flag : ok;
}

result_code check_change_content(const account_change_record& c) {
  if (c.id.value == 0) return id_must_not_be_zero;
  if (c.id.value == u128_max) return id_must_not_be_max;
  if (id_is_the_servers(c.id.value)) return posting_id_reserved;
  if (c.account.value == 0) return account_id_must_not_be_zero;
  if (c.account.value == u128_max) return account_id_must_not_be_max;
  for (const std::uint8_t b : c.reserved)
    if (b != 0) return account_change_unknown;
  constexpr std::uint16_t settable = af::history | af::stop_in | af::stop_out | af::hot | af::limited;
  switch (c.kind) {
    case account_change_kind::set_flags:
    case account_change_kind::clear_flags:
      if (c.flags == 0 || (c.flags & ~settable) != 0 || c.overdraft_limit_minor != 0) return account_change_unknown;
      return ok;
    case account_change_kind::set_limit:
      return c.flags == 0 ? ok : account_change_unknown;
    case account_change_kind::close:
    case account_change_kind::reopen:
      return c.flags == 0 && c.overdraft_limit_minor == 0 ? ok : account_change_unknown;
  }
  return account_change_unknown;
}

namespace {

result_code compare_tail(const transfer_record& a, const transfer_record& s) {
  if (a.target_id != s.target_id) return exists_with_different_target_id;
  if (a.user_data_128 != s.user_data_128) return exists_with_different_user_data_128;
  if (a.user_data_64 != s.user_data_64) return exists_with_different_user_data_64;
  if (a.user_data_32 != s.user_data_32) return exists_with_different_user_data_32;
  if (a.timeout_s != s.timeout_s) return exists_with_different_timeout;
  return ok;
}

bool same_amount(const transfer_record& a, const transfer_record& s) {
  if (a.amount_minor == s.amount_minor) return true;
  if ((a.flags & tf::void_hold) != 0) return a.amount_minor == 0;
  if ((a.flags & tf::targeting) != 0) return a.amount_minor == u128_max;
  if ((a.flags & tf::balancing) != 0) return a.amount_minor > s.amount_minor;
  return false;
}

}  // namespace

result_code compare_transfer(const transfer_record& a, const transfer_record& s) {
  const bool targeting = (a.flags & tf::targeting) != 0;
  if (a.flags != s.flags) return exists_with_different_flags;
  if (a.debit_account != s.debit_account && !(targeting && a.debit_account.value == 0))
    return exists_with_different_debit_account;
  if (a.credit_account != s.credit_account && !(targeting && a.credit_account.value == 0))
    return exists_with_different_credit_account;
  if (!same_amount(a, s)) return exists_with_different_amount;
  if (const auto c = compare_tail(a, s); c != ok) return c;
  if (a.ledger != s.ledger && !(targeting && a.ledger == 0)) return exists_with_different_ledger;
  if (a.code != s.code && !(targeting && a.code == 0)) return exists_with_different_code;
  return a.effective_at == s.effective_at ? ok : exists_with_different_effective_at;
}

result_code compare_refused_transfer(const transfer_record& a, const transfer_record& s) {
  if (a.flags != s.flags) return exists_with_different_flags;
  if (a.debit_account != s.debit_account) return exists_with_different_debit_account;
  if (a.credit_account != s.credit_account) return exists_with_different_credit_account;
  if (a.amount_minor != s.amount_minor) return exists_with_different_amount;
  if (const auto c = compare_tail(a, s); c != ok) return c;
  if (a.ledger != s.ledger) return exists_with_different_ledger;
  if (a.code != s.code) return exists_with_different_code;
  return a.effective_at == s.effective_at ? ok : exists_with_different_effective_at;
}

result_code compare_account(const account_record& a, const account_record& s) {
  if (a.flags != s.flags) return exists_with_different_flags;
  if (a.user_data_128 != s.user_data_128) return exists_with_different_user_data_128;
  if (a.user_data_64 != s.user_data_64) return exists_with_different_user_data_64;
  if (a.user_data_32 != s.user_data_32) return exists_with_different_user_data_32;
  if (a.ledger != s.ledger) return exists_with_different_ledger;
  if (a.code != s.code) return exists_with_different_code;
  if (a.effective_at != s.effective_at) return exists_with_different_effective_at;
  return a.overdraft_limit_minor == s.overdraft_limit_minor ? ok : exists_with_different_limit;
}

result_code compare_change(const account_change_record& a, const account_change_record& s) {
  if (a.overdraft_limit_minor != s.overdraft_limit_minor) return exists_with_different_limit;
  if (a.account != s.account) return exists_with_different_account;
  return std::memcmp(&a, &s, sizeof a) == 0 ? ok : exists_with_different_change;
}

bool satisfies_limits(const account_entity& e, std::uint16_t flags, u128 limit) {
  if (flags & af::debits_must_not_exceed_credits)
    if (saturating_add(e.sums.debits_posted, e.sums.debits_pending) > saturating_add(e.sums.credits_posted, limit))
      return false;
  if (flags & af::credits_must_not_exceed_debits)
    if (saturating_add(e.sums.credits_posted, e.sums.credits_pending) > saturating_add(e.sums.debits_posted, limit))
      return false;
  return true;
}

}  // namespace payloom::core
