#pragma once
// What all client verbs share: the address options, connecting, exit codes.
#include <CLI/CLI.hpp>

#include <functional>
#include <string>

#include "protocol/client/blocking_connection.hpp"

namespace payloom::verbs {

/// Exit codes of every verb, for scripts.
inline constexpr int exit_ok = 0;              ///< done
inline constexpr int exit_refused = 1;         ///< the server refused (part of) it, or a check failed
inline constexpr int exit_usage = 2;           ///< the command line is wrong
inline constexpr int exit_cannot_connect = 3;  ///< no server there

struct common_options {
  std::string address = "127.0.0.1:7400";
  tenant_id tenant = 0;
  bool shadow = false;
  bool json = false;
  std::uint32_t timeout_ms = 10'000;
  std::string context, root;
};

/// Adds --address, --tenant, --shadow, --timeout-ms and --json, and the exit codes to the help.
void add_common(CLI::App& verb, common_options& options);
/// Adds --context, for verbs whose commands leave a trace.
void add_context(CLI::App& verb, common_options& options);
/// Adds --json alone, for verbs that need no server.
void add_json(CLI::App& verb, bool& json);

/// Connects. Throws usage_error (--context), client::connect_failure.
client::blocking_connection connect(const common_options& options);

/// Connects and asks for the server's ledgers, so that amounts of all of them are read and shown as people write them.
/// Throws client::connect_failure, client::connection_lost, refused_error.
client::blocking_connection connect_for_amounts(const common_options& options);

/// The command line says something impossible: printed, exit code 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The server refused a whole request: printed, exit code 1.
struct refused_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs a verb and turns what it throws into a line on stderr and an exit code.
int guarded(const std::string& name, const std::function<int()>& verb);

/// Sends one request and throws refused_error unless the reply's code is ok.
client::reply ask(client::blocking_connection& to, frame_type type, std::span<const std::byte> body,
                  std::uint32_t count, std::uint16_t flags = 0);
template <class T>
client::reply ask(client::blocking_connection& to, frame_type type, std::span<const T> records,
                  std::uint16_t flags = 0) {
  return ask(to, type, std::as_bytes(records), static_cast<std::uint32_t>(records.size()), flags);
}

}  // namespace payloom::verbs
