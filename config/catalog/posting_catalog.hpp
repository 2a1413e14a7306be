#pragma once
// The part of the payment catalogue that says how money is booked: chart of accounts, fee plans, split plans and
// posting rules, read together and refused together. Immutable once loaded; a payment ends on the version that it began
// with.
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "actors/core/catalog/chart.hpp"
#include "actors/core/catalog/fee_plan.hpp"
#include "actors/core/catalog/posting_rules.hpp"
#include "actors/core/catalog/split_plan.hpp"
#include "config/ledger_directory.hpp"
#include "config/problem.hpp"

namespace payloom::config {

struct posting_catalog {
  std::uint32_t version = 0;
  core::catalog::chart accounts;
  core::catalog::fee_plans fees;
  core::catalog::split_plans splits;
  core::catalog::posting_rules rules;
};

struct posting_catalog_result {
  posting_catalog value;          ///< whole only when there are no problems
  std::vector<problem> problems;  ///< of all four files, file by file, each in its order
  bool ok() const { return problems.empty(); }
};

/// The four files, in the order in which they refer to each other.
inline constexpr std::array<std::string_view, 4> posting_files = {"chart.yaml", "fees.yaml", "splits.yaml",
                                                                  "posting_rules.yaml"};

/// The four texts, in the order of `posting_files`.
using posting_texts = std::array<std::string, 4>;

/// Reads the texts; problems name the files as in `posting_files`, with `prefix` before them.
posting_catalog_result read_posting_catalog(const posting_texts& texts, const ledger_directory& ledgers,
                                            const std::string& prefix = "");

/// Reads the files of a folder; problems name them with the folder in front.
posting_catalog_result load_posting_catalog(const std::filesystem::path& folder, const ledger_directory& ledgers);

}  // namespace payloom::config
