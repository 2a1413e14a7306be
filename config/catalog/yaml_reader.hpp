#pragma once
// Reads one YAML file of the payment catalogue: gives nodes, and collects everything that is wrong with its place, so
// that all mistakes of a file are shown at once. Nothing is converted by yaml-cpp (it lets duplicate keys, 010 and 0x10
// pass): scalars are text until a strict reader of ours took them. Used at load only, by one thread.
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/catalog/definition.hpp"
#include "config/problem.hpp"

namespace payloom::config {

using core::catalog::is_catalog_name;
using core::catalog::placed_name;
using core::catalog::source_place;

/// One entry of a map whose keys are free names: {key: node}.
struct yaml_entry {
  placed_name key;
  YAML::Node value;
};

class yaml_reader {
 public:
  /// `file` is the name that problems show.
  explicit yaml_reader(std::string file);

  /// The root of the one document in `text`; nullopt, with a problem, when it is no YAML, is larger than 1 MiB, is
  /// empty, or holds a second document.
  std::optional<YAML::Node> parse(std::string_view text);

  /// The same for the file at `path`; one that cannot be read is a problem like any other.
  std::optional<YAML::Node> parse_file(const std::filesystem::path& path);

  /// Notes what is wrong, as a sentence that says what to do, at a node or at a place.
  void complain(const YAML::Node& at, std::string message);
  void complain(source_place at, std::string message);

  /// Takes over what a pure check of the catalogue found; its places are those of this file. Unknown words get the
  /// one that was probably meant.
  void take(const core::catalog::problem_list& found);

  /// The entries of a map with free names as keys, in the order of the file; complains about no map, more than `max`
  /// entries, keys that are no names and keys that stand twice (those entries are left out). `what` begins the
  /// messages.
  std::vector<yaml_entry> entries(const YAML::Node& map, std::string_view what, std::size_t max);

  /// The items of a list; complains about no list and about more than `max` items (then there are none).
  std::vector<YAML::Node> items(const YAML::Node& list, std::string_view what, std::size_t max);

  /// The names of a list, e.g. [balance, coupon]; complains like `items`, and about names that stand twice.
  std::vector<placed_name> names(const YAML::Node& list, std::string_view what, std::size_t max);

  /// A scalar that is a name (`is_catalog_name`), nullopt with a problem otherwise.
  std::optional<placed_name> name(const YAML::Node& node, std::string_view what);

  /// A scalar that is one of `words`, as its index; nullopt with a problem otherwise.
  std::optional<std::size_t> word(const YAML::Node& node, std::string_view what,
                                  std::span<const std::string_view> words);

  bool ok() const { return problems_.empty(); }

  /// Everything that was found, in the order of the file.
  std::vector<problem> problems() const;

  /// Where a node stands; {0, 0} when yaml-cpp does not know.
  static source_place place_of(const YAML::Node& node);

 private:
  std::string file_;
  std::vector<problem> problems_;
};

/// "a, b, c".
std::string words_in_a_row(std::span<const std::string_view> words);

/// " (did you mean PAID?)", or ": choose one of ..." when no known word is near.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

}  // namespace payloom::config
