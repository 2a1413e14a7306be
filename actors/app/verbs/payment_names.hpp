#pragma once
// The numbers in orders and their events as the words of the payment catalogue; what it does not know stays a number.
#include <string>

#include "actors/app/verbs/payment_options.hpp"
#include "protocol/types/payment_records.hpp"
#include "protocol/types/records.hpp"

namespace payloom::verbs {

/// Of one catalogue, which it keeps alive. Immutable: any thread.
class payment_names {
 public:
  explicit payment_names(catalog_ptr catalog) : catalog_(std::move(catalog)) {}

  const payment_catalog& catalog() const { return *catalog_; }
  std::string product(std::uint16_t code) const;
  std::string state(std::uint8_t machine, std::uint8_t state) const;
  std::string event(std::uint8_t event) const;
  std::string form(std::uint8_t machine) const;
  std::string payment_state(std::uint8_t machine, std::uint8_t state) const;
  std::string rule(std::uint16_t rule) const;
  std::string tools(std::uint16_t bits) const;  ///< "balance,coupon", "" for none
  /// "user_available of user 9", "fee_income"; the id when it is none of the chart.
  std::string account(account_id id) const;
  std::string channel(owner_number number) const;
  /// What happened in words: "create", "pay, paid_in_full", "create, pay, paid_in_full".
  std::string happened(const order_event& event) const;

 private:
  catalog_ptr catalog_;
};

/// Words of the records of payments; "" for nothing.
std::string_view outcome_name(channel_outcome outcome);
std::string_view operation_name(channel_operation operation);
std::string_view reason_name(case_reason reason);

/// "merchant", "user", "channel", "platform".
std::string_view scope_name(core::catalog::owner_scope scope);

}  // namespace payloom::verbs
