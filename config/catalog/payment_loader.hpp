#pragma once
// The whole payment catalogue from one folder (config/payments has the shipped one): read together, bound together,
// refused together with everything that is wrong.
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/payment_catalog.hpp"
#include "config/ledger_directory.hpp"
#include "config/problem.hpp"

namespace payloom::config {

struct payment_catalog_result {
  std::shared_ptr<const core::catalog::payment_catalog> value;  ///< set only when there are no problems
  std::vector<problem> problems;
};

/// Reads a folder's chart.yaml, fees.yaml, splits.yaml, posting_rules.yaml, machines.yaml, business_map.yaml,
/// channels.yaml, checks.yaml, settlements.yaml, templates.yaml and rules.yaml.
payment_catalog_result load_payment_catalog(const std::filesystem::path& folder, const ledger_directory& ledgers);

struct payment_catalog_options {
  std::string prefix;  ///< before the names of files in problems
  /// The version before it: its numbers must be kept (`check_succession`); nullptr: nothing is compared.
  const core::catalog::payment_catalog* before = nullptr;
};

/// The same from texts: `text_of(name)` gives the file with this name.
payment_catalog_result read_payment_catalog(const std::function<std::string(std::string_view)>& text_of,
                                            const ledger_directory& ledgers,
                                            const payment_catalog_options& options = {});

}  // namespace payloom::config
