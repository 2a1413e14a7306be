#pragma once
// A bank's standing orders as orders of Payloom: what is bought (household, insurance, leasing) is a sale with the
// product's fee, the rest a transfer between users. Every id follows from the row, so that a second import changes
// nothing.
#include <span>
#include <vector>

#include "actors/app/verbs/bank_mapping.hpp"
#include "actors/app/verbs/payment_options.hpp"

namespace payloom::verbs {

/// A merchant that sells, and the places of its accounts in `standing_commands::accounts`.
struct selling_merchant {
  owner_number number = 0;
  std::size_t pending = 0, available = 0, reserve = 0;
};

struct standing_commands {
  std::vector<account_record> accounts;  ///< of the chart, each once
  std::vector<expected_sums> expected;   ///< one per account, in the same order
  std::vector<transfer_record> funding;  ///< gives every payer exactly what it will pay
  std::vector<order_record> orders;      ///< all with pay_now
  std::vector<selling_merchant> merchants;
  std::size_t fee_income = 0;  ///< place of that account; only where somebody sells
  std::uint64_t sales = 0, transfers = 0;
  u128 fees_minor = 0;
};

/// The products instant_sale and transfer of `catalog`, in `ledger`. Throws refused_error when it has them not, or no
/// fee for the ledger.
standing_commands to_orders(std::span<const standing_order> rows, const payment_catalog& catalog, ledger_id ledger);

}  // namespace payloom::verbs
