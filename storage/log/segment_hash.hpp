#pragma once
// The hash of a closed segment: SHA-256 over the whole file, chained to the segment before it. Against tampering; the
// groups' own checksums are against accidents.
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/log/file.hpp"

namespace payloom::storage {

using sha256_digest = std::array<std::uint8_t, 32>;

/// Content of a .sha file.
struct segment_hash {
  std::uint32_t number = 0;
  std::uint64_t file_bytes = 0;
  sha256_digest content{};   ///< of the file's bytes
  sha256_digest previous{};  ///< chain value of the segment before, zeros for the first

  /// Binds number, size, content and all segments before: what the next segment's `previous` is. Publishing it anywhere
  /// outside makes every later change of the journal up to here provable.
  sha256_digest chain() const;
};

/// The file's text, with the chain value as its last line.
std::string encode_segment_hash(const segment_hash& hash);
/// nullopt when `text` is not exactly what encode_segment_hash makes: every changed character is noticed.
std::optional<segment_hash> parse_segment_hash(std::string_view text);

std::string to_hex_digest(const sha256_digest& digest);

/// Throws storage_failure when libcrypto has no SHA-256.
sha256_digest hash_bytes(std::span<const std::byte> bytes);

/// Hashes a whole file in large reads through the page cache. Between them asks `stop`; true ends early with nullopt.
/// Throws storage_failure for read errors.
std::optional<sha256_digest> hash_file(const std::string& path, io_faults* faults, const std::function<bool()>& stop);

/// Reads a .sha file; nullopt when there is none. Throws journal_corrupt when it is damaged.
std::optional<segment_hash> read_segment_hash(const std::string& journal_path, std::uint32_t number, io_faults* faults);
/// Writes one durably (new file, synced, renamed); 0 or errno.
int write_segment_hash(const std::string& journal_path, const segment_hash& hash, io_faults* faults);

}  // namespace payloom::storage
