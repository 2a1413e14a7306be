#pragma once
// Who takes part in a scenario: users and merchants with their accounts of the chart, the platform's accounts, and what
// the catalogue says of products and fees. Accounts are numbered. Immutable; any thread may read it.
#include <cstdint>
#include <memory>
#include <string>

#include "actors/app/bench/scenario/scenario.hpp"
#include "actors/app/bench/workload.hpp"
#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/records.hpp"

namespace payloom::bench {

class scenario_parties {
 public:
  static constexpr ledger_id ledger = workload::ledger;
  static constexpr std::uint32_t bank_channel = 1;  ///< the shipped channel that always succeeds; owner of `bank`

  /// Throws setup_failure when the catalogue that ships with the program has no such products or accounts.
  scenario_parties(const scenario& of, std::uint64_t seed);

  std::uint64_t users() const { return users_; }
  std::uint64_t merchants() const { return merchants_; }
  /// Ids by counters, never the same for two seeds.
  const workload& ids() const { return ids_; }

  // Accounts by number.
  std::uint64_t available(std::uint64_t user) const { return user; }
  std::uint64_t frozen(std::uint64_t user) const { return users_ + user; }
  std::uint64_t pending(std::uint64_t merchant) const { return 2 * users_ + merchant; }
  std::uint64_t fee() const { return 2 * users_ + merchants_; }
  std::uint64_t escrow() const { return fee() + 1; }
  std::uint64_t transit() const { return fee() + 2; }
  std::uint64_t bank() const { return fee() + 3; }        ///< funds the users, pays what they withdraw
  std::uint64_t receivable() const { return fee() + 4; }  ///< what the channel owes for recharges
  std::uint64_t sent_out() const { return fee() + 5; }    ///< withdrawals on their way
  std::uint64_t accounts() const { return fee() + 6; }
  account_id account(std::uint64_t number) const;
  /// The account as the chart says that it has to be opened.
  account_record account_to_open(std::uint64_t number) const;
  transfer_record funding(std::uint64_t user) const;
  std::string name(std::uint64_t number) const;

  owner_number user_number(std::uint64_t user) const { return ids_.owner(user); }
  owner_number merchant_number(std::uint64_t merchant) const { return ids_.owner(users_ + merchant); }

  std::uint16_t product(std::uint8_t kind) const { return products_[kind]; }
  /// The fee that `on` takes from an order of this kind; `pay` is what a creation does.
  std::uint64_t fee_of(std::uint8_t kind, order_action on, std::uint64_t amount_minor) const;

 private:
  struct place {
    core::catalog::role_index role;
    owner_number owner;
  };
  place place_of(std::uint64_t number) const;
  const core::catalog::fee_plan* plan_of(std::uint8_t kind, core::catalog::event_index on) const;

  std::uint64_t users_, merchants_;
  workload ids_;
  std::shared_ptr<const core::catalog::payment_catalog> catalog_;
  core::catalog::role_index available_, frozen_, pending_, fee_, escrow_, transit_, bank_, receivable_, sent_out_;
  std::array<std::uint16_t, kind_count> products_{};
};

}  // namespace payloom::bench
