#pragma once
// The rules of a catalogue as JSON, and what those without effect would have done, added up over the order shards.
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "actors/core/catalog/payment_catalog.hpp"
#include "actors/core/rules/shadow_log.hpp"

namespace payloom::app {

/// All rules of a version, in the order of the file.
nlohmann::ordered_json rules_json(const core::catalog::payment_catalog& of);

/// One report; one thread.
class rules_report {
 public:
  /// A version whose watched rules are shown, also those that nobody was asked about.
  void add_rules(const core::catalog::payment_catalog& of);
  /// What one shard counted.
  void add_counts(const core::rules::shadow_log& counted);
  /// A row for each watched rule of each version, the newest version first; bounded.
  nlohmann::ordered_json diff() const;

 private:
  struct row {
    std::uint64_t evaluated = 0, matched = 0, otherwise = 0;
    u128 other_money = 0;
    std::map<ledger_id, u128> money;
    std::vector<u128> orders;
  };
  struct version {
    const core::catalog::payment_catalog* catalog;
    std::vector<row> rows;  ///< by place among the watched
  };
  static nlohmann::ordered_json row_json(const version& of, std::size_t watched);

  std::vector<version> versions_;
};

}  // namespace payloom::app
