#pragma once
// The verb `payloom channel-sim`: the other end of a channel's wire, for trying things out and for tests.
#include <CLI/CLI.hpp>

namespace payloom::app {

/// Adds the subcommand; when it was chosen, `exit_code` has its result after parsing.
void add_channel_sim(CLI::App& app, int& exit_code);

}  // namespace payloom::app
