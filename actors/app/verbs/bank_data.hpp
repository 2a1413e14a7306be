#pragma once
// A small bank's year as rows: read from the CSV files of the PKDD'99 set, or generated in the same shape.
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocol/types/ids.hpp"

namespace payloom::verbs {

enum class bank_operation : std::uint8_t {
  cash_deposit,
  cash_withdrawal,  ///< card withdrawals too
  transfer_to_bank,
  transfer_from_bank,
  interest,  ///< paid to the customer
  statement_fee,
  penalty_interest,
};

struct bank_account {
  std::uint32_t number;
  time_ns opened;
};

struct bank_transaction {
  std::uint64_t number;   ///< unique
  std::uint32_t account;  ///< number of the customer's account
  time_ns date;
  bank_operation operation;
  std::uint64_t amount_minor;
  std::string partner_bank;  ///< two letters, empty where none takes part
  std::uint64_t partner_account;
};

struct bank_data {
  std::uint64_t id_space;  ///< sets with different ids apart
  std::vector<bank_account> accounts;
  std::vector<bank_transaction> transactions;  ///< in order of date
};

/// A payment that a customer ordered for every month.
struct standing_order {
  std::uint64_t number;   ///< unique
  std::uint32_t account;  ///< number of the customer's account
  std::string partner_bank;
  std::uint64_t partner_account;
  std::uint64_t amount_minor;
  std::string purpose;  ///< household, insurance, leasing, loan_payment, or empty
};

/// Something in the files is not as expected; names file and line.
struct data_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads accounts.csv and transactions.csv of `folder`. Throws data_error.
bank_data read_berka(const std::filesystem::path& folder);

/// Makes `transactions` rows over a tenth as many accounts (10 to 100,000), the same for the same seed.
bank_data generate_bank(std::uint64_t transactions, std::uint64_t seed);

/// Reads standing_orders.csv of `folder`. Throws data_error.
std::vector<standing_order> read_standing_orders(const std::filesystem::path& folder);
/// Makes `count` of them, the same for the same seed.
std::vector<standing_order> generate_standing_orders(std::uint64_t count, std::uint64_t seed);

}  // namespace payloom::verbs
