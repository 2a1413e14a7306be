#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "actors/app/verbs/table.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/wire/explain.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  std::vector<std::string> words;
  bool as_json = false;
};

int run_decode(const arguments& a) {
  std::string hex;
  if (a.words.empty() || (a.words.size() == 1 && a.words[0] == "-")) {
    hex.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    for (const std::string& word : a.words) hex += word + " ";
  }
  const bool sound = wire::is_sound_hex(hex);
  const std::string text = wire::explain_hex(hex);
  fmt::print("{}", a.as_json ? json{{"sound", sound}, {"text", text}}.dump() + "\n" : text);
  return sound ? exit_ok : exit_refused;
}

}  // namespace

void add_decode(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = app.add_subcommand("decode", "Explains frames given in hexadecimal (or on stdin)");
  verb->add_option("HEX", a->words, "Digits; blanks between them are fine; `-` reads stdin");
  add_json(*verb, a->as_json);
  verb->footer("Exit codes: 0 only whole, sound frames, 1 something is wrong, 2 usage.");
  verb->callback([a, &exit_code] { exit_code = guarded("decode", [&] { return run_decode(*a); }); });
}

}  // namespace payloom::verbs
