#pragma once
// A whole file as text, bounded: what is larger is another file by mistake.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace payloom::config {

/// Configuration and catalogue files are not larger than this.
inline constexpr std::size_t file_bytes_max = 1u << 20;

/// The file's bytes, at most file_bytes_max + 1 of them: one more than allowed shows that it is too large. nullopt: it
/// cannot be read.
std::optional<std::string> read_file_text(const std::filesystem::path& file);

}  // namespace payloom::config
