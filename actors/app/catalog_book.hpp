#pragma once
// Which versions of the payment catalogue there are: those that the data directory accepted, and how the next one
// joins them. A version is taken whole or not at all, is durable before anybody uses it, and never becomes another:
// after a crash the same ones are there (domain PC-4, PC-5). One thread at a time.
#include <memory>
#include <string>
#include <vector>

#include "actors/app/catalog_store.hpp"
#include "actors/core/catalog/catalog_registry.hpp"
#include "config/ledger_directory.hpp"

namespace payloom::app {

/// What became of a request. Nothing was changed when there are problems.
struct catalog_outcome {
  std::vector<std::string> problems;  ///< everything that is wrong, each with its place where it has one
  std::uint32_t version = 0;          ///< that it was about, 0: none could be told
  bool known = false;                 ///< it was so before
  bool accepted() const { return problems.empty(); }
};

class catalog_book {
 public:
  /// `source` is the folder with the operator's files, "": the shipped ones. Reads what `data_directory` accepted, then
  /// takes what is in the source. Throws std::runtime_error with every problem, one per line.
  catalog_book(std::string source, const config::ledger_directory& ledgers, const std::string& data_directory,
               time_ns now);

  /// Takes what is in the source now. `by` is recorded; what is empty there comes from the catalogue's header.
  /// `expected` != 0: that version or none. `only_check`: says what would become of it.
  catalog_outcome reload(const catalog_signature& by, std::uint32_t expected = 0, bool only_check = false);

  /// No order begins with `version` any more.
  catalog_outcome retire(std::uint32_t version, const catalog_signature& by);

  const std::shared_ptr<const core::catalog::catalog_registry>& registry() const { return registry_; }
  /// In the registry's order.
  const std::vector<stored_catalog>& stored() const { return stored_; }

 private:
  void restore();
  catalog_files read_source(std::vector<std::string>& problems) const;
  /// Why a catalogue that is right in itself cannot follow the others.
  void check_version(std::uint32_t version, std::vector<std::string>& problems) const;
  static void check_expected(std::uint32_t version, std::uint32_t expected, std::vector<std::string>& problems);
  void store(stored_catalog next, catalog_outcome& out);

  const std::string source_;
  const config::ledger_directory& ledgers_;
  catalog_store store_;
  const std::string stored_in_;
  std::vector<stored_catalog> stored_;
  std::shared_ptr<const core::catalog::catalog_registry> registry_;
};

}  // namespace payloom::app
