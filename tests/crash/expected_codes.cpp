#include "tests/crash/expected_codes.hpp"

#include "tests/crash/outcome_book.hpp"

namespace payloom::crash {
namespace {

bool is_limit(result_code code) { return code == result_code::exceeds_credits; }

bool is_account_state(result_code code) {
  return code >= result_code::debit_account_closed && code <= result_code::credit_account_stopped;
}

bool is_lost_race(result_code code) {
  return (code >= result_code::hold_already_captured && code <= result_code::hold_expired) ||
         code == result_code::exceeds_original_amount || code == result_code::original_already_reversed;
}

bool is_order_state(result_code code) {
  return (code >= result_code::order_not_found && code <= result_code::part_not_possible) ||
         code == result_code::order_unchanged || code == result_code::below_minimum ||
         code == result_code::parts_do_not_fit || code == result_code::payment_in_flight ||
         code == result_code::case_not_open || code == result_code::resolution_not_possible ||
         code == result_code::refund_needs_split || code == result_code::sources_full;
}

bool is_change_refusal(result_code code) {
  return code == result_code::account_closed || code == result_code::account_has_open_holds ||
         code == result_code::account_outside_new_limit;
}

}  // namespace

bool is_expected(expectation what, result_code code, bool in_chain) {
  if (code == result_code::linked_event_failed) return in_chain;  // the culprit is looked at by its own code
  if (nothing_happened(code)) return true;
  const bool done = code == result_code::ok;
  switch (what) {
    case expectation::executed:
      return done;
    case expectation::limited:
      return done || is_limit(code);
    case expectation::changing:
      return done || is_limit(code) || is_account_state(code);
    case expectation::racing_target:
      return done || is_lost_race(code) || is_limit(code);
    case expectation::racing_seal:
      return done || code == result_code::id_sealed;
    case expectation::sealed:
      return code == result_code::id_sealed;
    case expectation::different_amount:
      return code == result_code::exists_with_different_amount;
    case expectation::account:
      return done || code == result_code::account_exists;
    case expectation::change:
      return done || is_change_refusal(code);
    case expectation::order:
      return done || is_limit(code) || code == result_code::below_minimum;
    case expectation::racing_order:
      return done || is_order_state(code) || is_limit(code);
  }
  return false;
}

}  // namespace payloom::crash
