#pragma once
// A YAML map with fixed keys, e.g. {code: 101, order: instant_sale}: the keys are checked once (unknown ones with a
// suggestion, duplicates, no map), then each is read by a strict reader that complains at its place. Every reader gives
// nullopt when the key is absent or wrong; `need` says that absence is a problem too. Used at load, by one thread.
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/catalog/yaml_reader.hpp"
#include "protocol/types/u128.hpp"

namespace payloom::config {

/// May a key be absent?
enum class presence : std::uint8_t { needed, optional };

class yaml_map {
 public:
  /// `what` begins every message ("machine instant_sale"). `reader` must outlive the map.
  yaml_map(yaml_reader& reader, const YAML::Node& node, std::string what, std::initializer_list<std::string_view> keys);

  bool has(std::string_view key) const { return find(key) != nullptr; }

  /// Where the value of `key` stands; the map's own place when it is absent.
  source_place place_of(std::string_view key) const;
  source_place place() const { return place_; }
  const std::string& what() const { return what_; }

  /// The node of `key`, e.g. for `yaml_reader::entries`.
  std::optional<YAML::Node> node(std::string_view key, presence need);

  /// A name (`is_catalog_name`).
  std::optional<placed_name> name(std::string_view key, presence need);

  /// A list of names, at most `max`, none twice; empty when absent.
  std::vector<placed_name> names(std::string_view key, presence need, std::size_t max);

  /// One of `words`, as its index.
  std::optional<std::size_t> word(std::string_view key, presence need, std::span<const std::string_view> words);

  /// A decimal count within min .. max (inclusive).
  std::optional<std::uint64_t> count(std::string_view key, presence need, std::uint64_t min, std::uint64_t max);

  /// An amount in minor units: digits only, within min .. max (inclusive).
  std::optional<u128> amount(std::string_view key, presence need, u128 min, u128 max);

  /// true or false.
  std::optional<bool> flag(std::string_view key, presence need);

  /// A duration with its unit (s, min, h, d), at least one second, at most `max`.
  std::optional<std::chrono::seconds> duration(std::string_view key, presence need, std::chrono::seconds max);

  /// A time in UTC ("2026-12-01T00:00:00Z") or the beginning of a day ("2026-12-01"), in nanoseconds since 1970.
  std::optional<std::uint64_t> time(std::string_view key, presence need);

  /// Any text of one line, 1 .. `max` bytes.
  std::optional<std::string> text(std::string_view key, presence need, std::size_t max);

  /// Complains about `key` with its name in front.
  void complain(std::string_view key, std::string message);

 private:
  const YAML::Node* find(std::string_view key) const;
  // The text of a scalar; nullopt when it is absent (a problem when needed) or no scalar (always one).
  std::optional<std::string> scalar(std::string_view key, presence need);

  struct field {
    std::string key;
    YAML::Node value;
  };

  yaml_reader& reader_;
  std::string what_;
  source_place place_;
  std::vector<field> fields_;
  bool is_map_ = false;  // when false, that was said once: missing keys are not told as well
};

/// "30min" and the like in seconds; nullopt when it was stored, otherwise what is wrong.
std::optional<std::string> read_duration(std::string_view text, std::chrono::seconds max, std::chrono::seconds& out);

/// "2026-12-01" or "2026-12-01T00:00:00Z" as nanoseconds since 1970; nullopt when it is neither.
std::optional<std::uint64_t> read_utc(std::string_view text);

}  // namespace payloom::config
