#pragma once
// The checks of RULES.md that need no shard: content of records, and one account's view of one movement. Pure.
#include <algorithm>

#include "actors/core/account_entity.hpp"
#include "actors/core/mutation.hpp"
#include "protocol/types/records.hpp"

namespace payloom::core {

/// The first content refusal of a transfer, or ok. `now` serves effective_at only.
result_code check_transfer_content(const transfer_record& t, time_ns now);
/// The first content refusal of an account record; `ledger_known` is answered by the caller.
result_code check_account_content(const account_record& a, bool ledger_known, time_ns now);
result_code check_change_content(const account_change_record& c);

/// The first field in which a repeat differs from what is stored, or ok. `stored` has the target's values filled in.
result_code compare_transfer(const transfer_record& asked, const transfer_record& stored);
/// The same for a stored refusal: compared as it came.
result_code compare_refused_transfer(const transfer_record& asked, const transfer_record& stored);
result_code compare_account(const account_record& asked, const account_record& stored);
result_code compare_change(const account_change_record& asked, const account_change_record& stored);

inline u128 saturating_add(u128 a, u128 b) {
  u128 r;
  return checked_add(a, b, r) ? r : u128_max;
}

/// What an account says to a movement.
enum class stop_answer : std::uint8_t {
  enter,   ///< allowed, with all claims of others counted
  wait,    ///< allowed by the durable facts, but others' claims stand in the way
  refuse,  ///< refused by the durable facts
};

struct stop_verdict {
  stop_answer answer;
  result_code code;  ///< when refused
};

/// From here on a sum is so near 2^128 that work in flight might carry it over: one at a time then. Below it cannot: at
/// most 2^22 events are in flight, and each moves less than 2^100. An amount of this size is reserved on every account,
/// so that whoever comes while it is in flight sees it.
inline bool near_overflow(u128 sum) { return (hi64(sum) >> 36) != 0; }

/// The debit side of a single, hold or reversal of `amount` at account `e` (RULES.md 122-130).
/// `limit` is the overdraft limit, 0 where there is none.
inline stop_verdict check_debit(const account_entity& e, ledger_id ledger, u128 amount, u128 limit) {
  using enum stop_answer;
  if (e.ledger != ledger) return {refuse, result_code::debit_account_has_different_ledger};
  if (e.flags & (account_flags::closed | account_flags::stop_out)) {
    if (e.flags & account_flags::closed) return {refuse, result_code::debit_account_closed};
    return {refuse, result_code::debit_account_stopped};
  }
  u128 used, sum;
  if (!checked_add(e.sums.debits_posted, e.sums.debits_pending, used) || !checked_add(used, amount, sum))
    return {refuse, result_code::overflows_debits};
  if (near_overflow(saturating_add(sum, e.debits_reserved)) && e.claims != 0) return {wait, result_code::ok};
  if ((e.flags & account_flags::debits_must_not_exceed_credits) == 0) return {enter, result_code::ok};
  const u128 allowed = saturating_add(e.sums.credits_posted, limit);
  if (sum > allowed) return {refuse, result_code::exceeds_credits};
  if (PAYLOOM_MUTATED(1)) return {enter, result_code::ok};  // others' reservations do not count
  if (!checked_add(sum, e.debits_reserved, sum) || sum > allowed) return {wait, result_code::ok};
  return {enter, result_code::ok};
}

/// The credit side (RULES.md 123-131).
inline stop_verdict check_credit(const account_entity& e, ledger_id ledger, u128 amount, u128 limit) {
  using enum stop_answer;
  if (e.ledger != ledger) return {refuse, result_code::credit_account_has_different_ledger};
  if (e.flags & (account_flags::closed | account_flags::stop_in)) {
    if (e.flags & account_flags::closed) return {refuse, result_code::credit_account_closed};
    return {refuse, result_code::credit_account_stopped};
  }
  u128 used, sum;
  if (!checked_add(e.sums.credits_posted, e.sums.credits_pending, used) || !checked_add(used, amount, sum))
    return {refuse, result_code::overflows_credits};
  if (near_overflow(saturating_add(sum, e.credits_reserved)) && e.claims != 0) return {wait, result_code::ok};
  if ((e.flags & account_flags::credits_must_not_exceed_debits) == 0) return {enter, result_code::ok};
  const u128 allowed = saturating_add(e.sums.debits_posted, limit);
  if (sum > allowed) return {refuse, result_code::exceeds_debits};
  if (!checked_add(sum, e.credits_reserved, sum) || sum > allowed) return {wait, result_code::ok};
  return {enter, result_code::ok};
}

/// What a limit change or new limit flags would say of the present sums (RULES.md 160).
bool satisfies_limits(const account_entity& e, std::uint16_t flags, u128 limit);

}  // namespace payloom::core
