#pragma once
// What the embedded journal throws. All are storage_failure, so that the process stops; the types say what to tell.
#include <cstdint>
#include <string>

#include "storage/ports.hpp"

namespace payloom::storage {

/// The data directory cannot be used: locked by another server, of a newer format, of another cluster, not initialised,
/// or damaged in its own small files.
struct directory_refused : storage_failure {
  using storage_failure::storage_failure;
};

/// Bytes that were durable are not what was written. Names the place; nothing was changed.
struct journal_corrupt : storage_failure {
  journal_corrupt(std::string file_path, std::uint64_t offset_bytes, const std::string& what)
      : storage_failure("journal is damaged: " + file_path + ", offset " + std::to_string(offset_bytes) + ": " + what),
        file(std::move(file_path)),
        offset(offset_bytes) {}
  std::string file;
  std::uint64_t offset;
};

}  // namespace payloom::storage
