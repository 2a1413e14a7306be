#include "config/print.hpp"

#include <fmt/format.h>

#include "config/key.hpp"
#include "config/loader.hpp"
#include "config/value_text.hpp"

namespace payloom::config {
namespace {

constexpr std::size_t column_max = 120;

// A comment in lines of at most 120 columns.
std::string comment(std::string_view indent, std::string_view text) {
  std::string out, line = fmt::format("{}#", indent);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > column_max) {
      out += line + "\n";
      line = fmt::format("{}#", indent);
    }
    line += fmt::format(" {}", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

std::string default_of(const key& k) { return write_value(k, default_settings()); }

std::string facts(const key& k) {
  return fmt::format("Default {}; {}.{}", default_of(k), bounds_text(k),
                     k.restart ? "" : " Read again without a restart.");
}

}  // namespace

std::string print_yaml(const settings& value) {
  std::string out =
      comment("",
              "Payloom server configuration. Sizes are written like 64MiB, durations like 250ms, counts like 4096 "
              "or 16M. Unknown keys are errors: try `payloom check-config --config FILE`. A change takes effect "
              "at the next start.");
  std::string_view section = "?";
  for (const key& k : keys()) {
    const bool top = section_of(k.path).empty();
    if (section_of(k.path) != section || top) {
      section = section_of(k.path);
      out += top ? "\n" : fmt::format("\n{}:\n", section);
    }
    const std::string_view indent = top ? "" : "  ";
    out += comment(indent, k.sentence) + comment(indent, facts(k));
    out += fmt::format("{}{}: {}\n", indent, name_of(k.path), write_value(k, value));
  }
  return out;
}

std::string print_key_table() {
  std::string out = "| Key | What it does | Unit | Default | Bounds | Restart |\n|---|---|---|---|---|---|\n";
  for (const key& k : keys()) {
    out += fmt::format("| `{}` | {} | {} | `{}` | {} | {} |\n", k.path, k.sentence, unit_text(k), default_of(k),
                       bounds_text(k), k.restart ? "yes" : "no");
  }
  return out;
}

std::string print_changed(const settings& value) {
  std::string out;
  for (const key& k : keys()) {
    const std::string text = write_value(k, value);
    if (text == default_of(k)) continue;
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", k.path, text);
  }
  return out.empty() ? "all defaults" : out;
}

}  // namespace payloom::config
