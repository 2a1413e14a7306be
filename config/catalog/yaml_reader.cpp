#include "config/catalog/yaml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/file_text.hpp"
#include "config/suggest.hpp"
#include "protocol/types/limits.hpp"

namespace payloom::config {
namespace {

source_place place_of_mark(const YAML::Mark& mark) {
  return mark.is_null() ? source_place{} : source_place{mark.line + 1, mark.column + 1};
}

}  // namespace

std::string words_in_a_row(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (const std::optional<std::string_view> meant = nearest(word, known)) {
    return fmt::format(" (did you mean {}?)", *meant);
  }
  return known.empty() ? ": there is none to choose from" : ": choose one of " + words_in_a_row(known);
}

yaml_reader::yaml_reader(std::string file) : file_(std::move(file)) {}

std::optional<YAML::Node> yaml_reader::parse(std::string_view text) {
  if (text.size() > file_bytes_max) {
    complain(source_place{}, "larger than 1 MiB: this is no catalogue file");
    return std::nullopt;
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      complain(documents[1], "a second document begins here: only one is allowed");
      return std::nullopt;
    }
    if (!documents.empty() && documents[0].IsDefined() && !documents[0].IsNull()) return documents[0];
    complain(source_place{}, "the file is empty: definitions are expected");
  } catch (const YAML::Exception& e) {
    complain(place_of_mark(e.mark), "not YAML: " + e.msg);
  }
  return std::nullopt;
}

std::optional<YAML::Node> yaml_reader::parse_file(const std::filesystem::path& path) {
  const std::optional<std::string> text = read_file_text(path);
  if (!text) {
    complain(source_place{}, "cannot be read: name a file that exists and may be read");
    return std::nullopt;
  }
  return parse(*text);
}

void yaml_reader::complain(const YAML::Node& at, std::string message) { complain(place_of(at), std::move(message)); }

void yaml_reader::complain(source_place at, std::string message) {
  problems_.push_back({file_, at.line, at.column, std::move(message)});
}

void yaml_reader::take(const core::catalog::problem_list& found) {
  const bool had_problems = !ok();
  for (const core::catalog::definition_problem& p : found.all()) {
    if (p.unknown == "" && had_problems) continue;  // no word was written where one is needed: said when it was read
    const std::vector<std::string_view> known(p.known.begin(), p.known.end());
    complain(p.at, p.message + (p.unknown ? suggestion(*p.unknown, known) : ""));
  }
}

std::vector<yaml_entry> yaml_reader::entries(const YAML::Node& map, std::string_view what, std::size_t max) {
  std::vector<yaml_entry> out;
  if (!map.IsMap()) {
    complain(map, fmt::format("{}: a map is expected, one `name: ...` per entry", what));
    return out;
  }
  if (map.size() > max) {
    complain(map, fmt::format("{}: {} entries are more than the {} allowed", what, map.size(), max));
    return out;
  }
  std::set<std::string> seen;
  for (const auto& pair : map) {
    std::optional<placed_name> key = name(pair.first, what);
    if (!key) continue;
    if (!seen.insert(key->text).second) {
      complain(key->at, fmt::format("{}: {} stands twice: remove one", what, key->text));
      continue;
    }
    out.push_back({std::move(*key), pair.second});
  }
  return out;
}

std::vector<YAML::Node> yaml_reader::items(const YAML::Node& list, std::string_view what, std::size_t max) {
  std::vector<YAML::Node> out;
  if (!list.IsSequence()) {
    complain(list, fmt::format("{}: a list is expected", what));
  } else if (list.size() > max) {
    complain(list, fmt::format("{}: {} entries are more than the {} allowed", what, list.size(), max));
  } else {
    for (const YAML::Node& item : list) out.push_back(item);
  }
  return out;
}

std::vector<placed_name> yaml_reader::names(const YAML::Node& list, std::string_view what, std::size_t max) {
  std::vector<placed_name> out;
  std::set<std::string> seen;
  for (const YAML::Node& item : items(list, what, max)) {
    std::optional<placed_name> word = name(item, what);
    if (!word) continue;
    if (!seen.insert(word->text).second) {
      complain(word->at, fmt::format("{}: {} stands twice: remove one", what, word->text));
      continue;
    }
    out.push_back(std::move(*word));
  }
  return out;
}

std::optional<placed_name> yaml_reader::name(const YAML::Node& node, std::string_view what) {
  if (node.IsScalar() && is_catalog_name(node.Scalar())) return placed_name{node.Scalar(), place_of(node)};
  const std::string shown = node.IsScalar() ? fmt::format("`{}` is no name: ", node.Scalar().substr(0, 64)) : "";
  complain(node, fmt::format("{}: {}a name is expected: a letter, then letters, digits or _, at most {} in all", what,
                             shown, limits::catalog_name_bytes_max));
  return std::nullopt;
}

std::optional<std::size_t> yaml_reader::word(const YAML::Node& node, std::string_view what,
                                             std::span<const std::string_view> words) {
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const auto at = std::ranges::find(words, std::string_view(text));
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  complain(node, node.IsScalar()
                     ? fmt::format("{}: `{}` is unknown{}", what, text.substr(0, 64), suggestion(text, words))
                     : fmt::format("{}: a single value is expected, one of {}", what, words_in_a_row(words)));
  return std::nullopt;
}

std::vector<problem> yaml_reader::problems() const {
  std::vector<problem> sorted = problems_;
  std::ranges::stable_sort(sorted, [](const problem& a, const problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return sorted;
}

source_place yaml_reader::place_of(const YAML::Node& node) { return place_of_mark(node.Mark()); }

}  // namespace payloom::config
