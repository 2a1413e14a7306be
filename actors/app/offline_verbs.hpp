#pragma once
// Verbs that work on files, without a server: init, journal inspect|verify|dump, index rebuild, check-config,
// print-config, and `verify` on a data directory.
#include <CLI/CLI.hpp>

namespace payloom::app {

/// Adds them; when one was chosen, `exit_code` has its result after parsing.
void add_offline_verbs(CLI::App& app, int& exit_code);

}  // namespace payloom::app
