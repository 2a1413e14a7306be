#include "actors/core/catalog/chart.hpp"

#include <algorithm>

#include "protocol/types/assert.hpp"
#include "protocol/types/records.hpp"

namespace payloom::core::catalog {
namespace {

void check_role(const account_role& role, const std::vector<account_role>& earlier, problem_list& problems) {
  const std::string where = "role " + role.name + ": ";
  if (role.code == 0) problems.add(role.place, where + "code 0 is no code: give it one from 1 to 65535");
  for (const account_role& other : earlier) {
    if (other.name == role.name) problems.add(role.place, where + "stands twice: remove one of the two");
    if (other.code == role.code && role.code != 0) {
      problems.add(role.place, where + "code " + std::to_string(role.code) + " belongs to " + other.name +
                                   " already, and the accounts of both would have the same ids: give it another one");
    }
  }
  if (role.hot && role.scope == owner_scope::user) {
    problems.add(role.place, where +
                                 "accounts of single users are never hot, the hot-account shards would carry all of "
                                 "them: remove `hot`");
  }
}

}  // namespace

chart chart::make(std::vector<account_role> roles, problem_list& problems) {
  chart made;
  if (roles.size() > limits::account_roles_max) {
    problems.add(roles[limits::account_roles_max].place,
                 "a chart has at most " + std::to_string(limits::account_roles_max) + " roles: merge some");
    roles.resize(limits::account_roles_max);
  }
  for (account_role& role : roles) {
    check_role(role, made.roles_, problems);
    made.roles_.push_back(std::move(role));
  }
  return made;
}

std::optional<role_index> chart::find(std::string_view name) const {
  const auto at = std::ranges::find(roles_, name, &account_role::name);
  if (at == roles_.end()) return std::nullopt;
  return static_cast<role_index>(at - roles_.begin());
}

std::uint16_t chart::flags_of(role_index role) const {
  const account_role& r = at(role);
  std::uint16_t flags = 0;
  if (r.limited) {
    flags |= r.side == normal_side::credit ? account_flags::debits_must_not_exceed_credits
                                           : account_flags::credits_must_not_exceed_debits;
  }
  if (r.hot) flags |= account_flags::hot;
  return flags;
}

account_id chart::account_of(role_index role, ledger_id ledger, owner_id owner) const {
  PAYLOOM_ASSERT(role < roles_.size() && ledger != 0);
  const account_role& r = roles_[role];
  PAYLOOM_ASSERT((owner == 0) == (r.scope == owner_scope::platform));
  return derived_account(r.code, ledger, owner);
}

std::optional<chart::parts> chart::explain(account_id id) const {
  const std::uint64_t hi = hi64(id.value);
  if (hi >> 48 != derived_account_tag) return std::nullopt;
  const auto code = static_cast<std::uint16_t>(hi >> 32);
  const auto ledger = static_cast<ledger_id>(hi);
  const owner_id owner = lo64(id.value);
  const auto role = std::ranges::find(roles_, code, &account_role::code);
  if (role == roles_.end() || ledger == 0) return std::nullopt;
  if ((owner == 0) != (role->scope == owner_scope::platform)) return std::nullopt;
  return parts{static_cast<role_index>(role - roles_.begin()), ledger, owner};
}

}  // namespace payloom::core::catalog
