#pragma once
// The accounts that a run begins with, by the way the load uses them. Made from the run's seed.
#include <cstdint>
#include <vector>

#include "protocol/client/id_generator.hpp"
#include "protocol/types/records.hpp"

namespace payloom::crash {

struct account_plan {
  static constexpr ledger_id euro = 978;
  static constexpr ledger_id dollar = 840;
  static constexpr u128 overdraft = 1000;

  std::vector<account_record> plain;     ///< euro, no limits: nothing on them is ever refused
  std::vector<account_record> dollars;   ///< the same in another currency
  std::vector<account_record> limited;   ///< euro, debits must not exceed credits
  std::vector<account_record> changing;  ///< euro, closed, stopped and reopened under load; the first four are limited

  explicit account_plan(std::uint64_t seed) {
    client::id_generator ids(seed);
    const auto make = [&](std::vector<account_record>& into, int count, ledger_id ledger, std::uint16_t flags,
                          u128 limit) {
      for (int i = 0; i < count; ++i) {
        account_record a{};
        a.id = ids.account();
        a.ledger = ledger;
        a.code = 1;
        a.flags = flags;
        a.overdraft_limit_minor = limit;
        into.push_back(a);
      }
    };
    make(plain, 64, euro, 0, 0);
    make(dollars, 16, dollar, 0, 0);
    make(limited, 12, euro, account_flags::debits_must_not_exceed_credits, 0);
    make(limited, 4, euro, account_flags::debits_must_not_exceed_credits, overdraft);
    make(changing, 4, euro, account_flags::debits_must_not_exceed_credits, overdraft);
    make(changing, 8, euro, account_flags::history, 0);
  }
};

}  // namespace payloom::crash
