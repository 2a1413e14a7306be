#include "actors/app/settings_options.hpp"

#include <cstdio>

#include "config/loader.hpp"

namespace payloom::app {

std::shared_ptr<settings_arguments> add_settings_options(CLI::App& verb) {
  auto a = std::make_shared<settings_arguments>();
  verb.add_option("--config", a->config_file, "Configuration file (YAML)");
  verb.add_option("--listen", a->listen, "HOST:PORT to listen on (overrides server.listen)");
  verb.add_option("--data", a->directory, "Data directory (overrides storage.directory)");
  verb.add_option("--set", a->set, "KEY=VALUE: any configuration key");
  return a;
}

std::vector<std::string> find_problems(const settings_arguments& a, config::settings& out) {
  std::vector<std::string> problems;
  if (a.config_file.empty()) {
    out = config::default_settings();
  } else {
    config::load_result r = config::load_file(a.config_file);
    for (const auto& p : r.problems) problems.push_back(to_string(p));
    out = r.value;
  }
  const auto set = [&](const std::string& key, const std::string& value) {
    if (const auto wrong = config::set_key(out, key, value)) problems.push_back("command line: " + *wrong);
  };
  if (!a.listen.empty()) set("server.listen", a.listen);
  if (!a.directory.empty()) set("storage.directory", a.directory);
  for (const std::string& s : a.set) {
    const auto eq = s.find('=');
    if (eq == std::string::npos) {
      problems.push_back("command line: --set wants KEY=VALUE, got " + s);
    } else {
      set(s.substr(0, eq), s.substr(eq + 1));
    }
  }
  if (problems.empty())
    for (const auto& c : config::check_relations(out)) problems.push_back(std::string(c.path) + ": " + c.message);
  return problems;
}

void print_problems(const std::vector<std::string>& problems) {
  for (const std::string& p : problems) std::fprintf(stderr, "%s\n", p.c_str());
}

bool read_settings(const settings_arguments& a, config::settings& out) {
  const std::vector<std::string> problems = find_problems(a, out);
  print_problems(problems);
  return problems.empty();
}

}  // namespace payloom::app
