#pragma once
// Posting rules in use: (rule, event) and amounts in, balanced legs out. Immutable after `make`, so any thread may use
// it; evaluation allocates nothing and sums with checks.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "actors/core/catalog/fee_plan.hpp"
#include "actors/core/catalog/posting_rule.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

/// Who takes part in a payment; 0 = nobody.
struct posting_parties {
  owner_id merchant = 0;
  owner_id user = 0;
  owner_id counterparty = 0;  ///< the other user of a transfer
  owner_id channel = 0;
  std::array<owner_id, limits::split_receivers_max> receivers{};  ///< in the order of the split plan
};

/// The amounts of one event, in minor units.
struct posting_amounts {
  u128 gross_minor = 0;
  u128 fee_minor = 0;
  u128 balance_minor = 0;  ///< parts of gross, when several tools pay; the rest is external
  u128 coupon_minor = 0;
  std::array<u128, limits::split_receivers_max> parts_minor{};  ///< the first part_count, as the split plan gave them
  std::uint8_t part_count = 0;
  std::array<u128, limits::posting_amounts_max> given_minor{};  ///< by `posting_rules::find_amount`
  std::uint8_t given = 0;                                       ///< bit i: given_minor[i] was given
};
static_assert(limits::posting_amounts_max <= 8, "one bit for each given amount");

/// One movement: a transfer of the ledger.
struct posting_leg {
  account_id debit;
  account_id credit;
  u128 amount_minor = 0;  ///< never 0
  role_index debit_role = 0;
  role_index credit_role = 0;
  leg_timing timing = leg_timing::real_time;
};

/// Why amounts and parties do not fit a rule. Nothing is posted then.
enum class posting_error : std::uint8_t {
  ok,
  amount_missing,      ///< the rule needs an amount that was not given
  party_missing,       ///< a leg's account belongs to a party that the payment does not have
  same_account,        ///< two parties are one: a leg would go from an account to itself
  fee_exceeds_gross,   ///< nothing would be left of the amount
  parts_exceed_total,  ///< the other legs take more than there is for the remainder
  overflow,            ///< a sum passes 2^128 - 1
};

/// The legs of one event, in the order of the rule; without those of amount zero.
struct posting_legs {
  posting_error error = posting_error::ok;
  std::uint8_t count = 0;
  u128 total_minor = 0;  ///< what the sources gave
  std::array<posting_leg, limits::posting_legs_max> legs{};
};

/// How a rule treats the fee; a fee plan's bearer must agree (payer: on_top, payee: inside).
enum class fee_use : std::uint8_t { none, inside, on_top };

/// True when payments with the rule's use of fees can have a plan with this bearer. A rule without fees fits none: the
/// fee would be computed and not booked.
constexpr bool fee_fits(fee_use use, fee_bearer bearer) {
  return use == (bearer == fee_bearer::payer ? fee_use::on_top : fee_use::inside);
}

class posting_rules {
 public:
  posting_rules() = default;

  /// The rules; whatever is wrong with them (`check_postings`) is added to `problems`, and then they must not be used.
  static posting_rules make(posting_definitions all, const chart& accounts, problem_list& problems);

  std::size_t size() const { return all_.rules.size(); }
  std::size_t forms() const { return all_.forms.size(); }
  const posting_rule& at(std::size_t rule) const { return all_.rules[rule]; }
  const posting_form& form_of(std::size_t rule) const { return all_.forms[all_.rules[rule].form]; }
  const posting_form& form_at(std::size_t form) const { return all_.forms[form]; }

  std::optional<std::size_t> find(std::string_view rule) const;
  std::optional<std::size_t> find_event(std::size_t rule, std::string_view event) const;
  std::optional<std::uint8_t> find_amount(std::string_view name) const;

  fee_use use_of_fee(std::size_t rule) const;

  /// The legs of an event into `out`, which is whole only when its error is ok. The debits of the sources are the total
  /// exactly. `accounts` is the chart that the rules were made with.
  void evaluate(const chart& accounts, std::size_t rule, std::size_t event, ledger_id ledger,
                const posting_parties& parties, const posting_amounts& amounts, posting_legs& out) const;

 private:
  posting_definitions all_;
};

}  // namespace payloom::core::catalog
