#pragma once
// Where the client verbs meet the binary.
#include <CLI/CLI.hpp>

namespace payloom::verbs {

/// What the binary brings itself is left out.
struct register_options {
  bool verify = true;  ///< false: the binary has a `verify` of its own and calls run_verify_live for --address
};

/// Adds account, transfer, order, events, party, rules, stats, verify, ping, decode, version and import to `app`.
/// Parsing runs the chosen one and leaves its exit code in `exit_code`.
void add_client_verbs(CLI::App& app, int& exit_code, const register_options& options = {});

/// Parses the command line, which runs the chosen verb, and returns the process's exit code: the verb's own, 0 after
/// --help, 2 for a wrong command line (CLI11 by itself would say 105 and more).
int parse_and_run(CLI::App& app, int argc, const char* const* argv, int& exit_code);

}  // namespace payloom::verbs
