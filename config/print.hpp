#pragma once
// Shows settings: the effective configuration as a file, and the key table as a document.
#include <string>

#include "config/settings.hpp"

namespace payloom::config {

/// YAML that `load_text` reads back to the same settings; every key with its comment (sentence, bounds, default).
std::string print_yaml(const settings& value);

/// The table of OPERATIONS.md: one Markdown row per key.
std::string print_key_table();

/// One line for the log at start: the keys that differ from their defaults, "key=value, ...", or "all defaults".
std::string print_changed(const settings& value);

}  // namespace payloom::config
