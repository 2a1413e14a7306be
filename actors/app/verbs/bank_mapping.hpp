#pragma once
// A bank's rows as ledger commands. Every id follows from the row, so that a second import finds everything in place.
#include <map>
#include <string>
#include <vector>

#include "actors/app/verbs/bank_data.hpp"
#include "protocol/types/records.hpp"

namespace payloom::verbs {

/// What the ledger must show in the end, in minor units.
struct expected_sums {
  std::string name;  ///< "customer 12", "cash", "clearing AB", ...
  u128 debits = 0;
  u128 credits = 0;
};

struct bank_commands {
  std::vector<account_record> accounts;
  std::vector<expected_sums> expected;     ///< one per account, in the same order
  std::vector<transfer_record> transfers;  ///< in order of date
};

/// Chart of accounts that the import uses (`code` of the accounts).
namespace bank_codes {
inline constexpr std::uint16_t customer = 2100, cash = 1000, clearing = 1200, fee_income = 4100, penalty_income = 4200,
                               interest_expense = 5100;
}

/// Customers, cash, a clearing account per partner bank, income and expense accounts, all imported, in `ledger`.
bank_commands to_commands(const bank_data& data, ledger_id ledger);

}  // namespace payloom::verbs
