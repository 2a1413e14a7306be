#pragma once
// Reads a scenario file: strictly, every key checked, all problems at once with their places.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/app/bench/scenario/scenario.hpp"
#include "config/problem.hpp"

namespace payloom::bench {

struct read_scenario {
  std::optional<scenario> value;  ///< only without problems
  std::vector<config::problem> problems;
};

/// `file` is the name that problems show.
read_scenario read_scenario_text(const std::string& file, std::string_view text);
/// A file that cannot be read is a problem like any other.
read_scenario read_scenario_file(const std::filesystem::path& path);

}  // namespace payloom::bench
