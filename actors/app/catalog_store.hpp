#pragma once
// The versions of the payment catalogue that a data directory has accepted, as their source files: catalogs/<version>/,
// each with a file ACCEPTED (when, by whom, which files, their hash) and perhaps RETIRED. An order goes on with the
// version it began with for ever, so none is ever removed or changed. One thread at a time.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/types/ids.hpp"
#include "storage/log/durable_folder.hpp"

namespace payloom::app {

/// The source files of one version.
using catalog_files = std::vector<storage::small_file>;

/// Who did something to a version, and when.
struct catalog_signature {
  time_ns at = 0;
  std::string maker, checker, note;
};

struct stored_catalog {
  std::uint32_t version = 0;
  catalog_files files;
  std::string hash;  ///< of the files
  catalog_signature accepted;
  std::optional<catalog_signature> retired;
};

class catalog_store {
 public:
  /// `directory` is the data directory, which is locked already.
  explicit catalog_store(const std::string& directory) : folder_(directory + "/catalogs") {}

  /// Everything that was accepted, ascending by version. Throws storage_failure when something is damaged or missing.
  std::vector<stored_catalog> load() const;
  /// Durable at the return. Throws storage_failure; then nothing is accepted.
  void accept(const stored_catalog& next);
  void retire(std::uint32_t version, const catalog_signature& by);

 private:
  std::string folder_;
};

}  // namespace payloom::app
