#pragma once
// Who takes part: the account that everybody meets, and those on the other side. Fixed ids; values.
#include <cstdint>

#include "protocol/types/records.hpp"

namespace payloom::hot {

inline constexpr std::uint32_t others = 10'000;
inline constexpr std::int64_t overdraft = 500;  ///< minor units the hot account may go below zero
inline constexpr ledger_id ledger = 978;
inline constexpr account_id hot_account{0x407};

inline account_id other_account(std::uint32_t number) { return {make_u128(0x07e4, number)}; }

inline account_record make_account(account_id id, bool limited) {
  account_record a{};
  a.id = id;
  a.ledger = ledger;
  a.code = 1;
  if (limited) {
    a.flags = account_flags::debits_must_not_exceed_credits | account_flags::history;
    a.overdraft_limit_minor = overdraft;
  }
  return a;
}

}  // namespace payloom::hot
