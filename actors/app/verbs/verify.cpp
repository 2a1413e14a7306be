#include <fmt/format.h>

#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {

int run_verify_live(const common_options& common) {
  return guarded("verify", [&] {
    auto server = connect(common);
    const client::reply answer = ask(server, frame_type::verify, {}, 0);
    const json report = json::parse(answer.text(), nullptr, false);
    if (report.is_discarded()) throw refused_error("the server's report is no JSON");
    fmt::print("{}", common.json ? report.dump() + "\n" : json_text(report));
    return verify_passed(report) ? exit_ok : exit_refused;
  });
}

bool verify_passed(const nlohmann::ordered_json& report) {
  // A report passes when it says so itself: a missing word is no praise.
  for (const char* word : {"passed", "ok"}) {
    if (report.is_object() && report.contains(word)) return report[word].is_boolean() && report[word].get<bool>();
  }
  return false;
}

void add_verify(CLI::App& app, int& exit_code) {
  auto common = std::make_shared<common_options>();
  common->timeout_ms = 600'000;
  CLI::App* verb = app.add_subcommand("verify", "Checks a live server's books at one commit sequence");
  add_common(*verb, *common);
  verb->callback([common, &exit_code] { exit_code = run_verify_live(*common); });
}

}  // namespace payloom::verbs
