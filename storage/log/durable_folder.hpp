#pragma once
// A few small text files that belong together: written as one folder that is there whole or not at all, whatever
// happens meanwhile. For what is written rarely and read at start.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace payloom::storage {

struct small_file {
  std::string name;  ///< without a folder
  std::string text;
};

/// Such a file is not larger; a larger one is refused.
inline constexpr std::size_t small_file_bytes_max = 2u << 20;

/// Makes the folder `parent`/`name` with these files; the parent is made when it is missing. The folder must not exist;
/// what a crash left of an attempt is removed. Durable at the return. Throws storage_failure.
void write_folder(const std::string& parent, const std::string& name, std::span<const small_file> files);

/// Adds or replaces one file of an existing folder, durably, in one step. Throws storage_failure.
void write_small_file(const std::string& folder, const small_file& file);

/// Throws storage_failure when it cannot be read or is too large.
std::string read_small_file(const std::string& path);

/// SHA-256 over names and texts, in their order, as hexadecimal digits.
std::string hash_of(std::span<const small_file> files);

}  // namespace payloom::storage
