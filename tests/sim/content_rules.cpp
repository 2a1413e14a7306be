#include "tests/sim/content_rules.hpp"

#include <algorithm>
#include <initializer_list>

namespace payloom::sim {
namespace {
namespace tf = transfer_flags;
namespace af = account_flags;
using rc = result_code;

struct check {
  bool applies;
  rc code;
};

// The whole of "precedence": collect everything that applies, answer the smallest number.
rc smallest(std::initializer_list<check> checks) {
  rc best = rc::ok;
  for (const check& c : checks)
    if (c.applies && (best == rc::ok || c.code < best)) best = c.code;
  return best;
}

/// Ids that only the server gives, to the postings of orders (WIRE.md).
bool is_of_postings(u128 id) { return hi64(id) >> 32 == 0xfa1d1e60; }

bool flags_conflict(const transfer_record& r) {
  int kinds = 0;
  for (std::uint16_t kind : {tf::hold, tf::capture, tf::void_hold, tf::reversal}) kinds += has(r.flags, kind);
  return kinds > 1 || (is_targeting(r) && has(r.flags, tf::balancing | tf::imported));
}

template <std::size_t N>
bool all_zero(const std::uint8_t (&bytes)[N]) {
  return std::all_of(bytes, bytes + N, [](std::uint8_t b) { return b == 0; });
}

constexpr std::uint16_t changeable =
    af::history | af::stop_in | af::stop_out | af::hot | af::limited;  // what set_flags and clear_flags may name

bool change_fits_kind(const account_change_record& r) {
  const bool flags_kind = r.kind == account_change_kind::set_flags || r.kind == account_change_kind::clear_flags;
  const bool known = r.kind >= account_change_kind::set_flags && r.kind <= account_change_kind::reopen;
  const bool flags_fit = flags_kind ? r.flags != 0 && (r.flags & ~changeable) == 0 : r.flags == 0;
  const bool limit_fits = r.kind == account_change_kind::set_limit || r.overdraft_limit_minor == 0;
  return known && flags_fit && limit_fits && all_zero(r.reserved);
}
}  // namespace

bool has(std::uint16_t flags, std::uint16_t bits) { return (flags & bits) != 0; }
bool is_targeting(const transfer_record& r) { return has(r.flags, tf::targeting); }

rc transfer_content(const transfer_record& r, time_ns now) {
  const bool targeting = is_targeting(r);
  const bool imported = has(r.flags, tf::imported);
  return smallest({
      {(r.flags & ~tf::client_mask) != 0, rc::reserved_flag},
      {r.id.value == 0, rc::id_must_not_be_zero},
      {r.id.value == u128_max, rc::id_must_not_be_max},
      {flags_conflict(r), rc::flags_are_mutually_exclusive},
      {!targeting && r.debit_account.value == 0, rc::debit_account_id_must_not_be_zero},
      {r.debit_account.value == u128_max, rc::debit_account_id_must_not_be_max},
      {!targeting && r.credit_account.value == 0, rc::credit_account_id_must_not_be_zero},
      {r.credit_account.value == u128_max, rc::credit_account_id_must_not_be_max},
      {r.debit_account == r.credit_account && r.debit_account.value != 0, rc::accounts_must_be_different},
      {!targeting && r.target_id.value != 0, rc::target_id_must_be_zero},
      {targeting && r.target_id.value == 0, rc::target_id_must_not_be_zero},
      {targeting && r.target_id.value == u128_max, rc::target_id_must_not_be_max},
      {targeting && r.target_id == r.id, rc::target_id_must_be_different},
      {!has(r.flags, tf::hold) && r.timeout_s != 0, rc::timeout_reserved_for_holds},
      {!has(r.flags, tf::void_hold) && r.amount_minor == 0, rc::amount_must_not_be_zero},
      {!targeting && r.ledger == 0, rc::ledger_must_not_be_zero},
      {!targeting && r.code == 0, rc::code_must_not_be_zero},
      {!imported && r.effective_at != 0, rc::effective_at_must_be_zero},
      {imported && r.effective_at == 0, rc::effective_at_must_not_be_zero},
      {r.effective_at > now, rc::effective_at_must_not_be_in_the_future},
      {imported && has(r.flags, tf::hold) && r.timeout_s != 0, rc::imported_hold_must_not_time_out},
      {is_of_postings(r.id.value), rc::posting_id_reserved},
  });
}

rc account_content(const account_record& r, time_ns now, const audit_options& options) {
  const bool imported = has(r.flags, af::imported);
  const bool bad_flags = (r.flags & ~af::client_mask) != 0 || has(r.flags, af::closed);
  return smallest({
      {r.id.value == 0, rc::account_id_must_not_be_zero},
      {r.id.value == u128_max, rc::account_id_must_not_be_max},
      {bad_flags || !all_zero(r.reserved), rc::account_reserved_field},
      {r.ledger == 0, rc::ledger_must_not_be_zero},
      {!options.ledgers.contains(r.ledger), rc::account_ledger_unknown},
      {r.code == 0, rc::code_must_not_be_zero},
      {r.overdraft_limit_minor != 0 && !has(r.flags, af::limited), rc::account_limit_needs_flag},
      {(r.flags & af::limited) == af::limited, rc::flags_are_mutually_exclusive},
      {imported && r.effective_at == 0, rc::effective_at_must_not_be_zero},
      {r.effective_at > now, rc::effective_at_must_not_be_in_the_future},
      {!imported && r.effective_at != 0, rc::effective_at_must_be_zero},
  });
}

rc change_content(const account_change_record& r) {
  return smallest({
      {r.id.value == 0, rc::id_must_not_be_zero},
      {r.id.value == u128_max, rc::id_must_not_be_max},
      {is_of_postings(r.id.value), rc::posting_id_reserved},
      {r.account.value == 0, rc::account_id_must_not_be_zero},
      {r.account.value == u128_max, rc::account_id_must_not_be_max},
      {!change_fits_kind(r), rc::account_change_unknown},
  });
}

rc seal_content(u128 id) {
  return smallest({{id == 0, rc::id_must_not_be_zero},
                   {id == u128_max, rc::id_must_not_be_max},
                   {is_of_postings(id), rc::posting_id_reserved}});
}

rc compare_transfer(const transfer_record& asked, const transfer_record& stored, bool executed) {
  // What a targeting request may leave open was filled in when it was executed, so leaving it open says the same.
  const bool filled = executed && is_targeting(stored);
  const bool open_amount =
      filled && (has(stored.flags, tf::void_hold) ? asked.amount_minor == 0 : asked.amount_minor == u128_max);
  const bool balancing = executed && has(stored.flags, tf::balancing);
  const bool other_amount =
      balancing ? asked.amount_minor < stored.amount_minor : asked.amount_minor != stored.amount_minor && !open_amount;
  const auto differs = [filled](auto a, auto b) { return a != b && !(filled && a == decltype(a){}); };
  return smallest({
      {asked.flags != stored.flags, rc::exists_with_different_flags},
      {differs(asked.debit_account, stored.debit_account), rc::exists_with_different_debit_account},
      {differs(asked.credit_account, stored.credit_account), rc::exists_with_different_credit_account},
      {other_amount, rc::exists_with_different_amount},
      {asked.target_id != stored.target_id, rc::exists_with_different_target_id},
      {asked.user_data_128 != stored.user_data_128, rc::exists_with_different_user_data_128},
      {asked.user_data_64 != stored.user_data_64, rc::exists_with_different_user_data_64},
      {asked.user_data_32 != stored.user_data_32, rc::exists_with_different_user_data_32},
      {asked.timeout_s != stored.timeout_s, rc::exists_with_different_timeout},
      {differs(asked.ledger, stored.ledger), rc::exists_with_different_ledger},
      {differs(asked.code, stored.code), rc::exists_with_different_code},
      {asked.effective_at != stored.effective_at, rc::exists_with_different_effective_at},
  });
}

rc compare_account(const account_record& asked, const account_record& created) {
  return smallest({
      {asked.flags != created.flags, rc::exists_with_different_flags},
      {asked.user_data_128 != created.user_data_128, rc::exists_with_different_user_data_128},
      {asked.user_data_64 != created.user_data_64, rc::exists_with_different_user_data_64},
      {asked.user_data_32 != created.user_data_32, rc::exists_with_different_user_data_32},
      {asked.ledger != created.ledger, rc::exists_with_different_ledger},
      {asked.code != created.code, rc::exists_with_different_code},
      {asked.effective_at != created.effective_at, rc::exists_with_different_effective_at},
      {asked.overdraft_limit_minor != created.overdraft_limit_minor, rc::exists_with_different_limit},
  });
}

rc compare_change(const account_change_record& asked, const account_change_record& stored) {
  const bool other_change = asked.kind != stored.kind || asked.flags != stored.flags || asked.reason != stored.reason ||
                            asked.user_data_64 != stored.user_data_64 || asked.user_data_128 != stored.user_data_128;
  return smallest({
      {asked.overdraft_limit_minor != stored.overdraft_limit_minor, rc::exists_with_different_limit},
      {asked.account != stored.account, rc::exists_with_different_account},
      {other_change, rc::exists_with_different_change},
  });
}

}  // namespace payloom::sim
