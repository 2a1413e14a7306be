#pragma once
// The chart of accounts: which kinds of accounts there are, and the id that an account of a kind has. Immutable after
// `make`, so any thread may read it; look-ups by index allocate nothing.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "protocol/types/ids.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::core::catalog {

/// The side on which an account of a role grows: assets and costs on debit, liabilities and income on credit.
enum class normal_side : std::uint8_t { debit, credit };

/// Whose account it is. A platform account has no owner: there is one per currency.
enum class owner_scope : std::uint8_t { platform, merchant, user, channel };

/// The number of a merchant, user or channel; 0 is the platform.
using owner_id = std::uint64_t;

/// Position of a role in its chart.
using role_index = std::uint8_t;

/// One kind of account.
struct account_role {
  std::string name;        ///< snake_case, unique
  std::uint16_t code = 0;  ///< the accounts' `code`, not 0, unique; part of the accounts' ids, so it never changes
  normal_side side = normal_side::credit;
  owner_scope scope = owner_scope::platform;
  bool limited = false;          ///< may not pass zero to the other side (beyond its account's overdraft limit)
  bool hot = false;              ///< postings are batched by the hot-account shards
  bool returns_to_zero = false;  ///< transit, suspense, escrow: what a payment puts in, the same payment takes out
  source_place place;
};

/// The id of the account of a role in a currency: injective, so two accounts never share one.
///   bits 127..112  tag 0xfa1d    bits 111..96  code of the role    bits 95..64  ledger    bits 63..0  owner
/// Nobody meets such an id by accident: counters have zeros where the tag is, ids that begin with a time reach the tag
/// after the year 10000, and a random id is one with a known role and ledger once in 2^50. Who accepts accounts from
/// outside asks `chart::explain` and refuses what it knows.
inline constexpr std::uint16_t derived_account_tag = 0xfa1d;
constexpr account_id derived_account(std::uint16_t code, ledger_id ledger, owner_id owner) {
  return {make_u128((std::uint64_t{derived_account_tag} << 48) | (std::uint64_t{code} << 32) | ledger, owner)};
}

class chart {
 public:
  /// What a derived id stands for.
  struct parts {
    role_index role = 0;
    ledger_id ledger = 0;
    owner_id owner = 0;
  };

  chart() = default;

  /// A chart of these roles. Whatever is wrong with them is added to `problems`, and then it must not be used but to
  /// look up names: the rules that name a wrong role are not wrong for that.
  static chart make(std::vector<account_role> roles, problem_list& problems);

  std::size_t size() const { return roles_.size(); }
  const account_role& at(role_index role) const { return roles_[role]; }
  std::optional<role_index> find(std::string_view name) const;

  /// The flags with which an account of the role is created.
  std::uint16_t flags_of(role_index role) const;

  /// The account of a role. `owner` is 0 exactly for the roles of the platform: the caller has checked it.
  account_id account_of(role_index role, ledger_id ledger, owner_id owner) const;

  /// What an id stands for, nullopt when it is none of this chart's: wrong tag, unknown code, ledger 0, or an owner
  /// where there is none and the other way round. Whether the ledger exists is for the caller to say.
  std::optional<parts> explain(account_id id) const;

 private:
  std::vector<account_role> roles_;
};

}  // namespace payloom::core::catalog
