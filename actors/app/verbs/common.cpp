#include "actors/app/verbs/common.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "actors/app/verbs/text.hpp"
#include "protocol/types/records.hpp"
#include "protocol/wire/frame_types.hpp"

namespace payloom::verbs {

void add_json(CLI::App& verb, bool& json) { verb.add_flag("--json", json, "JSON on stdout instead of a table"); }

void add_common(CLI::App& verb, common_options& options) {
  verb.add_option("--address", options.address, "HOST:PORT of the server")->capture_default_str();
  verb.add_option("--tenant", options.tenant, "Tenant whose ids are meant")->capture_default_str();
  verb.add_flag("--shadow", options.shadow, "The address serves the shadow partition");
  verb.add_option("--timeout-ms", options.timeout_ms, "Milliseconds to connect and for each reply")
      ->check(CLI::Range(1, 86'400'000))
      ->capture_default_str();
  add_json(verb, options.json);
  verb.footer("Exit codes: 0 done, 1 refused or failed, 2 usage, 3 cannot connect.");
}

void add_context(CLI::App& verb, common_options& options) {
  verb.add_option("--context", options.context, "The caller's trace id, decimal or 0x; it travels into the journal");
  verb.add_option("--root", options.root, "The root business that it is about, decimal or 0x; travels along");
}

client::blocking_connection connect(const common_options& options) {
  client::connect_options where;
  where.address = options.address;
  where.client_name = "payloom cli";
  where.tenant = options.tenant;
  where.shadow = options.shadow;
  where.timeout_ms = options.timeout_ms;
  if (!options.context.empty()) where.context_id = parse_id_text("--context", options.context);
  if (!options.root.empty()) where.root_id = parse_id_text("--root", options.root);
  return client::blocking_connection(where);
}

int guarded(const std::string& name, const std::function<int()>& verb) {
  const auto say = [&](const std::exception& e, int code) {
    fmt::print(stderr, "payloom {}: {}\n", name, e.what());
    return code;
  };
  try {
    return verb();
  } catch (const usage_error& e) {
    return say(e, exit_usage);
  } catch (const client::connect_failure& e) {
    return say(e, exit_cannot_connect);
  } catch (const client::connection_lost& e) {
    fmt::print(stderr, "payloom {}: {}; what was sent is unknown, and safe to repeat with the same ids\n", name,
               e.what());
    return exit_refused;
  } catch (const std::exception& e) {
    return say(e, exit_refused);
  }
}

client::reply ask(client::blocking_connection& to, frame_type type, std::span<const std::byte> body,
                  std::uint32_t count, std::uint16_t flags) {
  client::reply answer = to.call(type, body, count, flags);
  if (answer.code() != result_code::ok) {
    const result_code_info& info = describe(answer.code());
    throw refused_error(fmt::format("{}{}{}", info.name, info.meaning.empty() ? "" : ": ", info.meaning));
  }
  const wire::frame_type_info* kind = wire::find_frame_type(static_cast<std::uint16_t>(type));
  const bool command = kind != nullptr && kind->family == wire::frame_family::command;
  if (command && answer.body.size() < std::size_t{count} * sizeof(result_record)) {
    throw refused_error("the reply has too few results");
  }
  return answer;
}

}  // namespace payloom::verbs
