#pragma once
// The load of `bench --orders`, as pure functions of a seed and a counter like `workload`: order n, who pays whom how
// much, and the chart accounts that take part. Immutable; any thread may read it.
#include <cstdint>
#include <memory>

#include "actors/app/bench/workload.hpp"
#include "actors/core/catalog/payment_catalog.hpp"
#include "protocol/types/order_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::bench {

/// A sale: who pays whom, and what the platform keeps of it.
struct sale {
  std::uint64_t user;           ///< number, 0 .. users-1
  std::uint64_t merchant;       ///< number, 0 .. merchants-1
  std::uint64_t amount_minor;   ///< 1,090 .. 10,000
  std::uint64_t fee_minor = 0;  ///< by the catalogue's fee plan; the merchant gets the rest
};

class order_workload {
 public:
  /// Orders of one run are of one of these kinds; the number of an order counts within its kind.
  enum class kind : std::uint8_t {
    paid = 0,     ///< instant sales, paid at once: the load
    waiting = 1,  ///< instant sales that nobody pays: they wait for a payment
    holding = 2,  ///< escrow sales, paid: they wait in the server's memory for the day when they are released
  };

  /// `load` gives seed and users (its accounts). Throws setup_failure when the catalogue that ships with the program
  /// has no such products or accounts.
  order_workload(const workload& load, std::uint64_t merchants);

  std::uint64_t users() const { return load_.accounts(); }
  std::uint64_t merchants() const { return merchants_; }
  const workload& base() const { return load_; }

  order_record order(kind what, std::uint64_t n) const;
  order_id id(kind what, std::uint64_t n) const { return order(what, n).id; }
  /// The id of the first posting of a paid order: it is there exactly when the order was made and paid.
  transfer_id first_posting(kind what, std::uint64_t n) const { return posting_id_of(0, id(what, n).value, 0); }
  /// The fee is 0 unless the order is of the kind `paid`: escrow takes it at the release.
  sale sale_of(kind what, std::uint64_t n) const;

  /// Accounts of the run by number: users, merchants, then these three.
  std::uint64_t accounts() const { return users() + merchants_ + 3; }
  std::uint64_t merchant_account(std::uint64_t merchant) const { return users() + merchant; }
  std::uint64_t fee_account() const { return users() + merchants_; }
  std::uint64_t escrow_account() const { return fee_account() + 1; }
  std::uint64_t bank_account() const { return fee_account() + 2; }  ///< funds the users
  account_id account(std::uint64_t i) const;
  /// The account as the chart says that it has to be opened.
  account_record account_to_open(std::uint64_t i) const;

 private:
  core::catalog::role_index role_of(std::uint64_t i) const;
  owner_number owner_of(std::uint64_t i) const;

  workload load_;
  std::uint64_t merchants_;
  std::shared_ptr<const core::catalog::payment_catalog> catalog_;
  core::catalog::role_index user_ = 0, merchant_ = 0, fee_ = 0, escrow_ = 0, bank_ = 0;
  std::uint16_t instant_sale_ = 0, escrow_sale_ = 0;
  const core::catalog::fee_plan* fee_plan_ = nullptr;
};

}  // namespace payloom::bench
