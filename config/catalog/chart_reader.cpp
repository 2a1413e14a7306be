#include "config/catalog/chart_reader.hpp"

#include <algorithm>
#include <array>

#include "config/catalog/yaml_map.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

namespace catalog = core::catalog;

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> sides = {"debit", "credit"};
constexpr std::array<std::string_view, 4> scopes = {"platform", "merchant", "user", "channel"};

catalog::account_role read_role(yaml_reader& reader, const yaml_entry& entry) {
  using enum presence;
  yaml_map map(reader, entry.value, "role " + entry.key.text,
               {"code", "side", "scope", "limited", "hot", "returns_to_zero"});
  catalog::account_role role;
  role.name = entry.key.text;
  role.place = entry.key.at;
  role.code = static_cast<std::uint16_t>(map.count("code", needed, 1, 65535).value_or(0));
  role.side = static_cast<catalog::normal_side>(map.word("side", needed, sides).value_or(0));
  role.scope = static_cast<catalog::owner_scope>(map.word("scope", needed, scopes).value_or(0));
  role.limited = map.flag("limited", optional).value_or(false);
  role.hot = map.flag("hot", optional).value_or(false);
  role.returns_to_zero = map.flag("returns_to_zero", optional).value_or(false);
  return role;
}

// A role whose code could not be read gets one that nobody has: the mistake was told, and it has no consequences.
void fill_codes(std::vector<catalog::account_role>& roles) {
  std::uint16_t unused = 65535;
  for (catalog::account_role& role : roles) {
    if (role.code != 0) continue;
    while (std::ranges::find(roles, unused, &catalog::account_role::code) != roles.end()) --unused;
    role.code = unused;
  }
}

}  // namespace

catalog::chart read_chart(yaml_reader& reader, const YAML::Node& roles) {
  std::vector<catalog::account_role> read;
  for (const yaml_entry& entry : reader.entries(roles, "roles", limits::account_roles_max)) {
    read.push_back(read_role(reader, entry));
  }
  fill_codes(read);
  catalog::problem_list found;
  catalog::chart made = catalog::chart::make(std::move(read), found);
  reader.take(found);
  return made;
}

}  // namespace payloom::config
