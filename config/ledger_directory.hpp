#pragma once
// The ledgers that a server knows: the ISO 4217 currencies and the custom ledgers of the configuration. Immutable after
// construction, so any thread may read it. For people's input and output; money in the core is minor units only.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/settings.hpp"

namespace payloom::config {

class ledger_directory {
 public:
  struct entry {
    ledger_id id = 0;
    std::string_view name;  ///< ISO alphabetic code or the configured name; lives as long as the directory
    std::uint8_t exponent = 0;
  };

  /// `custom` as the loader accepted it (ids and names unique, ids at least custom_ledger_min).
  explicit ledger_directory(std::span<const custom_ledger> custom = {});
  ledger_directory(const ledger_directory&) = delete;
  ledger_directory& operator=(const ledger_directory&) = delete;

  /// The ledger with this number or name; nullopt when it is neither ISO nor configured.
  std::optional<entry> find(ledger_id id) const;
  std::optional<entry> find(std::string_view name) const;

  /// A ledger as an operator names it: "EUR", "978", "POINTS", "1000".
  std::optional<entry> parse(std::string_view text) const;

  bool contains(ledger_id id) const { return find(id).has_value(); }

  /// "EUR", or the number for an unknown ledger.
  std::string name(ledger_id id) const;

  /// "10.50" (no currency code); an unknown ledger's amount is shown in minor units.
  std::string format(ledger_id id, u128 amount_minor) const;

  /// The inverse of `format`; nullopt for an unknown ledger, bad syntax, too many decimals or overflow.
  std::optional<u128> parse_amount(ledger_id id, std::string_view text) const;

 private:
  std::vector<custom_ledger> custom_;
  std::unordered_map<ledger_id, std::size_t> by_id_;           // index into custom_
  std::unordered_map<std::string_view, std::size_t> by_name_;  // likewise; the texts belong to custom_
};

}  // namespace payloom::config
