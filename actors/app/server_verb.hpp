#pragma once
// The verb `payloom server`.
#include <CLI/CLI.hpp>

namespace payloom::app {

/// Adds the subcommand; when it was chosen, `exit_code` has its result after parsing.
void add_server(CLI::App& app, int& exit_code);

}  // namespace payloom::app
