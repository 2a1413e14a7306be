#include <fmt/format.h>

#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/frame.hpp"

namespace payloom::verbs {

void add_version(CLI::App& app, int& exit_code) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* verb = app.add_subcommand("version", "Shows version, protocol and compiler");
  add_json(*verb, *as_json);
  verb->footer("Exit codes: 0 done, 2 usage.");
  verb->callback([as_json, &exit_code] {
    const json out{{"version", PAYLOOM_VERSION}, {"protocol", protocol_version}, {"compiler", __VERSION__}};
    fmt::print("{}", *as_json ? out.dump() + "\n" : json_text(out));
    exit_code = exit_ok;
  });
}

}  // namespace payloom::verbs
