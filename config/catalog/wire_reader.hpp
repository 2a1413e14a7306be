#pragma once
// Reads the file of channels.wires: where this server's channels are (config/wire_settings.hpp says what the fields
// are). It belongs to the place, not to the catalogue, and uses the catalogue's strict readers.
#include <filesystem>
#include <vector>

#include "config/problem.hpp"
#include "config/wire_settings.hpp"

namespace payloom::config {

struct wires_result {
  wires_file value;
  std::vector<problem> problems;  ///< use `value` only without any
};

/// `name` stands in the problems.
wires_result read_wires(std::string_view text, std::string_view name);
/// A file that cannot be read is a problem like any other.
wires_result load_wires(const std::filesystem::path& path);

}  // namespace payloom::config
