#include "config/loader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/file_text.hpp"
#include "config/key.hpp"
#include "config/list_reader.hpp"
#include "config/suggest.hpp"
#include "config/value_text.hpp"
#include "protocol/types/assert.hpp"

namespace payloom::config {
namespace {

// One walk over a document. yaml-cpp lets duplicate keys, 010 and 0x10 pass, so nothing is converted by it: the walker
// looks at every node and reads scalars as text.
class walker {
 public:
  walker(std::string_view name, load_result& result) : name_(name), result_(result) {}

  void walk(const YAML::Node& root) {
    if (root.IsNull()) return;  // an empty file: all defaults
    if (!root.IsMap()) return complain(root, "a map of sections is expected");
    std::set<std::string> seen;
    for (const auto& pair : root) {
      const std::string name = key_text(pair.first, "", seen);
      if (name.empty()) continue;
      if (const key* k = find_key(name)) {
        read(*k, pair.first, pair.second);
      } else if (is_section(name)) {
        walk_section(name, pair.second);
      } else {
        unknown(pair.first, name, "");
      }
    }
    for (const contradiction& c : check_relations(result_.value)) {
      const auto at = marks_.find(std::string(c.path));
      add(at != marks_.end() ? at->second : YAML::Mark::null_mark(), fmt::format("{}: {}", c.path, c.message));
    }
  }

  void add(const YAML::Mark& mark, std::string message) {
    const bool placed = !mark.is_null();
    result_.problems.push_back(
        {std::string(name_), placed ? mark.line + 1 : 0, placed ? mark.column + 1 : 0, std::move(message)});
  }

 private:
  void complain(const YAML::Node& at, std::string message) { add(at.Mark(), std::move(message)); }

  static bool is_section(std::string_view name) {
    return std::ranges::any_of(keys(), [&](const key& k) { return section_of(k.path) == name; });
  }

  // The text of a map key, "" when it was complained about.
  std::string key_text(const YAML::Node& node, std::string_view section, std::set<std::string>& seen) {
    if (!node.IsScalar() || node.Scalar().empty()) {
      complain(node, "a key must be a word");
      return "";
    }
    std::string name = node.Scalar();
    if (!seen.insert(name).second) {
      complain(node, fmt::format("{}{}{}: duplicate key", section, section.empty() ? "" : ".", name));
      return "";
    }
    return name;
  }

  void walk_section(const std::string& section, const YAML::Node& node) {
    if (node.IsNull()) return;  // a section whose keys are all commented out
    if (!node.IsMap()) return complain(node, fmt::format("{}: keys of this section are expected", section));
    std::set<std::string> seen;
    for (const auto& pair : node) {
      const std::string name = key_text(pair.first, section, seen);
      if (name.empty()) continue;
      const std::string path = section + "." + name;
      if (const key* k = find_key(path)) {
        read(*k, pair.first, pair.second);
      } else {
        unknown(pair.first, path, section);
      }
    }
  }

  void read(const key& k, const YAML::Node& name, const YAML::Node& node) {
    marks_.emplace(std::string(k.path), name.Mark());
    const complaint complain_at = [this](const YAML::Node& at, std::string message) {
      complain(at, std::move(message));
    };
    const field place = k.locate(result_.value);
    if (auto* const* ledgers = std::get_if<std::vector<custom_ledger>*>(&place)) {
      return read_ledgers(k, node, **ledgers, complain_at);
    }
    if (auto* const* accounts = std::get_if<std::vector<account_id>*>(&place)) {
      return read_accounts(k, node, **accounts, complain_at);
    }
    if (node.IsNull()) return complain(name, fmt::format("{}: a value is missing", k.path));
    if (!node.IsScalar()) return complain(node, fmt::format("{}: a single value is expected", k.path));
    if (auto wrong = read_value(k, node.Scalar(), result_.value)) {
      complain(node, fmt::format("{}: {}", k.path, *wrong));
    }
  }

  // Names an unknown key, with the known one that was probably meant: first in its own section, then anywhere.
  void unknown(const YAML::Node& at, const std::string& path, std::string_view section) {
    std::vector<std::string_view> near, all;
    for (const key& k : keys()) {
      all.push_back(k.path);
      if (section_of(k.path) == section && !section.empty()) near.push_back(k.path);
      if (section.empty() && !section_of(k.path).empty()) all.push_back(section_of(k.path));
    }
    std::optional<std::string_view> meant = nearest(path, near);
    if (!meant) meant = nearest(path, all);
    for (auto k = keys().begin(); !meant && k != keys().end(); ++k) {
      if (name_of(k->path) == name_of(path)) meant = k->path;  // the right name in the wrong section
    }
    complain(at, meant ? fmt::format("{}: unknown key (did you mean {}?)", path, *meant)
                       : fmt::format("{}: unknown key", path));
  }

  std::string_view name_;
  load_result& result_;
  std::map<std::string, YAML::Mark> marks_;  // where each key that was read stands
};

void sort_by_place(std::vector<problem>& problems) {
  std::ranges::stable_sort(problems, [](const problem& a, const problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
}

}  // namespace

std::string to_string(const problem& p) {
  if (p.line == 0) return fmt::format("{}: {}", p.file, p.message);
  return fmt::format("{}:{}:{}: {}", p.file, p.line, p.column, p.message);
}

settings default_settings() {
  settings value{};
  for (const key& k : keys()) {
    if (k.default_text == "[]") continue;  // the lists start empty
    const std::optional<std::string> wrong = read_value(k, k.default_text, value);
    PAYLOOM_ASSERT(!wrong);
  }
  return value;
}

load_result load_text(std::string_view text, std::string_view name) {
  load_result result{default_settings(), {}};
  walker walk(name, result);
  if (text.size() > file_bytes_max) {
    walk.add(YAML::Mark::null_mark(), "larger than 1 MiB: this is no configuration file");
    return result;
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      walk.add(documents[1].Mark(), "a second document begins here; only one is allowed");
    } else if (documents.size() == 1) {
      walk.walk(documents[0]);
    }
  } catch (const YAML::Exception& e) {
    walk.add(e.mark, "not YAML: " + e.msg);
  }
  sort_by_place(result.problems);
  return result;
}

load_result load_file(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_file_text(file);
  if (!text) {
    load_result result{default_settings(), {}};
    result.problems.push_back({file.string(), 0, 0, "cannot be read"});
    return result;
  }
  return load_text(*text, file.string());
}

std::optional<std::string> set_key(settings& into, std::string_view path, std::string_view text) {
  const key* k = find_key(path);
  if (k != nullptr) {
    std::optional<std::string> wrong = read_value(*k, text, into);
    if (wrong) return fmt::format("{}: {}", path, *wrong);
    return std::nullopt;
  }
  std::vector<std::string_view> all;
  for (const key& known : keys()) all.push_back(known.path);
  const std::optional<std::string_view> meant = nearest(path, all);
  return meant ? fmt::format("{}: unknown key (did you mean {}?)", path, *meant) : fmt::format("{}: unknown key", path);
}

}  // namespace payloom::config
