#pragma once
// Settings from a file and the command line, the same for every verb that takes a configuration.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace payloom::app {

struct settings_arguments {
  std::string config_file, listen, directory;
  std::vector<std::string> set;
};

/// Adds --config, --listen, --data and --set to a verb.
std::shared_ptr<settings_arguments> add_settings_options(CLI::App& verb);

/// Settings from file and command line; every problem in words.
std::vector<std::string> find_problems(const settings_arguments& a, config::settings& out);
/// One line each, on stderr.
void print_problems(const std::vector<std::string>& problems);
/// Settings from file and command line; prints every problem to stderr and returns false when there is one.
bool read_settings(const settings_arguments& a, config::settings& out);

}  // namespace payloom::app
