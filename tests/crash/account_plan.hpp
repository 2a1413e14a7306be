#pragma once
// The accounts that a run begins with, by the way the load uses them. Made from the run's seed.
#include <cstdint>
#include <vector>

#include "protocol/client/id_generator.hpp"
#include "protocol/types/records.hpp"
#include "tests/sim/order_rules.hpp"

namespace payloom::crash {

struct account_plan {
  static constexpr ledger_id euro = 978;
  static constexpr ledger_id dollar = 840;
  static constexpr u128 overdraft = 1000;

  std::vector<account_record> plain;     ///< euro, no limits: nothing on them is ever refused
  std::vector<account_record> dollars;   ///< the same in another currency
  std::vector<account_record> limited;   ///< euro, debits must not exceed credits
  std::vector<account_record> changing;  ///< euro, closed, stopped and reopened under load; the first four are limited

  static constexpr owner_number users = 24, merchants = 5;
  static constexpr owner_number channels = 2;  ///< those that ship
  std::vector<account_record> purses;          ///< euro, balances and coupons of the users of orders; limited
  std::vector<account_record> platform;  ///< euro, the other accounts of orders, of users, merchants and the platform

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
    make_chart();
  }

 private:
  void make_chart() {
    using role = sim::chart_role;
    const auto make = [](std::vector<account_record>& into, role r, owner_number owner, std::uint16_t flags) {
      account_record a{};
      a.id = sim::chart_account(r, euro, owner);
      a.ledger = euro;
      a.code = static_cast<std::uint16_t>(r);
      a.flags = flags;
      into.push_back(a);
    };
    for (owner_number u = 1; u <= users; ++u) {
      make(purses, role::user_available, u, account_flags::debits_must_not_exceed_credits);
      make(purses, role::user_coupon, u, account_flags::debits_must_not_exceed_credits);
      make(platform, role::user_frozen, u, account_flags::debits_must_not_exceed_credits);
    }
    for (owner_number m = 1; m <= merchants; ++m) make(platform, role::merchant_pending, m, 0);
    for (owner_number c = 1; c <= channels; ++c)
      for (const role r : {role::channel_receivable, role::bank}) make(platform, r, c, 0);
    for (const role r : {role::payment_transit, role::withdraw_transit, role::refund_transit, role::suspense_long,
                         role::escrow, role::fee_income})
      make(platform, r, 0, 0);
  }
};

}  // namespace payloom::crash
