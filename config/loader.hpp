#pragma once
// Reads a configuration file into settings. Every mistake is found in one go; nothing is guessed: unknown and duplicate
// keys, octal and hexadecimal traps, missing or wrong units, values out of bounds and contradictions are all errors.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "config/settings.hpp"

namespace payloom::config {

/// What was read: use `value` only when `ok()`. Problems stand in the order of the file.
struct load_result {
  settings value;
  std::vector<problem> problems;
  bool ok() const { return problems.empty(); }
};

/// The settings when nothing is configured: every key at the default of the table.
settings default_settings();

/// Reads YAML text; `name` stands in the problems. Keys that are not mentioned keep their defaults.
load_result load_text(std::string_view text, std::string_view name);

/// Reads a file of at most 1 MiB; a file that cannot be read is a problem like any other.
load_result load_file(const std::filesystem::path& file);

/// Sets one key from the command line ("topology.order_shards", "4"). nullopt when it was set, else what is wrong.
/// Call `check_relations` after the last one. The two lists (ledgers, hot_accounts) cannot be set this way.
std::optional<std::string> set_key(settings& into, std::string_view path, std::string_view text);

/// A contradiction between keys: `path` is the key to blame.
struct contradiction {
  std::string_view path;
  std::string message;
};

/// Everything that is wrong although each key by itself is right. Empty: the settings can be used.
std::vector<contradiction> check_relations(const settings& value);

}  // namespace payloom::config
