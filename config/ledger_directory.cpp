#include "config/ledger_directory.hpp"

#include "protocol/types/assert.hpp"
#include "protocol/types/currency.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::config {

ledger_directory::ledger_directory(std::span<const custom_ledger> custom) : custom_(custom.begin(), custom.end()) {
  for (std::size_t i = 0; i < custom_.size(); ++i) {
    PAYLOOM_ASSERT(custom_[i].id >= custom_ledger_min && custom_[i].exponent <= exponent_max);
    PAYLOOM_ASSERT(by_id_.emplace(custom_[i].id, i).second);
    PAYLOOM_ASSERT(by_name_.emplace(custom_[i].name, i).second);
  }
}

std::optional<ledger_directory::entry> ledger_directory::find(ledger_id id) const {
  if (const currency* iso = find_currency(id)) return entry{iso->number, iso->alpha, iso->exponent};
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return std::nullopt;
  const custom_ledger& found = custom_[at->second];
  return entry{found.id, found.name, found.exponent};
}

std::optional<ledger_directory::entry> ledger_directory::find(std::string_view name) const {
  if (const currency* iso = find_currency(name)) return entry{iso->number, iso->alpha, iso->exponent};
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? std::nullopt : find(custom_[at->second].id);
}

std::optional<ledger_directory::entry> ledger_directory::parse(std::string_view text) const {
  const std::optional<u128> number = parse_decimal(text);
  if (!number) return find(text);
  return *number <= UINT32_MAX ? find(static_cast<ledger_id>(*number)) : std::nullopt;
}

std::string ledger_directory::name(ledger_id id) const {
  const std::optional<entry> found = find(id);
  return found ? std::string(found->name) : std::to_string(id);
}

std::string ledger_directory::format(ledger_id id, u128 amount_minor) const {
  const std::optional<entry> found = find(id);
  return format_amount(amount_minor, found ? found->exponent : std::uint8_t{0});
}

std::optional<u128> ledger_directory::parse_amount(ledger_id id, std::string_view text) const {
  const std::optional<entry> found = find(id);
  return found ? payloom::parse_amount(text, found->exponent) : std::nullopt;
}

}  // namespace payloom::config
